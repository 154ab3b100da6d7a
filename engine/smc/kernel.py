"""One closed candle through the whole detector, in the order that keeps it causal.

Kernel functions use only what numba compiles: numbers, flags, and named tuples of arrays. They
run as they stand in the live process and compiled in research, with equal results bit for bit.
"""

from engine.smc import fair_value_gaps, indicators, liquidity, order_blocks, recipes, structure
from engine.smc.candle_ring import push
from engine.smc.events import EventBuffer
from engine.smc.history import keep
from engine.smc.params import Rules
from engine.smc.setup_row import SetupBuffer
from engine.smc.state import Side, State
from engine.smc.swings import swing_at


def act_on_known(
    side: Side,
    d: int,
    t: int,
    high: float,
    low: float,
    close: float,
    max_age: int,
    events: EventBuffer,
) -> None:
    """Let candle t, mirrored for d, act on what this side knew before it. Kernel function."""
    fair_value_gaps.live_through(side.gaps, d, t, low, close, max_age, events)
    order_blocks.live_through(side.blocks, d, t, low, close, max_age, events)
    liquidity.live_through(side.pools, d, t, high, close, max_age, events)


def judge_break(
    side: Side,
    state: State,
    d: int,
    t: int,
    close: float,
    max_age: int,
    events: EventBuffer,
) -> bool:
    """Judge a break of this side's pivot and leave its order block. Kernel function."""
    structure.forget_aged(side.pivot, t, max_age)
    if not structure.break_pivot(side.pivot, state.structure, d, t, close, max_age, events):
        return False
    pivot = side.pivot.number[structure.BAR]
    order_blocks.leave_block(side.blocks, side.leg, d, t, pivot, events)
    return True


def confirm_swing(state: State, rules: Rules, t: int, events: EventBuffer) -> None:
    """Judge candle t-right as a pivot; an accepted one opens a pool and a leg. Kernel function."""
    d = swing_at(state.ring, t, rules.left, rules.right)
    if d == 0:
        return
    side = state.up if d > 0 else state.down
    bar = t - rules.right
    at = bar & (len(state.ring.open) - 1)
    price = state.ring.high[at] if d > 0 else -state.ring.low[at]
    if not structure.accept(side.pivot, state.structure, d, t, bar, price, events):
        return
    reach = -1.0
    if rules.equal_levels:
        reach = liquidity.EQUAL_LEVELS_ATR * state.indicators.value[indicators.ATR]
    liquidity.add_pivot(side.pools, bar, price, reach)
    order_blocks.begin_leg(side.leg, state.ring, d, bar, t, rules.anchor_extreme)


def extend_legs(state: State, rules: Rules, t: int) -> None:
    """Take candle t into the legs of unbroken pivots. Kernel function."""
    up = state.up
    down = state.down
    if up.pivot.number[structure.BAR] >= 0 and up.pivot.number[structure.BROKEN] == 0:
        order_blocks.extend_leg(up.leg, state.ring, 1, t, rules.anchor_extreme)
    if down.pivot.number[structure.BAR] >= 0 and down.pivot.number[structure.BROKEN] == 0:
        order_blocks.extend_leg(down.leg, state.ring, -1, t, rules.anchor_extreme)


def on_candle(
    state: State,
    rules: Rules,
    events: EventBuffer,
    setups: SetupBuffer,
    t: int,
    open_: float,
    high: float,
    low: float,
    close: float,
    quote: float,
) -> None:
    """Take in closed candle t, emit its events and write its Setups. Kernel function.

    Order: what was known before acts first (gaps, blocks, pools, pivots), then candle t adds its
    own gap, and only then the pivot it confirms exists, so nothing acts on the candle that made
    it known.

    Args:
        state: memory of one symbol and timeframe.
        rules: parameters.
        events: buffer with room for `most_events_a_candle`.
        setups: buffer with room for `MOST_A_CANDLE` rows.
        t: 0-based number of the candle; consecutive calls count up by one.
        open_: open price.
        high: high price.
        low: low price.
        close: close price.
        quote: quote volume.
    """
    ring = state.ring
    max_age = rules.max_age
    previous = ring.close[(t - 1) & (len(ring.close) - 1)]
    push(ring, t, open_, high, low, close, quote)
    indicators.update(state.indicators, t, high, low, close, previous)
    keep(state.history, t, high, low, close, state.indicators.value[indicators.TRUE_RANGE])
    recipes.expire(state.alive, t, low, high)
    act_on_known(state.up, 1, t, high, low, close, max_age, events)
    act_on_known(state.down, -1, t, -low, -high, -close, max_age, events)
    broke = 0
    if judge_break(state.up, state, 1, t, close, max_age, events):
        broke = 1
    if judge_break(state.down, state, -1, t, -close, max_age, events):
        broke = -1
    if t >= 2:
        least = rules.min_gap_atr * state.indicators.value[indicators.ATR]
        fair_value_gaps.look_for_gap(state.up.gaps, ring, 1, t, least, events)
        fair_value_gaps.look_for_gap(state.down.gaps, ring, -1, t, least, events)
    extend_legs(state, rules, t)
    confirm_swing(state, rules, t, events)
    recipes.judge(state, rules, setups, t, broke)
