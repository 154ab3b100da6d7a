"""Market and feed events: candles into series and detectors, prices onto positions."""

from dataclasses import replace

from engine.core.config import CandleDetector
from engine.core.guard import judge_equity
from engine.core.planless import requantize
from engine.core.state import BookState, EngineState, SymbolState
from engine.core.surroundings import with_surroundings
from engine.core.tell import alarm, remembered
from engine.core.trade import Trade
from engine.domain.candle import Candle, Timeframe
from engine.domain.effects import Effect, Record, ScoreSetups, SetupSeen
from engine.domain.errors import InvalidCandles
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    FeedBlind,
    FeedSeeing,
    Instant,
    MarkMoved,
    Origin,
    PriceMoved,
    QuoteMoved,
    UniverseChanged,
)
from engine.domain.instrument import Instrument
from engine.domain.notices import AlarmKind, Priority
from engine.domain.setup import Direction, Setup
from engine.risk.exits import r_multiple
from engine.smc.timeframes import TimeframeBuilder

_Row = tuple[int, float, float, float, float, float, float]
_MEMORY_STEP_R = 0.25
"""How much the best result must improve before the journal is told again."""


def on_candle(state: EngineState, event: CandleClosed, now: Instant) -> list[Effect]:
    """Append a closed minute and step the detectors; only LIVE candles may lead to signals."""
    candle = event.candle
    market = state.symbols.get(candle.symbol)
    if market is None or not _takes(state, market, candle):
        return []
    market.series.append(candle)
    market.last = candle.close
    _count(state, event.origin)
    setups = _detect(state, market, candle)
    effects: list[Effect] = []
    if event.origin is not Origin.PRELOAD:
        for book in state.books.values():
            trade = book.trades.get(candle.symbol)
            if trade is not None and trade.qty:
                effects += _follow_candle(trade, candle)
    if setups:
        effects += _setups_found(state, setups, event.origin, now)
    return effects


def _takes(state: EngineState, market: SymbolState, candle: Candle) -> bool:
    """Drop duplicates; start anew after a hole, which indicators must not reach over."""
    series = market.series
    if series.follows(candle.open_time_ms):
        return True
    if candle.open_time_ms <= series.last_open_time_ms:
        return False
    reset_market(state, market)
    return True


def reset_market(state: EngineState, market: SymbolState) -> None:
    """Forget candles and detections of a symbol; it warms up again."""
    config, symbol = state.config, market.instrument.symbol
    tick = float(market.instrument.tick_size)
    market.series.clear()
    market.detector = config.detector(symbol, Timeframe.M1, tick)
    market.higher = [
        (TimeframeBuilder(timeframe), config.detector(symbol, timeframe, tick))
        for timeframe in config.timeframes
        if timeframe is not Timeframe.M1
    ]


def _detect(state: EngineState, market: SymbolState, candle: Candle) -> list[Setup]:
    setups: list[Setup] = []
    assert market.detector is not None  # reset_market comes before the first candle
    row = (
        candle.open_time_ms,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.quote_volume,
    )
    try:
        _step(state, market.detector, row, setups)
        for builder, detector in market.higher:
            built = builder.add(*row)
            if built is not None:
                _step(state, detector, built, setups)
    except InvalidCandles:
        # A candle the detector cannot read makes its window worthless, not the engine.
        reset_market(state, market)
    return setups


def _step(state: EngineState, detector: CandleDetector, row: _Row, setups: list[Setup]) -> None:
    step = detector.step(*row)
    if step.events:
        state.count("smc_events", len(step.events))
    if step.setups:
        setups.extend(step.setups)


def _count(state: EngineState, origin: Origin) -> None:
    counts = state.counts
    counts["candles"] = counts.get("candles", 0) + 1
    if origin is Origin.BACKFILL:
        state.count("candles_backfilled")
    elif origin is Origin.FLAT:
        state.count("candles_flat")


def _setups_found(
    state: EngineState, setups: list[Setup], origin: Origin, now: Instant
) -> list[Effect]:
    """Ask for scores of live setups; late ones are journalled, preloaded ones not even that."""
    if origin is Origin.PRELOAD:
        return []
    config = state.config
    wanted = config.alert_timeframes | config.trade_timeframes
    setups = [setup for setup in setups if setup.timeframe in wanted]
    state.count("setups", len(setups))
    if origin is not Origin.LIVE:
        return unscored(state, setups, now)
    setups = with_surroundings(state, setups)
    crowded_out = [state.await_score(setup) for setup in setups]
    effects = unscored(state, [setup for setup in crowded_out if setup is not None], now)
    return [ScoreSetups(tuple(setups)), *effects] if setups else []


def unscored(state: EngineState, setups: list[Setup], now: Instant) -> list[Effect]:
    """Journal setups whose score did not come in time."""
    if setups:
        state.count("stale", len(setups))
    return [Record(SetupSeen(setup, None, "stale", now.exchange_ms)) for setup in setups]


# --- prices --------------------------------------------------------------------------------------


def on_price(state: EngineState, event: PriceMoved, _now: Instant) -> list[Effect]:
    """Note the last price of the open candle."""
    market = state.symbols.get(event.symbol)
    if market is None or not event.price > 0:
        return []
    market.last = event.price
    effects: list[Effect] = []
    for book in state.books.values():
        trade = book.trades.get(event.symbol)
        if trade is not None and trade.qty:
            effects += follow_price(trade, event.price)
    return effects


def on_quote(state: EngineState, event: QuoteMoved, _now: Instant) -> list[Effect]:
    """Note the best bid and ask."""
    market = state.symbols.get(event.symbol)
    if market is not None:
        market.bid, market.ask, market.quote_ms = event.bid, event.ask, event.event_time_ms
    return []


def on_mark(state: EngineState, event: MarkMoved, now: Instant) -> list[Effect]:
    """Note the mark price; equity of a book that holds the symbol changes with it."""
    market = state.symbols.get(event.symbol)
    if market is None or not event.mark > 0:
        return []
    market.mark = event.mark
    effects: list[Effect] = []
    for book in state.books.values():
        if event.symbol in book.trades:
            effects += judge_equity(state, book, now)
    return effects


def follow_price(trade: Trade, price: float) -> list[Effect]:
    """Keep the best result since entry; the journal hears of it in steps."""
    memory = trade.memory
    best = r_multiple(trade.direction, trade.entry_price, float(memory.stop_price), price)
    if best <= memory.best_r:
        return []
    told = int(memory.best_r / _MEMORY_STEP_R) < int(best / _MEMORY_STEP_R)
    trade.remember(best_r=best)
    return [remembered(trade)] if told else []


def _follow_candle(trade: Trade, candle: Candle) -> list[Effect]:
    """Use the extreme of a minute lived through as a whole, else only its close."""
    if candle.close_time_ms <= trade.memory.opened_ms:
        return []
    price = candle.close
    if candle.open_time_ms >= trade.memory.opened_ms:
        price = candle.high if trade.direction is Direction.LONG else candle.low
    return follow_price(trade, price)


# --- universe and feed ---------------------------------------------------------------------------


def on_universe(state: EngineState, event: UniverseChanged, now: Instant) -> list[Effect]:
    """Add new instruments, refresh the rules of known ones, retire the others."""
    listed = {instrument.symbol: instrument for instrument in event.instruments}
    for symbol, instrument in listed.items():
        market = _market_of(state, symbol, instrument)
        market.instrument = instrument
        market.quote_volume_24h = event.quote_volume_24h.get(symbol, 0.0)
        for book in state.books.values():
            if symbol in book.trades:
                book.trades[symbol].instrument = instrument
                requantize(book, symbol, instrument)
            for stone in book.tombstones.values():
                if stone.trade.symbol == symbol:
                    stone.trade.instrument = instrument
    for symbol in list(state.symbols.keys() - listed.keys()):
        if any(_holds(book, symbol) for book in state.books.values()):
            state.symbols[symbol].scanned = False
        else:
            del state.symbols[symbol]
            state.sight.forget(symbol)
    return _told_exclusions(state, event, now)


def on_contract(state: EngineState, event: ContractChanged, _now: Instant) -> list[Effect]:
    """Note a contract's new status or delisting date at once; the timer leaves it in time."""
    market = state.symbols.get(event.symbol)
    if market is None:
        return []
    market.instrument = replace(
        market.instrument, status=event.status, delivery_ms=event.delivery_ms
    )
    for book in state.books.values():
        if event.symbol in book.trades:
            book.trades[event.symbol].instrument = market.instrument
    return []


def _market_of(state: EngineState, symbol: str, instrument: Instrument) -> SymbolState:
    market = state.symbols.get(symbol)
    if market is None:
        market = SymbolState(instrument, state.config.series_length)
        state.symbols[symbol] = market
        reset_market(state, market)
    market.scanned = True
    return market


def _holds(book: BookState, symbol: str) -> bool:
    return symbol in book.trades or symbol in book.fallen_symbols()


def _told_exclusions(state: EngineState, event: UniverseChanged, now: Instant) -> list[Effect]:
    """Say once that a symbol we hold is no longer scanned, and why."""
    effects: list[Effect] = []
    for book, trade in state.trades():
        reason = event.excluded.get(trade.symbol)
        if reason is None or state.symbols[trade.symbol].scanned:
            continue
        key = f"{book.book.value}:{trade.memory.trade_key}:excluded"
        text = f"{trade.symbol} left the universe ({reason}); its position stays managed"
        effects.append(alarm(AlarmKind.ACCOUNT, key, text, now, Priority.INFO))
    return effects


def on_blind(state: EngineState, event: FeedBlind, now: Instant) -> list[Effect]:
    """No signals and no entries on these symbols until they see again."""
    state.sight.lose(event, now)
    return []


def on_seeing(state: EngineState, event: FeedSeeing, now: Instant) -> list[Effect]:
    """The series of these symbols are contiguous and live again."""
    return state.sight.regain(event, now)
