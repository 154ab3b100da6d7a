"""Zero-polling: the timetable, and every loop that waits by the clock and can reach REST."""

from collections.abc import Iterator, Mapping

from bot.schedule import TIMETABLE, calls_a_day
from bot.tools.audit.calls import rest_names, waiting_loops
from bot.tools.audit.graph import Graph
from bot.tools.findings import Finding, fault, good

MOST_CALLS_A_DAY = 96
TALKERS = ("engine.exchange.binance", "engine.execution", "engine.scanner")
"""Packages whose functions can lead to a REST call."""
APART = ("bot.tools", "bot.cli", "bot.localchat", "engine.exchange.sim", "engine.backtest")
"""Not part of the running bot, or the other side of the wire."""
KNOWN: Mapping[str, str] = {
    "bot.guards._guard_stops": "the position guard, once in 5 min while a live position is open",
    "bot.guards._check_positions": "positions over the WebSocket API while one is open, by REST "
    "only while that is down",
    "bot.preparer.run": "margin and leverage of each new symbol, once",
    "bot.telegram_app._stay_connected": "Telegram, not the venue",
    "engine.exchange.binance.listen_key.keep_alive": "a ping over the WebSocket API, by REST only "
    "while that is down",
    "engine.exchange.binance.user_stream.run": "opens a lost stream again, pauses grow",
    "engine.exchange.binance.user_stream._follow": "renews the stream before its day is over",
    "engine.exchange.binance.ws_api.run": "opens a lost connection again, pauses grow",
    "engine.runtime.tasks._keep_running": "begins a task again that failed, pauses grow",
    "engine.scanner.shard.run": "opens a lost connection again, pauses grow",
    "engine.scanner.silence.run": "asks for a candle that did not come with its minute",
}
"""Loops that go on for ever and can reach REST, each with the reason it may."""


def check_timetable() -> Iterator[Finding]:
    """Add up what the timetable asks a day."""
    calls = calls_a_day()
    told = ", ".join(f"{row.job.name.lower()} {86_400_000 // row.period_ms}" for row in TIMETABLE)
    text = f"{calls} scheduled REST calls a day ({told}), at most {MOST_CALLS_A_DAY}"
    if calls > MOST_CALLS_A_DAY:
        yield fault("timetable", text, "ask less often in bot/schedule.py")
    else:
        yield good("timetable", text)


def check_polling(graph: Graph, known: Mapping[str, str] = KNOWN) -> Iterator[Finding]:
    """Find loops for ever that wait by the clock and may end in a REST call."""
    apart = {module.name for module in graph.below(*APART)}
    modules = [one for one in graph.below("bot", "engine") if one.name not in apart]
    loops = list(waiting_loops(modules))
    names = rest_names(graph, *TALKERS)
    asking = [one for one in loops if one.waits_for & names]
    endless = sorted({one.function for one in asking if not one.ends})
    unknown = [one for one in endless if one not in known]
    for function in unknown:
        yield fault(
            "polling",
            f"{function} waits by the clock and can reach REST for ever",
            "use a stream, or the timetable of bot/schedule.py",
        )
    if not unknown:
        retries = len({one.function for one in asking if one.ends})
        yield good(
            "polling",
            f"{len(loops)} loops wait by the clock; {retries} can reach REST and end with an "
            f"answer, {len(endless)} can for ever, each for a known reason:",
        )
        for function in endless:
            yield good("", f"{function}: {known[function]}")
    for function in sorted(known.keys() - set(endless)):
        yield fault("polling", f"{function} is excused but does not ask", "take it off the list")
