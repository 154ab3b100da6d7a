"""Commands that only look."""

from functools import partial

from bot import keyboards
from bot.context import Answer, Call, Front, Role
from bot.desk import AskJournal, AskSignals
from bot.language import speaking
from bot.parsing import no_more, read_count
from bot.views import health as health_view
from bot.views import journal as journal_view
from bot.views import machine as machine_view
from bot.views import signals as signals_view
from bot.views import status as status_view
from bot.views.texts import greeting, help_text


async def start(call: Call, front: Front) -> Answer:
    """Say hello."""
    return Answer(text=greeting(), keyboard=keyboards.greeting())


async def help_(call: Call, front: Front) -> Answer:
    """Show every command with examples."""
    return Answer(text=help_text())


async def status(call: Call, front: Front) -> Answer:
    """Show the cockpit; the message stays fresh for five minutes."""
    no_more(call.args, 0, "/status")
    return live_status(call, front)


def live_status(call: Call, front: Front) -> Answer:
    """Return the cockpit as a message that stays fresh."""
    now = partial(status_now, front, owner=call.role is Role.OWNER)
    answer = now()
    return Answer(text=answer.text, keyboard=answer.keyboard, live=now)


def status_now(front: Front, *, owner: bool) -> Answer:
    """Return the cockpit of this moment."""
    snapshot = front.desk.snapshot()
    with speaking(front.language):  # it is also called when nobody has asked
        text = status_view.status(
            snapshot, front.zone, venue=front.config.venue, speed=front.clock.speed
        )
        return Answer(text=text, keyboard=keyboards.status(snapshot, owner=owner))


async def positions(call: Call, front: Front) -> Answer:
    """Show open positions with their buttons."""
    no_more(call.args, 0, "/positions")
    snapshot = front.desk.snapshot()
    owner = call.role is Role.OWNER
    return Answer(
        text=status_view.positions(snapshot, front.zone),
        keyboard=keyboards.positions(snapshot.positions, owner=owner),
    )


async def signals(call: Call, front: Front) -> Answer:
    """Show the last signals with what became of them."""
    limit = read_count(call.args, 10, example="/signals 20")
    view = await front.desk.signals(AskSignals(limit))
    text = signals_view.signals(view, front.zone)
    return Answer(text=text, keyboard=keyboards.signals(view.rows))


async def universe(call: Call, front: Front) -> Answer:
    """Show what is scanned and why the rest is not."""
    no_more(call.args, 0, "/universe")
    return Answer(text=machine_view.universe(front.desk.universe()))


async def health(call: Call, front: Front) -> Answer:
    """Show the machine's figures."""
    no_more(call.args, 0, "/health")
    view = await front.desk.health()
    return Answer(text=health_view.health(view, front.meters()))


async def journal(call: Call, front: Front) -> Answer:
    """Show who commanded what and what came of it."""
    limit = read_count(call.args, 10, example="/journal 20")
    view = await front.desk.journal(AskJournal(limit))
    return Answer(text=journal_view.journal(view, front.zone))
