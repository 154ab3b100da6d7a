"""D5: liquidity pools on one side, their sweeps, and equal levels.

Prices are mirrored for pools of lows: in mirrored prices every pool lies above the price and a
sweep is a high beyond the level whose candle closes back at or below it.
"""

from typing import NamedTuple

from engine.smc.arrays import Allocator, Floats, Ints
from engine.smc.events import NO_REF, POOL_TAKEN, SWEEP, EventBuffer, emit

EQUAL_LEVELS_ATR = 0.1
"""Greatest distance, in ATR(14), at which two pivots make one pool."""
NONE = -1
NOWHERE = float("inf")
COUNT, EVICTED, NEXT_POOL, SWEEP_BAR, SWEPT_PIVOT = range(5)
LEAST, SWEPT_LEVEL, SWEEP_EXTREME = range(3)


class Pools(NamedTuple):
    """Open pool members of one side, oldest first; the first `number[COUNT]` rows are valid.

    Every member is one accepted pivot. Members with the same `pool` number form one pool, whose
    level is the highest of theirs (mirrored); without merging every member is its own pool.
    `number` also holds the latest sweep's candle and the pivot it swept, `price` its level and
    extreme (mirrored) and LEAST, the lowest level of all members.
    """

    level: Floats
    bar: Ints
    pool: Ints
    number: Ints
    price: Floats


def new_pools(size: int, make: Allocator) -> Pools:
    """Return an empty list for `size` members."""
    pools = Pools(
        level=make.floats(size, 0.0),
        bar=make.ints(size, 0),
        pool=make.ints(size, 0),
        number=make.ints(5, 0),
        price=make.floats(3, 0.0),
    )
    pools.number[SWEEP_BAR] = NONE
    pools.number[SWEPT_PIVOT] = NONE
    pools.price[LEAST] = NOWHERE
    return pools


def pool_level(pools: Pools, pool: int) -> float:
    """Return the highest member level of a pool. Kernel function."""
    level = -NOWHERE
    for row in range(pools.number[COUNT]):
        if pools.pool[row] == pool:
            level = max(level, pools.level[row])
    return level


def is_newest_member(pools: Pools, row: int) -> bool:
    """Tell whether no later row belongs to the same pool. Kernel function."""
    for later in range(row + 1, pools.number[COUNT]):
        if pools.pool[later] == pools.pool[row]:
            return False
    return True


def keep(pools: Pools, row: int, kept: int) -> int:
    """Keep a row as number `kept` and return the next number. Kernel function."""
    pools.level[kept] = pools.level[row]
    pools.bar[kept] = pools.bar[row]
    pools.pool[kept] = pools.pool[row]
    pools.price[LEAST] = min(pools.price[LEAST], pools.level[row])
    return kept + 1


def note_sweep(pools: Pools, t: int, pivot: int, level: float, high: float) -> None:
    """Remember the latest sweep; of several by one candle the deepest. Kernel function."""
    if pools.number[SWEEP_BAR] == t and pools.price[SWEPT_LEVEL] <= level:
        return
    pools.number[SWEEP_BAR] = t
    pools.number[SWEPT_PIVOT] = pivot
    pools.price[SWEPT_LEVEL] = level
    pools.price[SWEEP_EXTREME] = high


def drop_aged(pools: Pools, t: int, max_age: int) -> None:
    """Forget members older than `max_age`. Kernel function."""
    pools.price[LEAST] = NOWHERE
    kept = 0
    for row in range(pools.number[COUNT]):
        if t - pools.bar[row] <= max_age:
            kept = keep(pools, row, kept)
    pools.number[COUNT] = kept


def drop_broken_members(pools: Pools, side: int, t: int, close: float, events: EventBuffer) -> None:
    """Drop members the close broke; a pool without any left was taken. Kernel function."""
    for row in range(pools.number[COUNT]):
        if close > pools.level[row] and is_newest_member(pools, row):
            level = pool_level(pools, pools.pool[row])
            if close > level:
                price = side * level
                emit(events, t, pools.bar[row], POOL_TAKEN, side, price, price, NO_REF)
    pools.price[LEAST] = NOWHERE
    kept = 0
    for row in range(pools.number[COUNT]):
        if close <= pools.level[row]:
            kept = keep(pools, row, kept)
    pools.number[COUNT] = kept


def sweep_pools(pools: Pools, side: int, t: int, high: float, events: EventBuffer) -> None:
    """Emit a sweep of every pool the high went beyond and consume it. Kernel function."""
    pools.price[LEAST] = NOWHERE
    count = pools.number[COUNT]
    kept = 0
    for row in range(count):
        if high > pools.level[row] and is_newest_member(pools, row):
            level = pool_level(pools, pools.pool[row])
            if high <= level:
                continue
            price = side * level
            emit(events, t, pools.bar[row], SWEEP, -side, price, price, NO_REF)
            note_sweep(pools, t, pools.bar[row], level, high)
    # In a second pass: a pool's level is needed until its newest member was judged.
    for row in range(count):
        if high <= pools.level[row] or high <= pool_level(pools, pools.pool[row]):
            kept = keep(pools, row, kept)
    pools.number[COUNT] = kept


def live_through(
    pools: Pools, side: int, t: int, high: float, close: float, max_age: int, events: EventBuffer
) -> None:
    """Let candle t take or sweep the pools known before it. Kernel function."""
    if pools.number[COUNT] == 0:
        return
    if t - pools.bar[0] > max_age:
        drop_aged(pools, t, max_age)
    if high <= pools.price[LEAST]:
        return
    if close > pools.price[LEAST]:
        drop_broken_members(pools, side, t, close, events)
    if high > pools.price[LEAST]:
        sweep_pools(pools, side, t, high, events)


def add_pivot(pools: Pools, bar: int, level: float, reach: float) -> None:
    """Open a pool at an accepted pivot or join the newest one within `reach`. Kernel function.

    Args:
        pools: members of the pivot's side.
        bar: pivot candle.
        level: its mirrored price.
        reach: greatest distance that still joins; negative = never join.
    """
    size = len(pools.bar)
    if pools.number[COUNT] == size:
        for row in range(1, size):
            pools.level[row - 1] = pools.level[row]
            pools.bar[row - 1] = pools.bar[row]
            pools.pool[row - 1] = pools.pool[row]
        pools.number[COUNT] = size - 1
        pools.number[EVICTED] += 1
    count = pools.number[COUNT]
    pool = pools.number[NEXT_POOL]
    if reach >= 0.0:
        for row in range(count):
            if abs(level - pool_level(pools, pools.pool[row])) <= reach:
                pool = pools.pool[row]
    if pool == pools.number[NEXT_POOL]:
        pools.number[NEXT_POOL] += 1
    pools.level[count] = level
    pools.bar[count] = bar
    pools.pool[count] = pool
    pools.number[COUNT] = count + 1
    pools.price[LEAST] = min(pools.price[LEAST], level)
