"""A backtest in words and tables: for the terminal and for the page."""

from collections.abc import Sequence

from bot.backtest_null import NullResult
from bot.backtesting import Backtested
from bot.reports.backtest_json import iso
from engine.backtest.statistics import Group, Statistics

GROUP_HEAD = (
    "",
    "trades",
    "net wins",
    "net USDT",
    "gross R",
    "cost R",
    "net R",
    "95 % interval",
    "win/loss",
    "minutes",
)
RUN_HEAD = (
    "spread and impact",
    "trades",
    "net wins",
    "net R",
    "95 % interval",
    "gross R",
    "fees",
    "slippage",
    "funding",
    "net USDT",
    "end equity",
    "drawdown",
)
NULL_HEAD = (
    "spread and impact",
    "random entries",
    "net R of the run",
    "its entries followed alike",
    "random net R",
    "95 % interval",
    "against chance",
    "95 % interval",
)


def summary_lines(made: Backtested) -> list[str]:
    """Return the terminal's summary."""
    first = made.results[0]
    period = f"{iso(first.start_ms)} to {iso(first.end_ms)}, {len(first.symbols)} symbols"
    why = f" ({made.scorer_note.rstrip('.')})" if made.scorer_note else ""
    lines = [f"{period}, mode {made.order.mode.value}, scorer {first.scorer}{why}"]
    for result, figures in zip(made.results, made.statistics, strict=True):
        factor = result.assumptions.multiplier
        lines.append(f"spread and impact ×{factor:g}: {sentence(figures)}")
    lines.append(null_sentence(made.nulls[made.main]))
    return [*lines, verdict(made)]


def sentence(figures: Statistics) -> str:
    """Return one run in a line."""
    total = figures.total
    if not total.trades:
        return f"no trades; {figures.setups} setups, {figures.signals_a_day:.1f} signals a day"
    return (
        f"{total.trades} trades, {total.hit_rate:.0%} net wins, "
        f"net {total.net_r:+.3f} R a trade {interval(total)}, gross {total.gross_r:+.3f} R; "
        f"{figures.start_equity:,.0f} -> {figures.end_equity:,.0f} USDT, "
        f"drawdown {figures.drawdown.depth_ratio:.1%}; {figures.signals_a_day:.1f} signals a day"
    )


def null_sentence(null: NullResult | None) -> str:
    """Return what random entries earned beside the strategy."""
    if null is None:
        return "Random entries: no trade to imitate."
    low, high = null.edge_r_low, null.edge_r_high
    between = "(too few days)" if low is None or high is None else f"[{low:+.3f}, {high:+.3f}]"
    return (
        f"Random entries like these ({null.trades} × {null.draws}): "
        f"net {null.net_r:+.3f} R a trade {null_interval(null)}; "
        f"the strategy's own entries, followed the same way, "
        f"{null.same_way_net_r:+.3f} R: {null.edge_r:+.3f} R against chance {between}"
    )


def null_interval(null: NullResult) -> str:
    """Return the interval of the null's net R, or why there is none."""
    if null.net_r_low is None or null.net_r_high is None:
        return "(too few days)"
    return f"[{null.net_r_low:+.3f}, {null.net_r_high:+.3f}]"


def null_rows(made: Backtested) -> list[list[str]]:
    """Return one table row a run under `NULL_HEAD`."""
    rows = []
    for result, figures, null in zip(made.results, made.statistics, made.nulls, strict=True):
        if null is None:
            continue
        low, high = null.edge_r_low, null.edge_r_high
        rows.append(
            [
                f"×{result.assumptions.multiplier:g}",
                f"{null.trades} × {null.draws}",
                f"{figures.total.net_r:+.3f}",
                f"{null.same_way_net_r:+.3f}",
                f"{null.net_r:+.3f}",
                null_interval(null),
                f"{null.edge_r:+.3f}",
                "(too few days)" if low is None or high is None else f"[{low:+.3f}, {high:+.3f}]",
            ]
        )
    return rows


def verdict(made: Backtested) -> str:
    """Return plainly what the run with the costs as assumed says about an edge."""
    total = made.statistics[made.main].total
    if not total.trades:
        return "Nothing was traded: nothing can be said about an edge."
    low, high = total.net_r_low, total.net_r_high
    if low is None or high is None:
        return f"{total.trades} trades on too few days for an interval: no evidence of an edge."
    null = made.nulls[made.main]
    if low > 0 and null is not None and (null.edge_r_low or 0.0) <= 0:
        return (
            "The 95 % interval of net R lies above 0, but these entries are not shown to be better "
            "than random ones of the same days: no evidence of an edge."
        )
    if low > 0:
        return (
            "The 95 % interval of net R lies above 0 in this recording. One period proves little: "
            "every variant tried before this one makes it weaker evidence."
        )
    if high < 0:
        return "No edge: after costs these trades lost, and the 95 % interval lies below 0."
    return "No edge shown: the 95 % interval of net R includes 0."


def interval(one: Group) -> str:
    """Return the interval of net R, or why there is none."""
    if one.net_r_low is None or one.net_r_high is None:
        return "(too few days)"
    return f"[{one.net_r_low:+.3f}, {one.net_r_high:+.3f}]"


def group_rows(groups: Sequence[Group]) -> list[list[str]]:
    """Return table rows under `GROUP_HEAD`."""
    return [
        [
            one.name,
            f"{one.trades}",
            f"{one.hit_rate:.0%}",
            f"{one.net:+,.2f}",
            f"{one.gross_r:+.3f}",
            f"{one.cost_r:.3f}",
            f"{one.net_r:+.3f}",
            interval(one),
            "-" if one.payoff is None else f"{one.payoff:.2f}",
            f"{one.holding_minutes:.0f}",
        ]
        for one in groups
    ]


def run_rows(made: Backtested) -> list[list[str]]:
    """Return one table row a run under `RUN_HEAD`."""
    rows = []
    for result, figures in zip(made.results, made.statistics, strict=True):
        total, costs = figures.total, figures.costs
        rows.append(
            [
                f"×{result.assumptions.multiplier:g}",
                f"{total.trades}",
                f"{total.hit_rate:.0%}",
                f"{total.net_r:+.3f}",
                interval(total),
                f"{total.gross_r:+.3f}",
                f"{costs['fees']:,.2f}",
                f"{costs['slippage']:,.2f}",
                f"{costs['funding']:+,.2f}",
                f"{total.net:+,.2f}",
                f"{figures.end_equity:,.2f}",
                f"{figures.drawdown.depth_ratio:.1%}",
            ]
        )
    return rows
