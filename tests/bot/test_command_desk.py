import asyncio

import pytest

from bot.command_desk import PATIENCE_S, CommandDesk
from bot.desk import StillWorking
from engine.domain.commands import Pause, Receipt
from engine.domain.events import CommandGiven
from engine.runtime.mailbox import Mailbox
from tests.virtual_loop import run_virtual

COMMAND = Pause(command_id="7", requested_by="owner")
RECEIPT = Receipt(command_id="7", accepted=True, detail="paused")


def test_desk_when_the_engine_answers_hands_the_receipt_to_its_caller():
    async def story():
        mailbox = Mailbox()
        desk = CommandDesk(mailbox)
        waiting = asyncio.get_running_loop().create_task(desk.submit(COMMAND))
        (given,) = await mailbox.drain()
        desk.acknowledge(Receipt(command_id="other", accepted=False, detail=""))
        desk.acknowledge(RECEIPT)
        return given, await waiting

    assert run_virtual(story()) == (CommandGiven(COMMAND), RECEIPT)


def test_desk_when_the_engine_is_slow_says_still_working_not_failed():
    async def story():
        loop = asyncio.get_running_loop()
        desk = CommandDesk(Mailbox())
        started = loop.time()
        with pytest.raises(StillWorking, match="may still act"):
            await desk.submit(COMMAND)
        desk.acknowledge(RECEIPT)  # late: nobody waits any more
        return loop.time() - started

    assert run_virtual(story()) == PATIENCE_S


def test_desk_when_told_to_wait_longer_does():
    async def story():
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(StillWorking):
            await CommandDesk(Mailbox()).receipt("7", lambda: None, patience_s=9.0)
        return loop.time() - started

    assert run_virtual(story()) == 9.0
