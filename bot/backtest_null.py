"""What chance would have earned: as many entries, at random minutes and in random directions.

Each trade of a run is imitated by random entries on the same symbol and UTC day, with the same
distances to stop and target, the same exits and costs, and fills of their own: nothing is
conditioned on what the setup saw. They are followed minute by minute on candles alone, without
the account's limits; the strategy's own entries are followed the same way beside them, so that the
comparison is of like with like.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.backtest.assumptions import Assumptions
from engine.backtest.plan import BacktestResult
from engine.backtest.recorder import BacktestTrade
from engine.backtest.series import MINUTE_MS, Floats, SymbolSeries
from engine.backtest.statistics import day_interval
from engine.domain.instrument import Instrument
from engine.risk.costs import CostModel
from engine.risk.exits import ExitPolicy
from engine.risk.limits import DAY_MS
from engine.smc.frame import can_compile
from models.label_rules import LabelRules
from models.labels import results
from models.null import random_plans
from models.trade_paths import Minutes, Plans, follow

DRAWS = 20
"""Random entries for each trade; their mean is compared with it."""
_ANY_MOVE = 1e9
"""The trades were entered, so the entry rule has nothing to say here."""
COMPILE_FROM = 2_000
"""Random entries from which reading machine code pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NullResult:
    """The random entries beside the strategy's, mean R a trade after costs, without funding.

    Attributes:
        trades: trades imitated; those whose room before a hole or the end was too short are left
            out, here and in `same_way_net_r`.
        draws: random entries for each.
        gross_r: of the random entries, before costs.
        net_r: of the random entries, after costs.
        net_r_low: lower end of its 95 % interval by resampled UTC days, None with too few days.
        net_r_high: upper end.
        same_way_net_r: the strategy's own entries, followed the same way.
        edge_r: `same_way_net_r` less `net_r`.
        edge_r_low: lower end of its interval, by resampled days.
        edge_r_high: upper end.
    """

    trades: int
    draws: int
    gross_r: float
    net_r: float
    net_r_low: float | None
    net_r_high: float | None
    same_way_net_r: float
    edge_r: float
    edge_r_low: float | None
    edge_r_high: float | None


@dataclass(frozen=True, slots=True)
class _Imitated:
    """Columns of equal length: a trade's day, its own net R, its random entries' mean R."""

    day: list[int]
    own: list[float]
    gross: list[float]
    net: list[float]


def null_of(
    result: BacktestResult,
    series: Iterable[SymbolSeries],
    instruments: Iterable[Instrument],
    exits: ExitPolicy,
    *,
    seed: int = 0,
) -> NullResult | None:
    """Return the null of a run; None where no trade can be imitated."""
    by_name = {one.symbol: one for one in series}
    ticks = {one.symbol: float(one.tick_size) for one in instruments}
    found = _Imitated([], [], [], [])
    chance = np.random.default_rng(seed)
    compiled = can_compile() and len(result.recorder.trades) * DRAWS >= COMPILE_FROM
    for (symbol, part), trades in _by_segment(result.recorder.trades, by_name).items():
        one = by_name[symbol]
        costs = _costs(result.assumptions, ticks[symbol], float(one.candles.close[part]))
        rules = LabelRules(exits=exits, costs=costs, max_moved_r=_ANY_MOVE)
        piece = next(piece for piece in one.segments if piece.start == part)
        _imitate(found, one, piece, trades, rules, chance, compiled=compiled)
    return _summed(found, seed) if found.day else None


def _by_segment(
    trades: Sequence[BacktestTrade], series: Mapping[str, SymbolSeries]
) -> dict[tuple[str, int], list[tuple[int, BacktestTrade]]]:
    """Return trades with the row of their entry, by symbol and first row of the segment."""
    found: dict[tuple[str, int], list[tuple[int, BacktestTrade]]] = {}
    for trade in sorted(trades, key=lambda one: (one.closed.symbol, one.closed.opened_ms)):
        one = series[trade.closed.symbol]
        row = one.row_of(trade.closed.opened_ms - trade.closed.opened_ms % MINUTE_MS)
        if row >= 0:
            start = next(piece.start for piece in one.segments if row < piece.stop)
            found.setdefault((one.symbol, start), []).append((row, trade))
    return found


def _imitate(
    found: _Imitated,
    series: SymbolSeries,
    piece: slice,
    trades: Sequence[tuple[int, BacktestTrade]],
    rules: LabelRules,
    chance: np.random.Generator,
    *,
    compiled: bool,
) -> None:
    candles = series.candles
    minutes = Minutes(open=candles.open[piece], high=candles.high[piece], low=candles.low[piece])
    first_ms = int(series.open_ms[piece.start])
    own = _plans(trades, piece.start)
    drawn = random_plans(own, minutes.open, first_ms, rules.exits, DRAWS, chance)
    sides = []
    for plans in (own, drawn):
        paths = follow(minutes, plans, rules, compiled=compiled)
        sides.append(results(plans, paths, rules, first_open_ms=first_ms))
    gross = sides[1].gross_r.reshape(-1, DRAWS).mean(axis=1)
    net = sides[1].net_r.reshape(-1, DRAWS).mean(axis=1)
    whole = np.flatnonzero(np.isfinite(sides[0].net_r) & np.isfinite(net)).tolist()
    found.day.extend(trades[at][1].closed.opened_ms // DAY_MS for at in whole)
    found.own.extend(sides[0].net_r[whole].tolist())
    found.gross.extend(gross[whole].tolist())
    found.net.extend(net[whole].tolist())


def _plans(trades: Sequence[tuple[int, BacktestTrade]], first_row: int) -> Plans:
    setups = [trade.signal.setup for _, trade in trades]
    return Plans(
        start=np.array([row - first_row for row, _ in trades], dtype=np.int64),
        direction=np.array([int(one.direction) for one in setups], dtype=np.int64),
        entry=np.array([one.entry for one in setups]),
        stop=np.array([one.stop for one in setups]),
        target=np.array([one.target for one in setups]),
        minutes=np.array([one.timeframe.ms // MINUTE_MS for one in setups], dtype=np.int64),
    )


def _costs(assumptions: Assumptions, tick: float, price: float) -> CostModel:
    """Return the costs; the matching engine's quote is never narrower than two ticks."""
    model = assumptions.cost_model()
    return CostModel(
        taker_fee=model.taker_fee,
        impact_ratio=model.impact_ratio,
        spread_ratio=max(model.spread_ratio, 2 * tick / price),
    )


def _summed(found: _Imitated, seed: int) -> NullResult:
    own, gross, net = (np.array(one) for one in (found.own, found.gross, found.net))
    low, high = day_interval(net, found.day, seed)
    edge: Floats = own - net
    edge_low, edge_high = day_interval(edge, found.day, seed)
    return NullResult(
        trades=len(found.day),
        draws=DRAWS,
        gross_r=float(gross.mean()),
        net_r=float(net.mean()),
        net_r_low=low,
        net_r_high=high,
        same_way_net_r=float(own.mean()),
        edge_r=float(edge.mean()),
        edge_r_low=edge_low,
        edge_r_high=edge_high,
    )
