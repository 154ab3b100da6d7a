import pytest

from engine.domain.candle import Timeframe
from engine.domain.errors import VenueBusy, VenueRejected, VenueUnreachable
from engine.domain.events import CandleClosed
from engine.exchange.binance.market_data import BinanceMarketData
from tests.engine.exchange.binance.frames import exchange_info, kline, kline_row
from tests.engine.exchange.binance.scripted import Answer, Wired, sends, wired
from tests.engine.exchange.binance.virtual import START_MS


def _market(it: Wired) -> BinanceMarketData:
    return BinanceMarketData(it.config, it.clock, it.rest)


async def test_instruments_when_listed_returns_all_of_them() -> None:
    async with wired() as it:
        body = exchange_info("BTCUSDT", "币安人生USDT")
        body["symbols"] += exchange_info("ODDUSDT", filters=None)["symbols"]
        it.venue.answer("GET", "v1/exchangeInfo", Answer(body))
        instruments = await _market(it).instruments()
        assert [instrument.symbol for instrument in instruments] == ["BTCUSDT", "币安人生USDT"]


async def test_tickers_when_asked_cost_the_weight_of_all_symbols() -> None:
    async with wired() as it:
        rows = [{"symbol": "BTCUSDT", "quoteVolume": "5.5", "lastPrice": "100"}]
        it.venue.answer("GET", "v1/ticker/24hr", Answer(rows))
        (ticker,) = await _market(it).tickers()
        assert ticker.quote_volume == 5.5
        assert it.rest.budget.used_ratio == 40 / 2400


async def test_candles_when_the_last_row_is_open_drops_it_and_asks_as_told() -> None:
    async with wired() as it:
        rows = [kline_row(START_MS - 60_000 * back) for back in (3, 2, 0)]
        it.venue.answer("GET", "v1/klines", Answer(rows))
        candles = await _market(it).candles(
            "BTCUSDT", Timeframe.M1, limit=499, start_ms=START_MS - 180_000, end_ms=START_MS
        )
        assert [candle.open_time_ms for candle in candles] == [
            START_MS - 180_000,
            START_MS - 120_000,
        ]
        assert it.venue.asked[0].params == {
            "symbol": "BTCUSDT",
            "interval": "1m",
            "limit": "499",
            "startTime": str(START_MS - 180_000),
            "endTime": str(START_MS),
        }
        assert it.rest.budget.used_ratio == 2 / 2400


async def test_candles_when_our_clock_is_slightly_ahead_keeps_the_open_row_out() -> None:
    async with wired() as it:
        # Our time is START_MS, a full minute: the row that ends now may still change.
        it.venue.answer("GET", "v1/klines", Answer([kline_row(START_MS - 60_000)]))
        market = BinanceMarketData(it.config, it.clock, it.rest, margin_ms=3_600_000)
        assert await market.candles("BTCUSDT", Timeframe.M1, limit=2) == ()


async def test_candles_when_a_minute_ends_while_the_answer_travels_leaves_it_out() -> None:
    """The venue wrote the row before its end: it may lack the last trades."""
    async with wired() as it:
        begun = kline_row(START_MS - 60_000 + 200)  # it ends 200 ms after the question
        it.venue.answer("GET", "v1/klines", Answer([begun], late_s=0.5))
        market = BinanceMarketData(it.config, it.clock, it.rest, margin_ms=0)
        assert await market.candles("BTCUSDT", Timeframe.M1, limit=2) == ()


async def test_candles_when_the_last_one_ended_this_moment_waits_until_it_is_final() -> None:
    async with wired() as it:
        # Our time is START_MS, the first moment after the minute that is asked for.
        it.venue.answer("GET", "v1/klines", Answer([kline_row(START_MS - 60_000)]))
        market = BinanceMarketData(it.config, it.clock, it.rest, margin_ms=100)
        (candle,) = await market.candles("BTCUSDT", Timeframe.M1, limit=2, end_ms=START_MS - 1)
        assert candle.open_time_ms == START_MS - 60_000
        assert it.clock.exchange_ms() >= START_MS + 100


async def test_candles_when_the_venues_clock_is_far_behind_says_busy_and_asks_nothing() -> None:
    async with wired() as it:
        it.rest.server.resync(START_MS - 3_600_000, it.clock.exchange_ms())
        market = BinanceMarketData(it.config, it.clock, it.rest)
        with pytest.raises(VenueBusy, match="not final"):
            await market.candles("BTCUSDT", Timeframe.M1, limit=2, end_ms=START_MS - 1)
        assert it.venue.asked == []


async def test_candles_when_asked_up_to_the_open_minute_does_not_wait() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/klines", Answer([kline_row(START_MS)]))
        candles = await _market(it).candles("BTCUSDT", Timeframe.M1, limit=2, end_ms=START_MS + 5)
        assert candles == ()
        assert it.clock.exchange_ms() < START_MS + 55_000


async def test_candles_when_limit_is_impossible_asks_nothing() -> None:
    async with wired() as it:
        with pytest.raises(ValueError, match="1 to 1500"):
            await _market(it).candles("BTCUSDT", Timeframe.M1, limit=2000)
        assert it.venue.asked == []


async def test_candles_when_symbol_is_refused_raises_the_code() -> None:
    async with wired() as it:
        refusal = {"code": -1121, "msg": "Invalid symbol."}
        it.venue.answer("GET", "v1/klines", Answer(refusal, 400))
        with pytest.raises(VenueRejected, match="-1121"):
            await _market(it).candles("NOPE", Timeframe.M1, limit=5)


async def test_methods_when_replies_have_another_shape_are_unreachable() -> None:
    async with wired() as it:
        for path in ("v1/exchangeInfo", "v1/ticker/24hr", "v1/klines"):
            it.venue.answer("GET", path, Answer({"surprise": 1}))
        market = _market(it)
        with pytest.raises(VenueUnreachable, match="exchangeInfo"):
            await market.instruments()
        with pytest.raises(VenueUnreachable, match="ticker"):
            await market.tickers()
        with pytest.raises(VenueUnreachable, match="klines"):
            await market.candles("BTCUSDT", Timeframe.M1, limit=5)


async def test_stream_when_opened_counts_and_yields_frames() -> None:
    async with wired() as it:
        it.venue.socket("/market/stream", sends(kline(closed=True), close=1000))
        market = _market(it)
        frames = [frame async for frame in market.stream(["btcusdt@kline_1m"])]
        assert isinstance(frames[0].event, CandleClosed)
        assert market.counts.frames == 1


async def test_stream_when_routes_are_mixed_refuses_before_connecting() -> None:
    async with wired() as it:
        with pytest.raises(ValueError, match="routes"):
            _market(it).stream(["btcusdt@kline_1m", "btcusdt@bookTicker"])
        assert it.venue.opened == []
