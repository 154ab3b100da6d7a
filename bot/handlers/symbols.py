"""Commands about one symbol: chart, why, mute, unmute."""

from dataclasses import replace

from bot import keyboards
from bot.context import Answer, Call, Front
from bot.desk import AskChart
from bot.desk_why import AskWhy
from bot.durations import words
from bot.formats import esc
from bot.handlers.obey import obey
from bot.language import _
from bot.parsing import BadInput, no_more, read_duration_ms, read_symbol, read_whole
from bot.views.symbols import chart_caption
from bot.views.why import why as why_view
from engine.domain.commands import Mute

CANDLES = 90
MOST_CANDLES = 300
_DEFAULT_MUTE = "2h"
_DASHES = 4
"""In a setup's id, behind the symbol: the button of a signal shows that signal's plan."""


async def chart(call: Call, front: Front) -> Answer:
    """Send a picture: candles, zones, swings, open position, entry, stop and target."""
    if not call.args:
        raise BadInput(_("Which one? e.g. {example}", example=_("/chart BTC or /chart BTC 120")))
    no_more(call.args, 2, "/chart BTC 120")
    setup_id = call.args[0] if call.pressed and call.args[0].count("-") >= _DASHES else None
    name = setup_id.rsplit("-", _DASHES)[0] if setup_id else call.args[0]
    symbol = read_symbol(name, front.symbols())
    candles = CANDLES
    if len(call.args) > 1:
        candles = read_whole(
            call.args[1], 20, MOST_CANDLES, what=_("Candles"), example="/chart BTC 120"
        )
    data = await front.desk.chart(AskChart(symbol, candles, setup_id))
    if not data.candles:
        return Answer(text=_("{symbol} has no candles yet.", symbol=esc(symbol)), replace=False)
    picture = await front.draw(data)
    text = chart_caption(data, front.zone)
    if picture is None:
        text += "\n" + _("The picture could not be drawn.")
    return Answer(text=text, picture=picture, replace=False)


async def why(call: Call, front: Front) -> Answer:
    """Explain a setup; a symbol means its newest signal, nothing the newest of all."""
    no_more(call.args, 1, "/why BTC")
    wanted = call.args[0] if call.args else ""
    if wanted and wanted.count("-") < _DASHES:
        wanted = read_symbol(wanted, front.symbols())
    told = await front.desk.why(AskWhy(wanted))
    setup = told.setup
    return Answer(
        text=why_view(told, front.zone), keyboard=keyboards.explained(setup), replace=False
    )


async def mute(call: Call, front: Front) -> Answer:
    """Silence a symbol and keep it from being entered; without a symbol, list the muted."""
    if not call.args:
        return Answer(text=_muted(front))
    no_more(call.args, 2, "/mute DOGE 2h")
    symbol = read_symbol(call.args[0], front.symbols())
    text = call.args[1] if len(call.args) > 1 else _DEFAULT_MUTE
    duration_ms = read_duration_ms(text, example="/mute DOGE 2h")
    until_ms = front.clock.exchange_ms() + duration_ms
    command = Mute(
        command_id=call.command_id, requested_by=call.user, symbol=symbol, until_ms=until_ms
    )
    return replace(await obey(front, call, command), replace=False)


async def unmute(call: Call, front: Front) -> Answer:
    """Hear a symbol again."""
    if not call.args:
        raise BadInput(_("Which one? e.g. {example}", example="/unmute DOGE"))
    no_more(call.args, 1, "/unmute DOGE")
    known = (*front.symbols(), *front.desk.snapshot().muted)
    symbol = read_symbol(call.args[0], known)
    command = Mute(command_id=call.command_id, requested_by=call.user, symbol=symbol, until_ms=None)
    return await obey(front, call, command)


def _muted(front: Front) -> str:
    snapshot = front.desk.snapshot()
    now = snapshot.exchange_ms
    left = {s: (until - now) / 1000 for s, until in snapshot.muted.items() if until > now}
    if not left:
        return _("Nothing is muted. /mute DOGE 2h silences a symbol.")
    lines = [
        _("{symbol}: {time} more", symbol=esc(symbol), time=words(60 * round(seconds / 60)))
        for symbol, seconds in sorted(left.items())
    ]
    return "\n".join([_("Muted"), *lines[:100]])
