from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.replay import ReplayMarket
from engine.exchange.sim.replay_frames import ReplayError
from tests.engine.exchange.sim.market_builders import closed_minutes, recorded_frame, walk_to
from tests.shared import shared_path

FIRST_MS = int(datetime(2025, 5, 4, tzinfo=UTC).timestamp()) * 1000
FRAMES = [recorded_frame("AAAUSDT", 30, digits=3), recorded_frame("BBBUSDT", 30, seed=7)]


def replay(**options):
    return ReplayMarket(FRAMES, **{"warm_minutes": 10, **options})


def recorded(symbol, open_ms):
    frame = FRAMES[symbol]
    row = frame.filter(pl.col("open_time").dt.epoch("ms") == open_ms)
    return row.select("open", "high", "low", "close", "volume").row(0)


def columns_of(candles, symbol):
    names = ("open", "high", "low", "close", "volume")
    return tuple(float(getattr(candles, name)[symbol]) for name in names)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 90_000), min_size=1, max_size=80), st.integers(0, 99))
def test_candles_when_time_is_chopped_anyhow_close_exactly_as_recorded(chops, seed):
    market = replay(seed=seed)
    closed = []
    for chop in chops:
        step = market.advance(market.now_ms + chop)
        if step.closed is not None and not market.exhausted:
            closed.append(step.closed)
    for candles in closed:
        for symbol in (0, 1):
            assert columns_of(candles, symbol) == recorded(symbol, candles.open_ms)


def test_history_when_the_market_starts_is_the_recording_before_it():
    market = replay()
    assert market.start_ms == market.now_ms == FIRST_MS + 10 * MINUTE_MS
    rows = market.candles("AAAUSDT", None, None, 500, "1m")[:-1]
    assert len(rows) == 10
    for row in rows:
        assert tuple(float(text) for text in row[1:6]) == recorded(0, row[0])


def test_market_when_the_recording_ends_is_exhausted_and_time_still_moves():
    market = replay()
    end_ms = FIRST_MS + 30 * MINUTE_MS
    assert len(closed_minutes(walk_to(market, end_ms - 1))) == 19
    assert not market.exhausted
    (last,) = walk_to(market, end_ms)
    assert last.closed.traded.all()
    assert market.exhausted
    after = closed_minutes(walk_to(market, end_ms + 3 * MINUTE_MS))
    assert len(after) == 3
    assert not any(candles.traded.any() for candles in after)


def test_rules_when_inferred_follow_the_decimals_of_the_data():
    first, second = replay().rules
    assert (first.tick_size, second.tick_size) == (Decimal("0.001"), Decimal("0.01"))
    assert first.step_size == first.min_qty == first.market_step == Decimal("0.1")
    assert (first.base, first.quote, first.symbol) == ("AAA", "USDT", "AAAUSDT")
    assert (first.price_precision, first.qty_precision) == (3, 1)


@pytest.mark.parametrize("minute", [9, 30])
def test_market_when_the_start_lies_outside_says_where_it_may_lie(minute):
    with pytest.raises(ReplayError, match="the start must lie 10 minutes or more after the first"):
        replay(start_ms=FIRST_MS + minute * MINUTE_MS)


def test_market_when_a_start_is_given_begins_there_with_its_history():
    market = replay(start_ms=FIRST_MS + 20 * MINUTE_MS)
    assert market.start_ms == FIRST_MS + 20 * MINUTE_MS
    assert len(market.candles("AAAUSDT", None, None, 500, "1m")) == 11


def test_market_when_the_recording_is_shorter_than_the_history_says_so():
    with pytest.raises(ReplayError, match="of 30 recorded minutes"):
        replay(warm_minutes=500)


def test_market_when_only_one_symbol_is_wanted_lists_only_it():
    assert [rules.symbol for rules in replay(symbols=["BBBUSDT"]).rules] == ["BBBUSDT"]


def test_market_when_all_minutes_are_wanted_lists_a_late_contract_when_its_recording_begins():
    late = recorded_frame("CCCUSDT", 10, start=datetime(2025, 5, 4, 0, 20, tzinfo=UTC))
    market = ReplayMarket([FRAMES[0], late], warm_minutes=10, common=False)
    begins_ms = FIRST_MS + 20 * MINUTE_MS
    assert [rules.status for rules in market.rules] == ["TRADING", "PENDING_TRADING"]
    assert market.rules[1].onboard_ms == begins_ms
    assert market.candles("CCCUSDT", None, None, 10, "1m") == []
    *early, step = walk_to(market, begins_ms)
    assert not any(item.closed.traded[1] for item in early if item.closed)
    assert [(r.symbol, r.status) for r in step.contract_changes] == [("CCCUSDT", "TRADING")]
    (first,) = closed_minutes(walk_to(market, begins_ms + MINUTE_MS))
    assert first.traded.all()
    assert len(market.candles("CCCUSDT", None, None, 10, "1m")) == 2
    assert ReplayMarket([FRAMES[0], late], warm_minutes=1).rules[1].status == "TRADING"


def test_market_when_saved_and_loaded_continues_with_the_same_bytes():
    market, again = replay(), replay()
    walk_to(market, market.start_ms + 200_000, step_ms=13_000)
    again.load(market.dump())
    pairs = zip(
        walk_to(market, market.now_ms + 200_000, 5_000),
        walk_to(again, again.now_ms + 200_000, 5_000),
        strict=True,
    )
    assert all(a.last.tobytes() == b.last.tobytes() for a, b in pairs)


@pytest.mark.parametrize("name", ["um_2025-01", "spot_2020-05"])
def test_real_candles_when_replayed_close_exactly_as_recorded(name):
    path = shared_path(f"data/klines_1m/{name}.parquet")
    frame = pl.scan_parquet(path).filter(
        pl.col("open_time") < pl.col("open_time").min() + pl.duration(hours=9)
    )
    frame = frame.collect()
    expected = {
        (symbol, time_ms): tuple(candle)
        for symbol, time_ms, *candle in frame.select(
            "symbol", pl.col("open_time").dt.epoch("ms"), "open", "high", "low", "close", "volume"
        ).iter_rows()
    }
    market = ReplayMarket([frame], warm_minutes=5)
    compared = 0
    for candles in closed_minutes(walk_to(market, market.start_ms + 400 * MINUTE_MS, 25_000)):
        for index, rules in enumerate(market.rules):
            if candles.traded[index]:
                got = columns_of(candles, index)
                assert got == expected[rules.symbol, candles.open_ms]
                compared += 1
            else:
                silent = expected.get((rules.symbol, candles.open_ms))
                assert silent is None or silent[4] == 0
    assert compared > 1000
