"""Microseconds the core needs for a closed candle, detection and judgement included."""

from decimal import Decimal
from statistics import median

from bot.engine_config import engine_config
from bot.settings import Settings
from bot.tools.bench.candles import TICK, by_minute, candles_of, random_walk
from bot.tools.bench.measure import Row, Say, Size
from engine.core.engine import Engine
from engine.domain.candle import Candle
from engine.domain.effects import Effect, ScoreSetups
from engine.domain.events import (
    CandleClosed,
    Instant,
    Origin,
    SetupsScored,
    StateRestored,
    UniverseChanged,
)
from engine.domain.instrument import Instrument
from engine.domain.order import Book
from engine.domain.setup import Setup
from engine.domain.signal import Mode
from engine.ports import Clock
from engine.risk.threshold import ThresholdSeed
from models.heuristic import SEED_PER_SYMBOL_DAY, SEED_QUANTILES, HeuristicScorer

PART = "core"
HISTORY = 499
"""Candles a symbol has before the measured ones, as after a cold start."""
_FOREVER_MS = 4_133_404_800_000


def measure_core(size: Size, clock: Clock, say: Say) -> list[Row]:
    """Feed minutes of all symbols to a warm engine, without sockets, and score their Setups."""
    symbols = [f"S{number:03d}USDT" for number in range(size.symbols)]
    say("core: loading history")
    walks = [random_walk(HISTORY + size.minutes, seed) for seed in range(size.symbols)]
    minutes = by_minute(
        [candles_of(symbol, walk) for symbol, walk in zip(symbols, walks, strict=True)]
    )
    engine = _warm_engine(symbols, minutes[:HISTORY])
    say("core: measuring")
    took = [_decide(engine, minute, clock) for minute in minutes[HISTORY:]]
    load = f"{size.symbols} symbols × {size.minutes} minutes"
    candles = size.symbols * size.minutes
    alone = [process_s for process_s, _whole_s in took]
    whole = [whole_s for _process_s, whole_s in took]
    return [
        Row(
            part=PART,
            what="core, one closed candle, median over minutes",
            load=load,
            value=median(alone) / size.symbols * 1e6,
            unit="µs",
            count=candles,
        ),
        Row(
            part=PART,
            what="core, a minute of all symbols scored and judged, median",
            load=load,
            value=median(whole) * 1e3,
            unit="ms",
            count=len(whole),
        ),
    ]


def _warm_engine(symbols: list[str], history: list[tuple[Candle, ...]]) -> Engine:
    engine = Engine(
        engine_config(
            Settings.load(_env_file=None),
            books=(Book.PAPER,),
            epoch=1,
            speed=1.0,
            mode=Mode.SIGNALS,
            allow_negative_edge=False,
            scorer="heuristic",
            seed=ThresholdSeed(
                quantiles=SEED_QUANTILES, per_day=SEED_PER_SYMBOL_DAY * len(symbols)
            ),
        )
    )
    now = _close_of(history[0])
    engine.process(StateRestored({}, (), (), (), ()), now)
    instruments = tuple(_instrument(symbol) for symbol in symbols)
    volumes = dict.fromkeys(symbols, 50e6)
    engine.process(UniverseChanged(instruments, volumes, {}), now)
    for minute in history:
        now = _close_of(minute)
        for candle in minute:
            engine.process(CandleClosed(candle, Origin.PRELOAD, now.wall_s), now)
    return engine


def _decide(engine: Engine, minute: tuple[Candle, ...], clock: Clock) -> tuple[float, float]:
    """Return wall seconds of processing alone, and with scoring and judging."""
    now = _close_of(minute)
    events = [CandleClosed(candle, Origin.LIVE, now.wall_s) for candle in minute]
    setups: list[Setup] = []
    began = clock.monotonic()
    for event in events:
        setups += _asked(engine.process(event, now))
    processed = clock.monotonic()
    if setups:
        engine.process(SetupsScored(HeuristicScorer().score(setups)), now)
    return processed - began, clock.monotonic() - began


def _asked(effects: list[Effect]) -> list[Setup]:
    return [s for effect in effects if isinstance(effect, ScoreSetups) for s in effect.setups]


def _close_of(minute: tuple[Candle, ...]) -> Instant:
    close_ms = minute[0].close_time_ms
    return Instant(close_ms, close_ms / 1000)


def _instrument(symbol: str) -> Instrument:
    return Instrument(
        symbol=symbol,
        base_asset=symbol.removesuffix("USDT"),
        quote_asset="USDT",
        margin_asset="USDT",
        contract_type="PERPETUAL",
        status="TRADING",
        tick_size=Decimal(str(TICK)),
        step_size=Decimal("0.001"),
        market_step_size=Decimal("0.001"),
        min_qty=Decimal("0.001"),
        max_qty=Decimal(1000),
        market_max_qty=Decimal(500),
        min_notional=Decimal(5),
        multiplier_up=Decimal("1.05"),
        multiplier_down=Decimal("0.95"),
        onboard_ms=0,
        delivery_ms=_FOREVER_MS,
    )
