"""Journals, replays and candles with defaults, for tests of the comparison."""

from typing import Any

from bot.parity.outcome import OneSided, Parity, SignalPair, TradePair
from bot.parity.taken import Replayed, SetupFate
from engine.domain.candle import Candle
from engine.domain.setup import Setup
from storage.queries import StoredSetup
from storage.tape_rows import CandleRow
from tests.bot.notice_kit import closed_trade
from tests.builders import MINUTE, START_MS, score, setup, signal

AT = START_MS + 2 * MINUTE


def journalled(of: Setup | None = None, **fields: Any) -> StoredSetup:
    """A signal as the journal has it; `threshold=None` makes it a mere setup."""
    found = of or setup()
    values: dict[str, Any] = {
        "setup": found,
        "score": score(of=found),
        "fate": "signal",
        "at_ms": AT,
        "threshold": 0.5,
        "cost": signal(found).cost,
        "verdicts": (),
        "closed": (),
    }
    return StoredSetup(**(values | fields))


def replayed(*setups: Setup, fate: str = "signal", value: float = 0.6, at_ms: int = AT) -> Replayed:
    """A replay that judged these setups."""
    taken = Replayed()
    for one in setups:
        taken.setups[one.setup_id] = SetupFate(fate, score(value, of=one), at_ms)
        if fate == "signal":
            taken.signals[one.setup_id] = at_ms
    return taken


def candle(minute: int, symbol: str = "BTCUSDT", close: float = 100.0, **fields: Any) -> Candle:
    """A minute counted from the start of the tests' time."""
    values: dict[str, Any] = {
        "symbol": symbol,
        "open_time_ms": START_MS + minute * MINUTE,
        "open": 100.0,
        "high": max(100.0, close) + 0.5,
        "low": min(100.0, close) - 0.5,
        "close": close,
        "volume": 1.0,
        "quote_volume": 1e6,
    }
    return Candle(**(values | fields))


def row(seq: int, symbol: str = "BTCUSDT", **fields: Any) -> CandleRow:
    """A recorded minute: the minute of its own number."""
    open_ms = START_MS + seq * MINUTE
    made = CandleRow(
        symbol, open_ms, 100.0, 101.0, 99.0, 100.5, 1.0, 1e6, 3, 1, seq, open_ms + MINUTE, "live"
    )
    return made._replace(**fields)


def trades(**fields: Any) -> TradePair:
    values: dict[str, Any] = {
        "live": closed_trade(),
        "replay": closed_trade(),
        "live_word": "approved",
        "replay_word": "approved",
    }
    return TradePair(**(values | fields))


def matched(key: str = "BTCUSDT-1m-x-L-1", **fields: Any) -> SignalPair:
    values: dict[str, Any] = {
        "setup_id": key,
        "symbol": key.partition("-")[0],
        "at_ms": AT,
        "score": 0.6,
        "replay_score": 0.6,
        "trades": trades(),
    }
    return SignalPair(**(values | fields))


def one_sided(key: str = "ETHUSDT-1m-x-S-2", why: str = "replay: below") -> OneSided:
    return OneSided(setup_id=key, symbol=key.partition("-")[0], at_ms=AT, why=why)


def parity(**fields: Any) -> Parity:
    values: dict[str, Any] = {
        "since_ms": START_MS,
        "until_ms": START_MS + 60 * MINUTE,
        "exact": True,
        "matched": (matched(),),
        "missed": (),
        "extra": (),
        "excused": (),
        "setups": 3,
        "setups_equal": 3,
        "setup_differences": (),
        "notes": ("No commands were given in the period.",),
    }
    return Parity(**(values | fields))
