"""Fixed texts: help and the command menu. A language is one file like this."""

GREETING = """<b>smcbot</b> watches Binance perpetuals for Smart Money Concepts setups.

A fresh bot is in signals mode: it tells, it does not trade.
/status shows what it is doing now, /mode what it may do, /help what you can say."""

HELP = """<b>Look</b>
/status: mode, money, positions, scanner
/positions: each with its buttons
/signals 5: the last five and what became of them
/chart BTC · /why BTC: the picture, the reasons
/pnl week · /daily 14: results net of all costs
/performance: the same by symbol, reason, score
/universe: what is scanned · /health: the machine
/journal: who commanded what · /model: what scores the setups

<b>Stop and go</b>
/pause: no new entries · /resume
/close BTC · /close BTC 50 (percent) · /closeall
/breakeven BTC: stop to the entry price
/panic: pause, close everything, back to signals. It does not ask.

<b>Set</b>
/mode signals · /mode paper · /live on · /live off
/risk 1.0: most to lose in a trade, % of equity
/threshold 0.6: lowest score told
/threshold auto 150: as many signals a day
/mute DOGE 2h · /unmute DOGE
/settings: notices, quiet hours, ask before entries
/take ID · /skip ID: answer a signal that asks
/edge: may live trade without a proven edge?
/resetbreakers: after a loss limit stopped entries

R is the money between entry and stop: +2.0 R earned twice what was at risk.
What can cost money asks once more; those buttons work for 60 s."""

MENU = (
    ("status", "What is going on, live"),
    ("positions", "Open positions with buttons"),
    ("signals", "Last signals and their outcome"),
    ("chart", "Picture of a symbol: /chart BTC"),
    ("why", "A signal explained: /why BTC"),
    ("pnl", "Results net of costs: /pnl week"),
    ("daily", "Results day by day"),
    ("performance", "Results by symbol, reason, score"),
    ("pause", "No new entries"),
    ("resume", "Allow entries again"),
    ("mode", "signals, paper or live"),
    ("live", "Live trading on or off"),
    ("risk", "Risk per trade: /risk 1.0"),
    ("close", "Close a position: /close BTC 50"),
    ("closeall", "Close every position"),
    ("panic", "Pause, close all, back to signals"),
    ("mute", "Silence a symbol: /mute DOGE 2h"),
    ("unmute", "Hear a symbol again"),
    ("threshold", "How choosy: /threshold auto 150"),
    ("settings", "Notices, quiet hours, ask before entries"),
    ("universe", "What is scanned and why"),
    ("model", "What scores the setups"),
    ("health", "Feeds, limits, memory, chat"),
    ("journal", "Who commanded what"),
    ("help", "All commands with examples"),
)
