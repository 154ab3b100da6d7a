"""A second, slow and plain implementation of detection, written from the definitions alone.

It keeps every candle for ever, looks at all of them again where a definition speaks of them,
uses real prices (nothing is mirrored) and Python objects. The product's kernel must agree with
it bit for bit.
"""

import math
from dataclasses import dataclass, field

from engine.domain.setup import EvidenceKind as Kind
from engine.domain.setup import Recipe
from engine.smc.events import Event
from engine.smc.params import DetectorParams, OrderBlockAnchor, TargetRule

FIRST_SETUP_CANDLE = 19


@dataclass
class Level:
    bar: int
    price: float
    broken: bool = False


@dataclass
class Zone:
    bar: int
    top: float
    bottom: float
    up: bool
    passed: set[Kind] = field(default_factory=set)
    touched_at: int = -1


@dataclass
class Sweep:
    bar: int
    pivot: int
    level: float
    extreme: float


@dataclass
class Break:
    bar: int
    sign: int
    kind: Kind
    pivot: int
    level: float


@dataclass
class OracleSetup:
    bar: int
    recipe: Recipe
    sign: int
    entry: float
    stop: float
    target: float
    zone: tuple[float, float]
    context: dict[str, float | int | None]


class SmcOracle:
    """Feed candles with `step`; read `events` and `setups`."""

    def __init__(self, params: DetectorParams, least_atr: float = 1e-8) -> None:
        self.p = params
        self.least_atr = least_atr
        self.o: list[float] = []
        self.h: list[float] = []
        self.l: list[float] = []
        self.c: list[float] = []
        self.q: list[float] = []
        self.true_ranges: list[float] = []
        self.reach_so_far: list[float] = [0.0]
        self.atr = self.gain = self.loss = 0.0
        self.events: list[Event] = []
        self.setups: list[OracleSetup] = []
        self.high: Level | None = None
        self.low: Level | None = None
        self.last_sign = 0
        self.breaks: list[Break] = []
        self.gaps: list[Zone] = []
        self.blocks: list[Zone] = []
        self.pools: dict[int, list[list[Level]]] = {1: [], -1: []}
        self.sweeps: dict[int, Sweep] = {}
        self.alive: dict[tuple[Recipe, int], tuple[int, float]] = {}

    def step(self, o: float, h: float, l: float, c: float, q: float = 0.0) -> None:  # noqa: E741
        for column, value in ((self.o, o), (self.h, h), (self.l, l), (self.c, c), (self.q, q)):
            column.append(value)
        t = len(self.c) - 1
        self._indicators(t)
        self._expire(t)
        for sign in (1, -1):
            self._gap_life(t, sign)
            self._block_life(t, sign)
            self._pools(t, sign)
        broke = self._breaks(t)
        self._new_gaps(t)
        self._swing(t)
        self._recipes(t, broke)

    # findings

    def _old(self, t: int, bar: int) -> bool:
        return self.p.max_age > 0 and t - bar > self.p.max_age

    def _emit(
        self, t: int, bar: int, kind: Kind, sign: int, top: float, bottom: float, ref: int = -1
    ) -> None:
        self.events.append(Event(t, bar, kind, sign, top, bottom, ref))

    def _indicators(self, t: int) -> None:
        reach = self.h[t] - self.l[t]
        if t > 0:
            before = self.c[t - 1]
            reach = max(reach, self.h[t] - before, before - self.l[t])
            change = self.c[t] - before
            self.gain = self._wilder(self.gain, max(change, 0.0), t - 1)
            self.loss = self._wilder(self.loss, max(-change, 0.0), t - 1)
        self.true_ranges.append(reach)
        self.reach_so_far.append(self.reach_so_far[-1] + reach)
        self.atr = self._wilder(self.atr, reach, t)

    @staticmethod
    def _wilder(mean: float, new: float, seen: int) -> float:
        weight = min(seen, 13)
        return (mean * weight + new) / (weight + 1)

    def _gap_life(self, t: int, sign: int) -> None:
        for gap in [g for g in self.gaps if g.up == (sign > 0)]:
            if self._old(t, gap.bar):
                self.gaps.remove(gap)
                continue
            if gap.up:
                reached, closed = self.l[t], self.c[t]
                tests = [
                    (Kind.FVG_TOUCHED, reached <= gap.top),
                    (Kind.FVG_HALF, reached <= (gap.top + gap.bottom) / 2),
                    (Kind.FVG_FILLED, reached <= gap.bottom),
                    (Kind.FVG_INVERTED, closed < gap.bottom),
                ]
            else:
                reached, closed = self.h[t], self.c[t]
                tests = [
                    (Kind.FVG_TOUCHED, reached >= gap.bottom),
                    (Kind.FVG_HALF, reached >= (gap.top + gap.bottom) / 2),
                    (Kind.FVG_FILLED, reached >= gap.top),
                    (Kind.FVG_INVERTED, closed > gap.top),
                ]
            for kind, happened in tests:
                if happened and kind not in gap.passed:
                    gap.passed.add(kind)
                    self._emit(t, gap.bar, kind, sign, gap.top, gap.bottom, gap.bar)
            if Kind.FVG_INVERTED in gap.passed:
                self.gaps.remove(gap)

    def _block_life(self, t: int, sign: int) -> None:
        for block in [b for b in self.blocks if b.up == (sign > 0)]:
            if self._old(t, block.bar):
                self.blocks.remove(block)
                continue
            if block.up:
                touched = self.l[t] <= block.top
                lost, regained = self.c[t] < block.bottom, self.c[t] > block.top
            else:
                touched = self.h[t] >= block.bottom
                lost, regained = self.c[t] > block.top, self.c[t] < block.bottom
            broken = Kind.OB_BREAKER in block.passed
            if touched and not broken and Kind.OB_TOUCHED not in block.passed:
                block.passed.add(Kind.OB_TOUCHED)
                block.touched_at = t
                self._emit(t, block.bar, Kind.OB_TOUCHED, sign, block.top, block.bottom)
            if lost and not broken:
                block.passed.add(Kind.OB_BREAKER)
                self._emit(t, block.bar, Kind.OB_BREAKER, sign, block.top, block.bottom)
            if regained and broken:
                self._emit(t, block.bar, Kind.OB_VOID, sign, block.top, block.bottom)
                self.blocks.remove(block)

    def _pools(self, t: int, side: int) -> None:
        h, l, c = self.h[t], self.l[t], self.c[t]  # noqa: E741
        pools = self.pools[side]
        for pool in pools:
            pool[:] = [member for member in pool if not self._old(t, member.bar)]
        pools[:] = [pool for pool in pools if pool]
        ordered = sorted(pools, key=lambda pool: pool[-1].bar)
        for pool in ordered:
            level = max(m.price for m in pool) if side > 0 else min(m.price for m in pool)
            if (c > level) if side > 0 else (c < level):
                self._emit(t, pool[-1].bar, Kind.POOL_TAKEN, side, level, level)
                pool.clear()
        for pool in ordered:
            pool[:] = [m for m in pool if (c <= m.price if side > 0 else c >= m.price)]
        pools[:] = [pool for pool in pools if pool]
        for pool in sorted(pools, key=lambda pool: pool[-1].bar):
            level = max(m.price for m in pool) if side > 0 else min(m.price for m in pool)
            if (h > level) if side > 0 else (l < level):
                self._emit(t, pool[-1].bar, Kind.SWEEP, -side, level, level)
                known = self.sweeps.get(-side)
                deeper = known is None or known.bar != t or (level - known.level) * side < 0
                if deeper:
                    self.sweeps[-side] = Sweep(t, pool[-1].bar, level, h if side > 0 else l)
                pool.clear()
        pools[:] = [pool for pool in pools if pool]

    def _trend(self, t: int) -> int:
        if not self.breaks or self._old(t, self.breaks[-1].bar):
            return 0
        return self.breaks[-1].sign

    def _breaks(self, t: int) -> int:
        broke = 0
        for sign in (1, -1):
            pivot = self.high if sign > 0 else self.low
            if pivot is None or self._old(t, pivot.bar) or pivot.broken:
                continue
            if (self.c[t] > pivot.price) if sign > 0 else (self.c[t] < pivot.price):
                kind = Kind.CHOCH if self._trend(t) == -sign else Kind.BOS
                pivot.broken = True
                self.breaks.append(Break(t, sign, kind, pivot.bar, pivot.price))
                self._emit(t, pivot.bar, kind, sign, pivot.price, pivot.price, pivot.bar)
                self._leave_block(t, sign, pivot.bar)
                broke = sign
        return broke

    def leg_extreme(self, t: int, sign: int, pivot: int) -> int:
        bars = range(pivot + 1, t)
        prices = self.l if sign > 0 else self.h
        extreme = (min if sign > 0 else max)(prices[b] for b in bars)
        return max(b for b in bars if prices[b] == extreme)

    def _leave_block(self, t: int, sign: int, pivot: int) -> None:
        m = self.leg_extreme(t, sign, pivot)
        against = [b for b in range(pivot, m + 1) if (self.c[b] - self.o[b]) * sign < 0]
        last = self.p.ob_anchor is OrderBlockAnchor.LAST_OPPOSITE
        k = against[-1] if against and last else m
        self._keep(self.blocks, Zone(k, self.h[k], self.l[k], sign > 0), self.p.max_blocks)
        self._emit(t, k, Kind.OB, sign, self.h[k], self.l[k], pivot)

    @staticmethod
    def _keep(zones: list[Zone], zone: Zone, most: int) -> None:
        same = [z for z in zones if z.up == zone.up]
        if len(same) == most:
            zones.remove(same[0])
        zones.append(zone)

    def _new_gaps(self, t: int) -> None:
        if t < 2:
            return
        least = self.p.min_gap_atr * self.atr
        body = self.c[t - 1] - self.o[t - 1]
        up = (self.l[t], self.h[t - 2])
        if up[0] > up[1] and body > 0 and up[0] - up[1] >= least:
            self._keep(self.gaps, Zone(t - 1, *up, up=True), self.p.max_gaps)
            self._emit(t, t - 1, Kind.FVG, 1, *up)
        down = (self.l[t - 2], self.h[t])
        if down[0] > down[1] and body < 0 and down[0] - down[1] >= least:
            self._keep(self.gaps, Zone(t - 1, *down, up=False), self.p.max_gaps)
            self._emit(t, t - 1, Kind.FVG, -1, *down)

    def _swing(self, t: int) -> None:
        i = t - self.p.right
        if i < max(self.p.left, 2 * self.p.right - 1):
            return
        window = slice(i - self.p.left, t + 1)
        if self.h[i] >= max(self.h[window]):
            sign, price, current = 1, self.h[i], self.high
        elif self.l[i] <= min(self.l[window]):
            sign, price, current = -1, self.l[i], self.low
        else:
            return
        comparable = self.last_sign == sign and current and not self._old(t, current.bar)
        if comparable and current and (price - current.price) * sign <= 0:
            return
        level = Level(i, price)
        if sign > 0:
            self.high = level
        else:
            self.low = level
        self.last_sign = sign
        self._emit(t, i, Kind.SWING, sign, price, price)
        self._open_pool(sign, Level(i, price))

    def _open_pool(self, side: int, member: Level) -> None:
        pools = self.pools[side]
        most = self.p.max_pools * (4 if self.p.equal_levels else 1)
        members = sorted(m.bar for pool in pools for m in pool)
        if len(members) == most:
            for pool in pools:
                pool[:] = [m for m in pool if m.bar != members[0]]
            pools[:] = [pool for pool in pools if pool]
        if self.p.equal_levels:
            reach = 0.1 * self.atr
            for pool in sorted(pools, key=lambda pool: -pool[-1].bar):
                level = max(m.price for m in pool) if side > 0 else min(m.price for m in pool)
                if abs(member.price - level) <= reach:
                    pool.append(member)
                    return
        pools.append([member])

    # setups

    def _expire(self, t: int) -> None:
        for (recipe, sign), (until, stop) in list(self.alive.items()):
            crossed = self.l[t] <= stop if sign > 0 else self.h[t] >= stop
            if crossed and until > t:
                del self.alive[recipe, sign]

    def _recipes(self, t: int, broke: int) -> None:
        if t < FIRST_SETUP_CANDLE:
            return
        trend = self._trend(t)
        if Recipe.SWEEP_BOS_RETEST in self.p.recipes and broke:
            self._sweep_bos_retest(t, broke)
        if Recipe.FVG_CONTINUATION in self.p.recipes and trend:
            self._fvg_continuation(t, trend)
        if Recipe.OB_RETEST in self.p.recipes and trend:
            touched = [b for b in self.blocks if b.up == (trend > 0) and b.touched_at == t]
            touched = [b for b in touched if Kind.OB_BREAKER not in b.passed]
            if touched:
                zone = touched[-1]
                invalid = zone.bottom if trend > 0 else zone.top
                self._propose(t, Recipe.OB_RETEST, trend, zone, invalid)

    def _sweep_bos_retest(self, t: int, sign: int) -> None:
        sweep = self.sweeps.get(sign)
        zone = [b for b in self.blocks if b.up == (sign > 0)][-1]
        invalid = zone.bottom if sign > 0 else zone.top
        if sweep and t - sweep.bar <= self.p.sweep_lookback:
            invalid = min(invalid, sweep.extreme) if sign > 0 else max(invalid, sweep.extreme)
        elif self.p.sweep_required or not any(
            b.kind is Kind.CHOCH and b.sign == sign and t - self.p.sweep_lookback <= b.bar < t
            for b in self.breaks[-16:]
        ):
            return
        self._propose(t, Recipe.SWEEP_BOS_RETEST, sign, zone, invalid)

    def _fvg_continuation(self, t: int, sign: int) -> None:
        last = self.breaks[-1]
        if last.kind is not Kind.BOS or t - last.bar > 3:
            return
        fresh = [g for g in self.gaps if g.up == (sign > 0) and not g.passed and g.bar > last.pivot]
        if not fresh:
            return
        gap = fresh[-1]
        if (gap.top < last.level) if sign > 0 else (gap.bottom > last.level):
            return
        pair = (gap.bar - 1, gap.bar)
        invalid = min(self.l[b] for b in pair) if sign > 0 else max(self.h[b] for b in pair)
        self._propose(t, Recipe.FVG_CONTINUATION, sign, gap, invalid)

    def _propose(self, t: int, recipe: Recipe, sign: int, zone: Zone, invalid: float) -> None:
        if self.alive.get((recipe, sign), (0, 0.0))[0] > t:
            return
        atr = max(self.atr, self.least_atr)
        entry = self.c[t]
        if self.p.entry_rule == "retest":
            entry = min(zone.top, entry) if sign > 0 else max(zone.bottom, entry)
        stop = invalid - sign * (self.p.stop_margin_atr * atr)
        target = entry + self.p.target_r * (entry - stop)
        pool = self._opposing_pool(sign, entry)
        if self.p.target_rule is TargetRule.POOL and pool is not None:
            target = pool
        ordered = stop < entry < target if sign > 0 else stop > entry > target
        if not ordered or min(stop, target) <= 0:
            return
        self.alive[recipe, sign] = (t + self.p.expiry, stop)
        self.setups.append(
            OracleSetup(
                t,
                recipe,
                sign,
                entry,
                stop,
                target,
                (zone.top, zone.bottom),
                self._context(t, sign, atr),
            )
        )

    def _opposing_pool(self, sign: int, price: float) -> float | None:
        highest = max if sign > 0 else min
        levels = [highest(m.price for m in pool) for pool in self.pools[sign] if pool]
        beyond = [x for x in levels if (x - price) * sign > 0]
        return (min(beyond) if sign > 0 else max(beyond)) if beyond else None

    def _nearest(self, zones: list[Zone], t: int, sign: int, dead: Kind) -> Zone | None:
        live = [z for z in zones if z.up == (sign > 0) and dead not in z.passed]
        ranked = sorted(
            enumerate(live),
            key=lambda item: (
                abs(self.c[t] - (item[1].top if sign > 0 else item[1].bottom)),
                -item[0],
            ),
        )
        return ranked[0][1] if ranked else None

    def _context(self, t: int, sign: int, atr: float) -> dict[str, float | int | None]:
        c = self.c
        young = [b for b in self.breaks[-16:] if not self._old(t, b.bar)]
        signs = [b.sign for b in reversed(young)]
        run = next((n for n, s in enumerate(signs) if s != sign), len(signs))
        ended = signs[run:]
        against = next((n for n, s in enumerate(ended) if s != -sign), len(ended))
        turned = self.breaks[-1].kind is Kind.CHOCH
        sweep = self.sweeps.get(sign)
        if sweep and self._old(t, sweep.bar):
            sweep = None
        gap = self._nearest(self.gaps, t, sign, Kind.FVG_FILLED)
        block = self._nearest(self.blocks, t, sign, Kind.OB_BREAKER)
        near = 0
        for b in self.blocks:
            if b.up == (sign > 0) and Kind.OB_BREAKER not in b.passed:
                near += max(c[t] - b.top, b.bottom - c[t], 0.0) <= 3 * atr
        changes = [abs(c[i] - c[i - 1]) for i in range(max(t - 19, 1), t + 1)]
        both = self.gain + self.loss
        return {
            "close": c[t],
            "atr": atr,
            "breaks_with_trend": 0 if turned else run,
            "breaks_against_trend": max(against, 1) if turned else 0,
            "live_order_blocks_near": near,
            "best_body_5": max(sign * (c[i] - self.o[i]) for i in range(t - 4, t + 1)),
            "sweep_depth": abs(sweep.extreme - sweep.level) if sweep else 0.0,
            "sweep_age_candles": t - sweep.bar if sweep else 0,
            "gap_near_edge": (gap.top if sign > 0 else gap.bottom) if gap else None,
            "gap_far_edge": (gap.bottom if sign > 0 else gap.top) if gap else None,
            "block_near_edge": (block.top if sign > 0 else block.bottom) if block else None,
            "block_far_edge": (block.bottom if sign > 0 else block.top) if block else None,
            "quote_volume": self.q[t],
            "mean_quote_volume_20": _total(self.q[t - 19 : t + 1]) / 20,
            "true_range": self.true_ranges[t],
            "rsi": 100.0 * self.gain / both if both > 0 else 50.0,
            "close_10_ago": c[t - 10],
            "nearest_opposing_pool": self._opposing_pool(sign, c[t]),
            "mean_abs_change_20": _total(changes) / len(changes),
            "range_position": self._range_position(t),
            "mean_true_range_400": self._mean_true_range(t),
            "high_400": max(self.h[-400:]),
            "low_400": min(self.l[-400:]),
            "close_15_ago": c[t - 15],
            "close_60_ago": c[t - 60] if t >= 60 else None,
        }

    def _mean_true_range(self, t: int) -> float:
        candles = min(t + 1, 400)
        return (self.reach_so_far[t + 1] - self.reach_so_far[t + 1 - candles]) / candles

    def _range_position(self, t: int) -> float | None:
        high, low = self.high, self.low
        if not high or not low or self._old(t, high.bar) or self._old(t, low.bar):
            return None
        if high.price <= low.price:
            return None
        return (self.c[t] - low.price) / (high.price - low.price)


def _total(values: list[float]) -> float:
    """Add from left to right: Python's own sum() compensates and would differ in the last bit."""
    total = 0.0
    for value in values:
        total += value
    return total


def same_number(left: float | int | None, right: float | int | None) -> bool:
    """Tell whether two numbers are equal bit for bit, NaN standing for None."""
    if left is None or (isinstance(left, float) and math.isnan(left)):
        return right is None or (isinstance(right, float) and math.isnan(right))
    return left == right
