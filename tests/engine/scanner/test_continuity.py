from hypothesis import given
from hypothesis import strategies as st

from engine.domain.events import Origin
from engine.scanner.continuity import Continuity, Judgement
from tests.engine.scanner.conftest import candle


def started(last_min: int = 10, last_id: int = -1) -> Continuity:
    continuity = Continuity("AUSDT")
    continuity.start(candle(last_min, last=last_id))
    return continuity


def summary(deliveries):
    return [(d.candle.open_time_ms // 60_000, d.origin) for d in deliveries]


def test_continuity_when_in_order_delivers_live():
    judged = started().accept(candle(11))

    assert judged.judgement is Judgement.IN_ORDER
    assert summary(judged.deliveries) == [(11, Origin.LIVE)]


def test_continuity_when_duplicate_or_late_delivers_nothing():
    continuity = started()

    assert continuity.accept(candle(10)).judgement is Judgement.DUPLICATE
    assert continuity.accept(candle(8)).judgement is Judgement.LATE
    assert continuity.last.open_time_ms == 10 * 60_000


def test_continuity_when_trade_ids_follow_on_writes_missing_minutes_flat():
    continuity = started(last_id=500)

    judged = continuity.accept(candle(13, first=501, last=520, open=10.6))

    assert judged.judgement is Judgement.FLAT
    assert summary(judged.deliveries) == [
        (11, Origin.FLAT),
        (12, Origin.FLAT),
        (13, Origin.LIVE),
    ]
    flat = judged.deliveries[0].candle
    assert (flat.open, flat.high, flat.low, flat.close, flat.volume) == (10.5,) * 4 + (0.0,)


def test_continuity_when_trade_ids_skip_opens_a_gap_and_holds_what_follows():
    continuity = started(last_id=500)

    assert continuity.accept(candle(13, first=502, last=520)).judgement is Judgement.GAP
    assert continuity.accept(candle(14, first=521, last=530)).deliveries == ()
    assert continuity.is_waiting
    assert continuity.missing == (11 * 60_000, 14 * 60_000)


def test_continuity_when_filled_delivers_missing_then_held_with_the_newest_live():
    continuity = started()
    continuity.accept(candle(13))
    continuity.accept(candle(14))

    deliveries = continuity.fill([candle(11)], 14 * 60_000)

    assert summary(deliveries) == [
        (11, Origin.BACKFILL),
        (12, Origin.FLAT),
        (13, Origin.BACKFILL),
        (14, Origin.LIVE),
    ]
    assert not continuity.is_waiting


def test_continuity_when_held_candles_have_a_hole_after_the_fill_stays_open():
    continuity = started()
    continuity.accept(candle(12))
    until = continuity.missing[1]
    continuity.accept(candle(15))

    first = continuity.fill([candle(11)], until)

    assert summary(first) == [(11, Origin.BACKFILL), (12, Origin.BACKFILL)]
    assert continuity.is_waiting
    assert continuity.missing == (13 * 60_000, 15 * 60_000)


def test_continuity_when_a_flat_minute_precedes_a_gap_still_knows_the_last_trade():
    continuity = started(last_id=7)
    continuity.fill([], 12 * 60_000)

    judged = continuity.accept(candle(13, first=8, last=9))

    assert judged.judgement is Judgement.FLAT
    assert summary(judged.deliveries) == [(12, Origin.FLAT), (13, Origin.LIVE)]


@given(st.sets(st.integers(1, 60)), st.randoms(use_true_random=False), st.booleans())
def test_continuity_when_closes_are_lost_duplicated_or_late_delivers_each_minute_once(
    lost, rng, ids
):
    """I7 in small: with REST at hand the delivered series has no hole and no repeat."""
    everything = {
        m: candle(m, first=m * 10 if ids else -1, last=m * 10 + 9 if ids else -1)
        for m in range(1, 62)
    }
    frames = [m for m in everything if m not in lost]
    frames += rng.sample(frames, min(5, len(frames)))
    frames.sort(key=lambda m: m + rng.random() * 3)
    continuity = Continuity("AUSDT")
    continuity.start(candle(0, last=9 if ids else -1))
    delivered = []
    for minute in [*frames, 61]:
        delivered += continuity.accept(everything[minute]).deliveries
        if continuity.is_waiting and rng.random() < 0.5:
            start, end = continuity.missing
            rest = [c for c in everything.values() if start <= c.open_time_ms < end]
            delivered += continuity.fill(rest, end)
    while continuity.is_waiting:
        start, end = continuity.missing
        rest = [c for c in everything.values() if start <= c.open_time_ms < end]
        delivered += continuity.fill(rest, end)

    assert [d.candle for d in delivered] == list(everything.values())
