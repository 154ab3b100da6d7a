"""Mode, live switch, risk and threshold: what decides how much money moves."""

from dataclasses import replace
from decimal import Decimal

from bot import keyboards
from bot.callbacks import Confirmation, StaleButton
from bot.context import Answer, Call, Front
from bot.handlers.obey import ask, confirmed, obey, shown_state
from bot.language import _
from bot.parsing import BadInput, no_more, read_mode, read_number, read_on_off, read_whole
from bot.views import ladder as view
from bot.views.preflight import checklist
from bot.words import word
from engine.domain.commands import AllowNegativeEdge, ResetBreaker, SetMode, SetRisk, SetThreshold
from engine.domain.order import Book
from engine.domain.signal import Mode

LAST_STEP = "live-last"


async def mode(call: Call, front: Front) -> Answer:
    """Show the ladder, or move on it. Going live asks twice, going down does not ask."""
    no_more(call.args, 1, "/mode paper")
    snapshot = front.desk.snapshot()
    if not call.args:
        return Answer(text=view.ladder(snapshot), keyboard=keyboards.modes(snapshot.mode))
    wanted = read_mode(call.args[0])
    if wanted is Mode.LIVE and snapshot.mode is not Mode.LIVE:
        return await _live_first(call, front)
    return await obey(front, call, _set_mode(call, wanted))


async def live(call: Call, front: Front) -> Answer:
    """`/live on` asks twice, `/live off` goes back to paper at once."""
    no_more(call.args, 1, "/live on")
    snapshot = front.desk.snapshot()
    if not call.args:
        return Answer(text=view.ladder(snapshot), keyboard=keyboards.modes(snapshot.mode))
    wanted = Mode.LIVE if read_on_off(call.args[0], "/live") else Mode.PAPER
    if wanted is Mode.LIVE and snapshot.mode is not Mode.LIVE:
        return await _live_first(call, front)
    if wanted is Mode.PAPER and snapshot.mode is not Mode.LIVE:
        return Answer(text=_("Live is off already; the mode is {mode}.", mode=snapshot.mode))
    return await obey(front, call, _set_mode(call, wanted))


def _set_mode(call: Call, wanted: Mode) -> SetMode:
    return SetMode(command_id=call.command_id, requested_by=call.user, mode=wanted)


async def _live_first(call: Call, front: Front) -> Answer:
    """First step: the checklist, asked of the venue now. A check that blocks offers no button."""
    config, snapshot = front.config, front.desk.snapshot()
    if config.local and config.real_money and not config.allow_live:
        raise BadInput(
            _(
                "This local page may not switch real money on: use Telegram, "
                "or start with SMCBOT_LOCALCHAT_LIVE=1"
            )
        )
    if Book.LIVE not in {book.book for book in snapshot.books}:
        raise BadInput(_("There is no live account: set the venue and its keys, then start again"))
    facts = await front.desk.preflight()
    snapshot = front.desk.snapshot()
    card = front.desk.model().card
    proven = card is not None and card.edge
    checks = checklist(facts, snapshot, venue=config.venue, proven=proven)
    text = view.live_question(snapshot, checks, venue=config.venue, real_money=config.real_money)
    if any(check.blocks for check in checks):
        return Answer(text=text, replace=False)
    answer = ask(front, call, text, _set_mode(call, Mode.LIVE), label=_("Continue"), step=LAST_STEP)
    return replace(answer, replace=False)


async def live_last(call: Call, front: Front, confirmation: Confirmation) -> Answer:
    """Second step: name the venue and ask again.

    Raises:
        StaleButton: things have changed since the checklist.
    """
    snapshot = front.desk.snapshot()
    if shown_state(confirmation.command, snapshot) != confirmation.shown:
        raise StaleButton(_("Not done: things have changed since the checklist. Ask again."))
    config = front.config
    text = view.live_last_question(venue=config.venue, real_money=config.real_money)
    label = _("Go live on {venue}", venue=word(config.venue))
    return ask(front, call, text, confirmation.command, label=label)


async def risk(call: Call, front: Front) -> Answer:
    """Show or set the maximum risk per trade; raising it asks."""
    no_more(call.args, 1, "/risk 1.0")
    snapshot = front.desk.snapshot()
    if not call.args:
        return Answer(text=view.risk(snapshot))
    wanted = _one_decimal(
        read_number(call.args[0], "0.5", "2.0", what=_("Risk"), example="/risk 1.0")
    )
    command = SetRisk(command_id=call.command_id, requested_by=call.user, risk_pct=wanted)
    if wanted <= snapshot.risk_pct:
        return await obey(front, call, command)
    return ask(
        front,
        call,
        view.risk_change(snapshot, wanted),
        command,
        label=_("Risk {share} %", share=wanted),
    )


def _one_decimal(percent: Decimal) -> Decimal:
    """`2` reads `2.0` beside `1.5`; what was given more finely stays."""
    tenths = percent.quantize(Decimal("0.1"))
    return tenths if tenths == percent else percent


async def threshold(call: Call, front: Front) -> Answer:
    """Show or set how good a signal must be: fixed, or aimed at a number a day."""
    no_more(call.args, 2, "/threshold auto 150")
    if not call.args:
        return Answer(text=view.threshold(front.desk.snapshot()))
    fixed, per_day = _threshold_of(call.args)
    command = SetThreshold(
        command_id=call.command_id, requested_by=call.user, threshold=fixed, per_day=per_day
    )
    return await obey(front, call, command)


def _threshold_of(args: tuple[str, ...]) -> tuple[float | None, int | None]:
    if args[0].lower() != "auto":
        no_more(args, 1, "/threshold 0.6")
        value = read_number(args[0], "0", "1", what=_("Threshold"), example="/threshold 0.6")
        return float(value), None
    if len(args) == 1:
        return None, None
    aim = read_whole(args[1], 1, 2000, what=_("Signals a day"), example="/threshold auto 150")
    return None, aim


async def edge(call: Call, front: Front) -> Answer:
    """Show or set whether live entries need a proven edge; doing without one asks."""
    no_more(call.args, 1, "/edge required")
    snapshot = front.desk.snapshot()
    if not call.args:
        return Answer(text=view.edge(snapshot))
    choice = call.args[0].lower()
    if choice not in {"required", "override"}:
        raise BadInput(_("Say /edge required or /edge override"))
    allowed = choice == "override"
    command = AllowNegativeEdge(command_id=call.command_id, requested_by=call.user, allowed=allowed)
    if not allowed:
        return await obey(front, call, command)
    question = view.edge_question(front.config.venue)
    return ask(front, call, question, command, label=_("Trade without an edge"))


async def reset_breakers(call: Call, front: Front) -> Answer:
    """Ask, then lift the breakers that stop entries."""
    no_more(call.args, 0, "/resetbreakers")
    tripped = view.tripped(front.desk.snapshot())
    if not tripped:
        return Answer(text=_("No breaker is tripped."))
    command = ResetBreaker(command_id=call.command_id, requested_by=call.user)
    question = _("Lift them? Daily loss and drawdown then count from the equity of now.")
    return ask(front, call, f"{tripped}\n{question}", command, label=_("Lift breakers"))


async def decided(call: Call, front: Front, confirmation: Confirmation) -> Answer:
    """Go on after a pressed confirmation: the next question, or the deed.

    Raises:
        StaleButton: things have changed since the question.
    """
    if confirmation.step == LAST_STEP:
        return await live_last(call, front, confirmation)
    return await confirmed(front, call, confirmation)
