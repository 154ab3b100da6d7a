from engine.domain.events import CandleClosed, FeedBlind, FeedSeeing, Origin
from engine.scanner.feeds import Feeds
from tests.engine.scanner.conftest import candle
from tests.fake_clock import FakeClock

MINUTE = 60_000


def rig(now_min: float = 11, speed: float = 1.0):
    events = []
    clock = FakeClock(int(now_min * MINUTE), speed)
    feeds = Feeds(clock, events.append)
    feeds.add(["AUSDT"])
    return feeds, events, clock


def closes(events):
    return [
        (e.candle.open_time_ms // MINUTE, e.origin) for e in events if isinstance(e, CandleClosed)
    ]


def test_feeds_when_history_loads_replays_what_closed_meanwhile():
    feeds, events, _ = rig()
    feeds.receive(candle(10), 1.0)
    assert closes(events) == []

    feeds.load("AUSDT", [candle(8), candle(9)])

    assert closes(events) == [(8, Origin.PRELOAD), (9, Origin.PRELOAD), (10, Origin.LIVE)]
    assert feeds.missing("AUSDT") is None


def test_feeds_when_loaded_twice_ignores_the_second():
    feeds, events, _ = rig()
    feeds.load("AUSDT", [candle(9)])
    feeds.load("AUSDT", [candle(9)])

    assert len(closes(events)) == 1


def test_feeds_when_a_gap_opens_turns_blind_until_filled():
    feeds, events, _ = rig()
    feeds.load("AUSDT", [candle(8)])
    feeds.lighten(["AUSDT"])

    assert feeds.receive(candle(10), 2.5) is True
    assert events[-1] == FeedBlind(frozenset({"AUSDT"}), "a candle is missing")
    feeds.lighten(["AUSDT"])
    assert feeds.blind == {"AUSDT"}

    feeds.fill("AUSDT", [candle(9)], feeds.missing("AUSDT")[1])
    feeds.lighten(["AUSDT"])
    assert events[-1] == FeedSeeing(frozenset({"AUSDT"}))
    assert closes(events)[1:] == [(9, Origin.BACKFILL), (10, Origin.LIVE)]
    assert (feeds.counts.received, feeds.counts.backfilled, feeds.counts.gaps) == (1, 1, 1)


def test_feeds_when_a_symbol_is_unknown_or_removed_drops_its_candles():
    feeds, events, _ = rig()
    feeds.remove(["AUSDT"])

    assert feeds.receive(candle(9), 0.0) is False
    assert events == []
    assert feeds.missing("AUSDT") is None


def test_feeds_when_a_close_is_late_in_wall_seconds_names_the_symbol_at_any_speed():
    for speed in (1.0, 20.0):
        feeds, _, clock = rig(now_min=10, speed=speed)
        feeds.load("AUSDT", [candle(9)])
        clock.advance(60 / speed + 4.9)
        assert feeds.overdue(5.0) == []
        clock.advance(0.2)
        assert feeds.overdue(5.0) == ["AUSDT"]


def test_feeds_when_duplicates_and_late_candles_come_counts_them():
    feeds, _, _ = rig()
    feeds.load("AUSDT", [candle(8), candle(9)])
    feeds.receive(candle(9), 0.0)
    feeds.receive(candle(5), 0.0)

    assert (feeds.counts.duplicate, feeds.counts.late) == (1, 1)


def test_feeds_when_darkened_twice_tells_once():
    feeds, events, _ = rig()
    feeds.load("AUSDT", [candle(10)])
    feeds.lighten(["AUSDT"])
    feeds.darken(["AUSDT"], "down")
    feeds.darken(["AUSDT"], "down")

    assert sum(isinstance(e, FeedBlind) for e in events) == 1
