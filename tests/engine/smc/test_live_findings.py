"""Tests of engine/smc/live_findings.py: what is live follows from the events told so far."""

from engine.domain.candle import Timeframe
from engine.domain.setup import EvidenceKind as Kind
from engine.smc.detector import Detector
from engine.smc.events import Event
from engine.smc.params import DetectorParams
from tests.oracle.smc_series import walk

FIRST_MS = 1_700_000_100_000
MINUTE = 60_000
BORN = {Kind.FVG, Kind.OB, Kind.SWING}
ENDS = {
    Kind.FVG_FILLED: Kind.FVG,
    Kind.OB_BREAKER: Kind.OB,
    Kind.SWEEP: Kind.SWING,
    Kind.POOL_TAKEN: Kind.SWING,
}


def expected_zones(events: list[Event]) -> list[tuple[Kind, int, int, float, float]]:
    live: list[Event] = []
    for event in events:
        if event.kind in BORN:
            live.append(event)
        elif event.kind in ENDS:
            born = ENDS[event.kind]
            # Two breaks may leave the same block; both go at once, one event each.
            live.remove(
                next(
                    e
                    for e in live
                    if (e.kind, e.bar, e.top, e.bottom)
                    == (born, event.bar, event.top, event.bottom)
                )
            )
    return sorted((e.kind, e.bar, e.direction, e.top, e.bottom) for e in live)


def test_live_findings_when_asked_at_any_time_are_those_not_ended_by_an_event() -> None:
    params = DetectorParams(max_age=0, max_pools=1_000, max_gaps=1_000, max_blocks=1_000)
    detector = Detector("BTCUSDT", Timeframe.M1, params)
    events: list[Event] = []
    for t, row in enumerate(walk(23, 900)):
        events += detector.step(FIRST_MS + t * MINUTE, *row[:4], 0.0, row.quote).events
        if t % 100 != 99:
            continue
        found = detector.live_findings()
        assert [e.open_time_ms for e in found] == sorted(e.open_time_ms for e in found)
        zones = [e for e in found if e.kind in BORN]
        assert expected_zones(events) == sorted(
            (e.kind, (e.open_time_ms - FIRST_MS) // MINUTE, int(e.direction), e.top, e.bottom)
            for e in zones
        )
        breaks = [e for e in events if e.kind in {Kind.BOS, Kind.CHOCH}]
        told = [e for e in found if e.kind in {Kind.BOS, Kind.CHOCH}]
        assert [(e.kind, (e.open_time_ms - FIRST_MS) // MINUTE, e.top) for e in told] == [
            (e.kind, e.known_at, e.top) for e in breaks[-1:]
        ]


def test_live_findings_when_nothing_was_seen_are_none() -> None:
    detector = Detector("BTCUSDT", Timeframe.M1, DetectorParams())
    assert detector.live_findings() == ()
    detector.step(FIRST_MS, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)
    assert detector.live_findings() == ()


def test_live_findings_when_all_is_too_old_are_none() -> None:
    detector = Detector("BTCUSDT", Timeframe.M1, DetectorParams(max_age=50))
    rows = walk(23, 300)
    for t, row in enumerate(rows):
        detector.step(FIRST_MS + t * MINUTE, *row[:4], 0.0, row.quote)
    assert detector.live_findings()
    # Two candles far away, then silence at one price: whatever was known is older than 50.
    for t in range(300, 360):
        detector.step(FIRST_MS + t * MINUTE, *(rows[-1].close,) * 4, 0.0, 0.0)
    assert all(e.open_time_ms >= FIRST_MS + 309 * MINUTE for e in detector.live_findings())
