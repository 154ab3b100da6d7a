"""What a detector still believes in at its last close, for charts and explanations."""

from collections.abc import Iterator

from engine.domain.setup import Direction, Evidence, EvidenceKind
from engine.smc import fair_value_gaps, liquidity, order_blocks
from engine.smc.events import KINDS
from engine.smc.state import Side, State
from engine.smc.structure import BREAKS, latest_break, latest_kind, trend_at

Finding = tuple[EvidenceKind, int, Direction, float, float]


def live_findings(
    state: State, last: int, max_age: int, first_ms: int, length_ms: int
) -> tuple[Evidence, ...]:
    """Return live gaps and order blocks, open pools and the latest break, oldest candle first.

    A pool is a SWING at its pivot: LONG for a high. Filled gaps and broken blocks are left out.

    Args:
        state: the detector's memory.
        last: number of the last candle taken in.
        max_age: candles after which the latest break is forgotten.
        first_ms: open time of candle 0.
        length_ms: length of a candle.
    """
    found = [*_of_side(state.up, Direction.LONG), *_of_side(state.down, Direction.SHORT)]
    structure = state.structure
    trend = trend_at(structure, last, max_age)
    if structure.number[BREAKS] and trend:
        level = structure.level[0]
        kind = KINDS[latest_kind(structure)]
        found.append((kind, latest_break(structure), Direction(trend), level, level))
    return tuple(
        Evidence(
            kind=kind,
            open_time_ms=first_ms + bar * length_ms,
            direction=direction,
            top=top,
            bottom=bottom,
        )
        for kind, bar, direction, top, bottom in sorted(found, key=lambda item: item[1])
    )


def _of_side(side: Side, direction: Direction) -> Iterator[Finding]:
    """Yield one side's findings in real prices."""
    gaps, blocks, pools = side.gaps, side.blocks, side.pools
    for i in range(gaps.number[fair_value_gaps.COUNT]):
        if gaps.state[i] < fair_value_gaps.FILLED:
            zone = _real(direction, gaps.near[i], gaps.far[i])
            yield EvidenceKind.FVG, gaps.bar[i], direction, *zone
    for i in range(blocks.number[order_blocks.COUNT]):
        if blocks.state[i] < order_blocks.BREAKER:
            zone = _real(direction, blocks.near[i], blocks.far[i])
            yield EvidenceKind.OB, blocks.bar[i], direction, *zone
    for i in range(pools.number[liquidity.COUNT]):
        level = direction * pools.level[i]
        yield EvidenceKind.SWING, pools.bar[i], direction, level, level


def _real(direction: Direction, near: float, far: float) -> tuple[float, float]:
    """Return (top, bottom) of a mirrored zone."""
    return (near, far) if direction > 0 else (-far, -near)
