"""Fixed texts: greeting, help and the command menu."""

from bot.language import N_, _

GREETING = N_("""<b>smcbot</b> watches Binance perpetuals for Smart Money Concepts setups.

A fresh bot is in signals mode: it tells, it does not trade.
/status shows what it is doing now, /mode what it may do, /help what you can say.""")

HELP = (
    N_("""<b>Look</b>
/status: mode, money, positions, scanner
/positions: each with its buttons
/signals 5: the last five and what became of them
/chart BTC · /why BTC: the picture, the reasons
/pnl week · /daily 14: results net of all costs
/performance: the same by symbol, reason, score
/universe: what is scanned · /health: the machine
/journal: who commanded what · /model: what scores the setups"""),
    N_("""<b>Stop and go</b>
/pause: no new entries · /resume
/close BTC · /close BTC 50 (percent) · /closeall
/breakeven BTC: stop to the entry price
/panic: pause, close everything, back to signals. It does not ask."""),
    N_("""<b>Set</b>
/mode signals · /mode paper · /live on · /live off
/risk 1.0: most to lose in a trade, % of equity
/threshold 0.6: lowest score told
/threshold auto 150: as many signals a day
/mute DOGE 2h · /unmute DOGE
/settings: notices, quiet hours, time zone, language, ask before entries
/model reload · /model rollback: another model, the one before
/take ID · /skip ID: answer a signal that asks
/edge: may live trade without a proven edge?
/resetbreakers: after a loss limit stopped entries"""),
    N_("""R is the money between entry and stop: +2.0 R earned twice what was at risk.
What can cost money asks once more; those buttons work for 60 s."""),
)

MENU = (
    ("status", N_("What is going on, live")),
    ("positions", N_("Open positions with buttons")),
    ("signals", N_("Last signals and their outcome")),
    ("chart", N_("Picture of a symbol: /chart BTC")),
    ("why", N_("A signal explained: /why BTC")),
    ("pnl", N_("Results net of costs: /pnl week")),
    ("daily", N_("Results day by day")),
    ("performance", N_("Results by symbol, reason, score")),
    ("pause", N_("No new entries")),
    ("resume", N_("Allow entries again")),
    ("mode", N_("signals, paper or live")),
    ("live", N_("Live trading on or off")),
    ("risk", N_("Risk per trade: /risk 1.0")),
    ("close", N_("Close a position: /close BTC 50")),
    ("closeall", N_("Close every position")),
    ("panic", N_("Pause, close all, back to signals")),
    ("mute", N_("Silence a symbol: /mute DOGE 2h")),
    ("unmute", N_("Hear a symbol again")),
    ("threshold", N_("How choosy: /threshold auto 150")),
    ("settings", N_("Notices, quiet hours, ask before entries")),
    ("universe", N_("What is scanned and why")),
    ("model", N_("What scores the setups")),
    ("health", N_("Feeds, limits, memory, chat")),
    ("journal", N_("Who commanded what")),
    ("help", N_("All commands with examples")),
)


def greeting() -> str:
    """Return what /start says."""
    return _(GREETING)


def help_text() -> str:
    """Return every command with examples."""
    return "\n\n".join(_(part) for part in HELP)


def menu() -> tuple[tuple[str, str], ...]:
    """Return the commands of the menu with what they do, at most 256 characters each."""
    return tuple((name, _(text)) for name, text in MENU)
