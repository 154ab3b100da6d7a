"""Fixed texts: help and the command menu. A language is one file like this."""

GREETING = """<b>smcbot</b> watches Binance perpetuals for Smart Money Concepts setups.

It starts in signals mode: it tells, it does not trade.
/status shows what it is doing now, /help what you can say."""

HELP = """<b>Look</b>
/status · /positions · /signals 5
/chart BTC · /why BTC · /pnl week
/health · /universe · /journal

<b>Stop and go</b>
/pause · /resume
/close BTC · /close BTC 50 · /closeall
/panic: pause, close everything, back to signals. It does not ask.

<b>Set</b>
/mode paper · /live on · /live off
/risk · /risk 1.0
/threshold 0.6 · /threshold auto 150
/mute DOGE 2h · /unmute DOGE
/breakeven BTC: stop to the entry price
/edge · /resetbreakers

Questions that cost money ask once more; their buttons live 60 s."""

MENU = (
    ("status", "What is going on, live"),
    ("positions", "Open positions with buttons"),
    ("signals", "Last signals and their outcome"),
    ("chart", "Picture of a symbol: /chart BTC"),
    ("why", "A signal explained: /why BTC"),
    ("pnl", "Results net of costs: /pnl week"),
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
    ("universe", "What is scanned and why"),
    ("health", "Feeds, limits, memory, chat"),
    ("journal", "Who commanded what"),
    ("help", "All commands with examples"),
)
