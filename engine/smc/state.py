"""Everything the detector remembers about one symbol and timeframe."""

from typing import NamedTuple

from engine.smc.arrays import LISTS, Allocator, Floats, Ints
from engine.smc.candle_ring import CandleRing, new_candle_ring
from engine.smc.fair_value_gaps import Gaps, new_gaps
from engine.smc.history import History, new_history
from engine.smc.indicators import Indicators, new_indicators
from engine.smc.liquidity import Pools, new_pools
from engine.smc.order_blocks import Blocks, Leg, new_blocks, new_leg
from engine.smc.params import DetectorParams
from engine.smc.setup_row import MOST_A_CANDLE
from engine.smc.structure import Pivot, Structure, new_pivot, new_structure

EQUAL_LEVELS_MEMBERS = 4
"""Room for this many members a pool when equal levels are merged."""


class Side(NamedTuple):
    """What one side holds, in its mirrored prices.

    The up side (+1) has the high pivot, the leg and blocks and gaps that carry a rise, and the
    pools above the highs; the down side (-1) the same with every price negated.
    """

    pivot: Pivot
    leg: Leg
    blocks: Blocks
    gaps: Gaps
    pools: Pools


class Alive(NamedTuple):
    """Setups that still block another of their recipe and direction.

    `until` is the candle at which each expires (0 = none), `stop` its stop in mirrored prices;
    the slot is 2 x recipe + (0 long, 1 short). `until` has one more slot, the latest of all.
    """

    until: Ints
    stop: Floats


class State(NamedTuple):
    """The detector's whole memory."""

    ring: CandleRing
    history: History
    indicators: Indicators
    structure: Structure
    up: Side
    down: Side
    alive: Alive


def new_side(params: DetectorParams, make: Allocator) -> Side:
    """Return an empty side."""
    members = params.max_pools * (EQUAL_LEVELS_MEMBERS if params.equal_levels else 1)
    return Side(
        pivot=new_pivot(make),
        leg=new_leg(make),
        blocks=new_blocks(params.max_blocks, make),
        gaps=new_gaps(params.max_gaps, make),
        pools=new_pools(members, make),
    )


def new_state(params: DetectorParams, make: Allocator = LISTS) -> State:
    """Return the state before the first candle."""
    return State(
        ring=new_candle_ring(params.left + params.right + 2, make),
        history=new_history(make),
        indicators=new_indicators(make),
        structure=new_structure(make),
        up=new_side(params, make),
        down=new_side(params, make),
        alive=Alive(make.ints(MOST_A_CANDLE + 1, 0), make.floats(MOST_A_CANDLE, 0.0)),
    )


def most_events_a_candle(params: DetectorParams) -> int:
    """Return how many events one candle can cause at most, all lists full."""
    side = new_side(params, LISTS)
    # A gap passes at most four states and a block two; a break, its block, a gap, a swing more.
    return 2 * (4 * len(side.gaps.bar) + 2 * len(side.blocks.bar) + len(side.pools.bar) + 4)


class Evictions(NamedTuple):
    """Findings pushed out of a full list before their time."""

    gaps: int
    blocks: int
    pools: int


def evictions(state: State) -> Evictions:
    """Return how many findings were evicted so far."""
    sides = (state.up, state.down)
    return Evictions(
        gaps=sum(int(side.gaps.number[1]) for side in sides),
        blocks=sum(int(side.blocks.number[1]) for side in sides),
        pools=sum(int(side.pools.number[1]) for side in sides),
    )
