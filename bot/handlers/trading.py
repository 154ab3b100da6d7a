"""Commands that stop, resume and close."""

from dataclasses import replace
from decimal import Decimal

from bot import keyboards
from bot.context import Answer, Call, Front, Keyboard
from bot.formats import esc, gain, in_r, plain, qty, side
from bot.handlers.looking import live_status
from bot.handlers.obey import DONE, ask, obey
from bot.language import N_, _, ngettext
from bot.parsing import BadInput, no_more, read_share, read_symbol
from engine.domain.commands import (
    BreakEven,
    CloseAll,
    ClosePosition,
    Panic,
    Pause,
    Resume,
    TakeSignal,
)
from engine.domain.snapshot import PositionView

_DASHES = 4
LATE_PANIC = N_("that /panic is older than 60 s, so I ask before closing positions")


async def pause(call: Call, front: Front) -> Answer:
    """No new entries. Obeyed however old the message is: pausing is always safe."""
    reason = " ".join(call.args)[:80] or "operator"
    command = Pause(command_id=call.command_id, requested_by=call.user, reason=reason)
    return _on_the_cockpit(await obey(front, call, command), call, front)


async def resume(call: Call, front: Front) -> Answer:
    """Allow new entries again."""
    no_more(call.args, 0, "/resume")
    command = Resume(command_id=call.command_id, requested_by=call.user)
    return _on_the_cockpit(await obey(front, call, command), call, front)


def _on_the_cockpit(receipt: Answer, call: Call, front: Front) -> Answer:
    """A button of the live status keeps the status; what came of it is a toast."""
    if not call.pressed:
        return receipt
    return replace(live_status(call, front), toast=plain(receipt.text))


async def close(call: Call, front: Front) -> Answer:
    """Ask, then close a position or a share of it at market."""
    if not call.args:
        return _which(front)
    no_more(call.args, 2, "/close BTC 50")
    held = {p.symbol: p for p in front.desk.snapshot().positions}
    position = _held(call.args[0], held, front)
    share = read_share(call.args[1]) if len(call.args) > 1 else 100
    command = ClosePosition(
        command_id=call.command_id,
        requested_by=call.user,
        symbol=position.symbol,
        share_pct=share,
    )
    label = _("Close {share} %", share=share)
    return replace(
        ask(front, call, _close_question(position, share), command, label=label), replace=False
    )


def _which(front: Front) -> Answer:
    """Offer what is open: on a phone a button is easier than a name."""
    open_positions = front.desk.snapshot().positions
    if not open_positions:
        return Answer(text=_("No open positions."))
    text = _("Which one? e.g. {example}", example=_("/close BTC or /close BTC 50"))
    return Answer(text=text, keyboard=keyboards.closing(open_positions))


def _close_question(position: PositionView, share: int) -> str:
    asked = (
        _("Close <b>{symbol}</b> {side} at market?", **_named(position))
        if share == 100
        else _(
            "Close {share} % of <b>{symbol}</b> {side} at market?", share=share, **_named(position)
        )
    )
    state = _(
        "{book}: {qty}, now {gain} USDT ({result})",
        book=position.book,
        qty=qty(abs(position.qty)),
        gain=gain(position.unrealised),
        result=in_r(position.r_now, 2),
    )
    return f"{asked}\n{state}"


def _named(position: PositionView) -> dict[str, str]:
    return {"symbol": esc(position.symbol), "side": side(position.direction)}


async def close_all(call: Call, front: Front) -> Answer:
    """Ask, then close every position at market."""
    no_more(call.args, 0, "/closeall")
    open_positions = front.desk.snapshot().positions
    if not open_positions:
        return Answer(text=_("No open positions."))
    total = sum((p.unrealised for p in open_positions), Decimal(0))
    names = ", ".join(p.symbol for p in open_positions[:12])
    question = ngettext(
        "Close <b>{count} position</b> at market, now {gain} USDT?\n{names}",
        "Close <b>{count} positions</b> at market, now {gain} USDT?\n{names}",
        len(open_positions),
        gain=gain(total),
        names=esc(names),
    )
    command = CloseAll(command_id=call.command_id, requested_by=call.user)
    return ask(front, call, question, command, label=_("Close all"))


async def panic(call: Call, front: Front) -> Answer:
    """Pause, cancel entries, flatten, switch to signals; at once, unless the message is old."""
    command = Panic(command_id=call.command_id, requested_by=call.user)
    if not call.late:
        return await obey(front, call, command)
    paused = await pause(_without_args(call), front)
    question = _("Panic: {reason}. Close everything now?", reason=_(LATE_PANIC))
    label = _("Close everything")
    return ask(front, call, f"{paused.text}\n{question}", command, label=label)


async def break_even(call: Call, front: Front) -> Answer:
    """Move the stop of a position to its entry price."""
    if not call.args:
        raise BadInput(_("Which one? e.g. {example}", example="/breakeven BTC"))
    no_more(call.args, 1, "/breakeven BTC")
    held = {p.symbol: p for p in front.desk.snapshot().positions}
    symbol = _held(call.args[0], held, front).symbol
    command = BreakEven(command_id=call.command_id, requested_by=call.user, symbol=symbol)
    return replace(await obey(front, call, command), replace=False)


async def take(call: Call, front: Front) -> Answer:
    """Enter a signal that waits for it; the gate judges it again at the price of now."""
    setup_id = _setup_id(call, "/take")
    command = TakeSignal(command_id=call.command_id, requested_by=call.user, setup_id=setup_id)
    receipt = await obey(front, call, command)
    # A refused one may still be taken while its time lasts.
    taken = receipt.text.startswith(DONE)
    return replace(receipt, replace=False, buttons=_answered(call, setup_id) if taken else None)


async def skip(call: Call, front: Front) -> Answer:
    """Leave a signal; nothing is entered without a Take, so only the buttons go."""
    setup_id = _setup_id(call, "/skip")
    said = _("Skipped: it is not traded without your Take.")
    if call.pressed:
        return Answer(toast=said, buttons=_answered(call, setup_id))
    return Answer(text=said)


def _setup_id(call: Call, command: str) -> str:
    if len(call.args) != 1:
        raise BadInput(_("{command} takes a signal's id; its buttons are easier.", command=command))
    return call.args[0]


def _answered(call: Call, setup_id: str) -> Keyboard | None:
    symbol = setup_id.rsplit("-", _DASHES)[0]
    return keyboards.answered_signal(setup_id, symbol) if call.pressed else None


def _held(text: str, held: dict[str, PositionView], front: Front) -> PositionView:
    try:
        return held[read_symbol(text, held)]
    except BadInput:
        symbol = read_symbol(text, front.symbols())
        names = ", ".join(held) or _("none")
        raise BadInput(
            _("No open position in {symbol}; open are: {names}", symbol=symbol, names=names)
        ) from None


def _without_args(call: Call) -> Call:
    return Call(
        command_id=call.command_id + "-pause",
        user_id=call.user_id,
        user=call.user,
        role=call.role,
    )
