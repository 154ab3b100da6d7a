"""How every command reaches the engine, directly or after a question."""

from collections.abc import Hashable
from dataclasses import replace

from bot import keyboards
from bot.callbacks import Confirmation, StaleButton
from bot.context import Answer, Call, Front
from bot.desk import StillWorking
from bot.engine_texts import said
from bot.formats import esc
from bot.language import N_, _
from engine.domain.commands import (
    AllowNegativeEdge,
    ChangeModel,
    CloseAll,
    ClosePosition,
    Command,
    Panic,
    SetMode,
    SetRisk,
)
from engine.domain.snapshot import Snapshot

DONE = "✅"
STILL_WORKING = N_("⏳ The engine has not answered yet; it may still do it. /status shows what is.")


async def obey(front: Front, call: Call, command: Command) -> Answer:
    """Give a command to the engine and answer with its receipt."""
    front.answered.add(command.command_id)
    try:
        receipt = await front.desk.submit(command)
    except StillWorking:
        front.answered.discard(command.command_id)
        return Answer(text=_(STILL_WORKING))
    mark = DONE if receipt.accepted else "❌"
    return Answer(text=f"{mark} {esc(said(receipt.detail))}")


def ask(
    front: Front, call: Call, question: str, command: Command, *, label: str, step: str = ""
) -> Answer:
    """Ask before a command that costs money or cannot be taken back."""
    shown = shown_state(command, front.desk.snapshot())
    token = front.nonces.issue(call.user_id, Confirmation(command, shown, step))
    return Answer(text=question, keyboard=keyboards.confirm(token, label))


async def confirmed(front: Front, call: Call, confirmation: Confirmation) -> Answer:
    """Carry out what was asked, unless the world has changed since.

    Raises:
        StaleButton: the state is not the one the person was shown.
    """
    command = confirmation.command
    if shown_state(command, front.desk.snapshot()) != confirmation.shown:
        raise StaleButton(_("Not done: things have changed since I asked. Ask again."))
    return await obey(front, call, replace(command, command_id=call.command_id))


def shown_state(command: Command, snapshot: Snapshot) -> Hashable:
    """Return the part of the state that a question about `command` was answered for."""
    match command:
        case ClosePosition(symbol=symbol):
            return tuple((p.book, p.qty) for p in snapshot.positions if p.symbol == symbol)
        case CloseAll() | Panic():
            return frozenset((p.book, p.symbol, p.qty) for p in snapshot.positions)
        case SetMode() | AllowNegativeEdge() | ChangeModel():
            return (snapshot.mode, snapshot.paused, snapshot.scorer, snapshot.allow_negative_edge)
        case SetRisk():
            return snapshot.risk_pct
        case _:
            return None
