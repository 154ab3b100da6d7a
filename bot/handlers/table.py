"""Every command the chat understands: its handler, who may use it, and whether a button may."""

from dataclasses import dataclass

from bot.context import Handler
from bot.handlers import ladder, looking, model, results, settings, symbols, trading


@dataclass(frozen=True, slots=True)
class Entry:
    """One command.

    Attributes:
        handler: what it does.
        acts: only owners may.
        when_late: obeyed although the message is older than 60 s.
        button: harmless enough for a button that carries the command in clear.
    """

    handler: Handler
    acts: bool = False
    when_late: bool = False
    button: bool = False


COMMANDS: dict[str, Entry] = {
    "start": Entry(looking.start),
    "help": Entry(looking.help_),
    "status": Entry(looking.status, button=True),
    "positions": Entry(looking.positions, button=True),
    "signals": Entry(looking.signals),
    "universe": Entry(looking.universe),
    "health": Entry(looking.health),
    "model": Entry(model.model, button=True),
    "journal": Entry(looking.journal),
    "pause": Entry(trading.pause, acts=True, when_late=True, button=True),
    "resume": Entry(trading.resume, acts=True, button=True),
    "close": Entry(trading.close, acts=True, button=True),
    "closeall": Entry(trading.close_all, acts=True),
    "panic": Entry(trading.panic, acts=True, when_late=True),
    "chart": Entry(symbols.chart, button=True),
    "why": Entry(symbols.why, button=True),
    "pnl": Entry(results.pnl, button=True),
    "daily": Entry(results.daily),
    "performance": Entry(results.performance, button=True),
    "mode": Entry(ladder.mode, acts=True, button=True),
    "live": Entry(ladder.live, acts=True),
    "risk": Entry(ladder.risk, acts=True),
    "threshold": Entry(ladder.threshold, acts=True),
    "edge": Entry(ladder.edge, acts=True),
    "take": Entry(trading.take, acts=True, button=True),
    "skip": Entry(trading.skip, acts=True, button=True),
    "settings": Entry(settings.settings, acts=True, button=True),
    "resetbreakers": Entry(ladder.reset_breakers, acts=True),
    "mute": Entry(symbols.mute, acts=True, button=True),
    "unmute": Entry(symbols.unmute, acts=True),
    "breakeven": Entry(trading.break_even, acts=True, button=True),
}
