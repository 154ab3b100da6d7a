"""Orders the venue acknowledged, which must soon show on the user data stream."""

import asyncio
from collections import OrderedDict

from engine.domain.events import AccountEvent, OrderChanged, OrderFilled
from engine.ports import Clock

_REMEMBERED = 1024


class Expectations:
    """Tells when the user stream is deaf although its socket is open (design/product.md §1.2).

    Args:
        clock: wall time is used.
        within_s: how soon after its acknowledgement an order must be heard of.
    """

    def __init__(self, clock: Clock, within_s: float) -> None:
        self._clock = clock
        self._within_s = within_s
        self._due: OrderedDict[str, float] = OrderedDict()
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._waiting = asyncio.Event()

    def expect(self, client_id: str) -> None:
        """Expect an event about this order, unless one came before the acknowledgement."""
        if client_id not in self._heard:
            self._due[client_id] = self._clock.monotonic() + self._within_s
            self._waiting.set()

    def hear(self, event: AccountEvent) -> None:
        """Note which order an event is about."""
        match event:
            case OrderChanged(order=order):
                client_id = order.client_id
            case OrderFilled(fill=fill):
                client_id = fill.client_id
            case _:
                return
        self._due.pop(client_id, None)
        self._heard[client_id] = None
        if len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)

    def forget(self) -> None:
        """Drop what is expected; the stream is being replaced and a snapshot will tell."""
        self._due.clear()

    async def missed(self) -> str:
        """Return the first order whose time ran out; waits as long as there is none."""
        while True:
            if not self._due:
                self._waiting.clear()
                await self._waiting.wait()
            client_id, due = next(iter(self._due.items()))
            left_s = due - self._clock.monotonic()
            if left_s <= 0:
                return client_id
            await asyncio.sleep(left_s)
