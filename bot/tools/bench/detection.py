"""Candles a second of detection, in plain Python and compiled."""

from bot.tools.bench.candles import random_walk
from bot.tools.bench.measure import Row, Say, Size, median_s
from engine.ports import Clock
from engine.smc.frame import CandleArrays, can_compile, detect_frame
from engine.smc.params import DetectorParams

PART = "detection"


def measure_detection(size: Size, clock: Clock, say: Say) -> list[Row]:
    """Detect over one long series, Setups and events both kept."""
    rows = [_row("plain Python", random_walk(size.plain_candles, 1), size, clock, compiled=False)]
    if can_compile():
        say("detection, compiled: the first run may compile for a minute")
        walk = random_walk(size.compiled_candles, 1)
        rows.append(_row("compiled", walk, size, clock, compiled=True))
    return rows


def _row(how: str, walk: CandleArrays, size: Size, clock: Clock, *, compiled: bool) -> Row:
    params = DetectorParams()
    found = detect_frame(walk, params, compiled=compiled)
    took_s = median_s(clock, size.repeats, lambda: detect_frame(walk, params, compiled=compiled))
    load = f"1 symbol × {len(walk):,} candles, {len(found.events):,} events, "
    return Row(
        part=PART,
        what=f"detection, {how}, median",
        load=load + f"{len(found.setups):,} setups",
        value=len(walk) / took_s / 1e6,
        unit="M candles/s",
        count=size.repeats,
        reach=2.0 if compiled else None,
        more_is_better=True,
    )
