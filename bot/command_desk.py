"""Commands on their way into the engine and receipts on their way back."""

import asyncio
from collections.abc import Callable

from bot.desk import StillWorking
from engine.domain.commands import Command, Receipt
from engine.domain.events import CommandGiven
from engine.runtime.mailbox import Mailbox

PATIENCE_S = 5.0


class CommandDesk:
    """Puts commands into the mailbox and gives each caller the receipt of its command."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._waiting: dict[str, asyncio.Future[Receipt]] = {}

    async def submit(self, command: Command) -> Receipt:
        """Give a command to the engine and wait for its receipt.

        Raises:
            StillWorking: no receipt within 5 s of wall time.
        """
        return await self.receipt(
            command.command_id, lambda: self._mailbox.put(CommandGiven(command))
        )

    async def receipt(
        self, command_id: str, act: Callable[[], None], patience_s: float = PATIENCE_S
    ) -> Receipt:
        """Reach the engine by `act` and wait for the receipt of that command.

        Raises:
            StillWorking: no receipt within `patience_s` of wall time.
        """
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting[command_id] = future
        act()
        try:
            async with asyncio.timeout(patience_s):
                return await future
        except TimeoutError:
            raise StillWorking("the engine has not answered yet; it may still act") from None
        finally:
            self._waiting.pop(command_id, None)

    def acknowledge(self, receipt: Receipt) -> None:
        """Hand a receipt to whoever waits for it; nobody may."""
        future = self._waiting.get(receipt.command_id)
        if future is not None and not future.done():
            future.set_result(receipt)
