"""A backtest as one self-contained HTML page."""

from collections.abc import Mapping

from bot.backtesting import Backtested
from bot.reports.backtest_json import iso
from bot.reports.backtest_plots import equity_picture, groups_picture
from bot.reports.backtest_text import (
    GROUP_HEAD,
    NULL_HEAD,
    RUN_HEAD,
    group_rows,
    null_rows,
    run_rows,
    verdict,
)
from bot.reports.backtest_trades import trades_section
from bot.reports.document import Block, Heading, Picture, Table, Text, to_html
from engine.backtest.plan import BreakerRule

TITLE = "Backtest"
DRAWN = ("exit reason", "score", "symbol", "hour (UTC)")
_BREAKERS = {
    BreakerRule.DAILY: "a simulated owner resets tripped breakers at midnight UTC",
    BreakerRule.KEEP: "a tripped breaker ends trading for the rest of the recording",
    BreakerRule.OFF: "breakers never trip",
}


def backtest_html(made: Backtested) -> str:
    """Return the page: verdict, runs, equity, divisions, what was refused, every trade."""
    page = to_html(TITLE, [*_top(made), *_divisions(made), *_funnel(made), *_assumptions(made)])
    return page.replace("</body>", f"{trades_section(made)}</body>")


def _top(made: Backtested) -> list[Block]:
    first, main = made.results[0], made.statistics[made.main]
    note = f" ({made.scorer_note})" if made.scorer_note else ""
    names = [f"×{one.assumptions.multiplier:g}" for one in made.results]
    return [
        Heading(TITLE, 1),
        Text(
            f"{', '.join(made.files)}: {iso(first.start_ms)} to {iso(first.end_ms)}, "
            f"{len(first.symbols)} symbols, {first.candles:,} candles. "
            f"Mode {made.order.mode.value}, scorer {first.scorer}{note}."
        ),
        Text(verdict(made), strong=True),
        Text(
            f"{main.setups:,} setups became {main.signals:,} signals "
            f"({main.signals_a_day:.1f} a day) and {main.total.trades:,} trades. "
            "R is the money between entry and first stop; every net figure is after fees, "
            "spread, impact and funding. Intervals resample whole UTC days."
        ),
        Table(RUN_HEAD, run_rows(made)),
        Heading("Beside random entries"),
        Text(
            "As many entries on the same symbols and days, at random minutes and in random "
            "directions, with the same distances to stop and target, the same costs and fills of "
            "their own. Their candles are followed without the account's limits and without "
            "funding, and so are the run's own entries beside them."
        ),
        Table(NULL_HEAD, null_rows(made)),
        Picture(
            "Equity of each run by its factor on spread and impact; below it the main run's fall.",
            equity_picture(list(zip(names, made.statistics, strict=True)), made.main),
        ),
    ]


def _divisions(made: Backtested) -> list[Block]:
    figures = made.statistics[made.main]
    blocks: list[Block] = []
    for title, groups in figures.groups.items():
        if not groups:
            continue
        blocks += [Heading(f"By {title}"), Table((title, *GROUP_HEAD[1:]), group_rows(groups))]
        if title in DRAWN:
            blocks.append(Picture(f"Net R by {title}", groups_picture(groups, title)))
    return blocks


def _funnel(made: Backtested) -> list[Block]:
    recorder = made.results[made.main].recorder
    return [
        Heading("From setup to trade"),
        Table(("fate of a setup", "count"), _counted(recorder.fates)),
        Table(("signal refused by rule", "count"), _counted(recorder.refusals)),
        Table(("alarms", "count"), _counted(recorder.alarms)),
    ]


def _assumptions(made: Backtested) -> list[Block]:
    main = made.results[made.main]
    numbers = [[name, f"{value:g}"] for name, value in main.assumptions.as_dict().items()]
    return [
        Heading("What this rests on"),
        Text(
            "An order meets the open of the next minute. Within a minute the price is taken to go "
            "to the bad extreme first; a stop and a target in the same minute are a stop; a gap "
            "through the stop fills at the open beyond it. Contract rules are read off the "
            f"prices. Breakers: {_BREAKERS[made.order.breakers]}. "
            + ("Funding is charged." if made.order.funding else "Funding is not charged.")
        ),
        Table(("assumption", "value"), numbers),
        Text(f"SHA-256 of the data: {made.sha256}"),
    ]


def _counted(counts: Mapping[str, int]) -> list[list[str]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [[name, f"{count:,}"] for name, count in ordered]
