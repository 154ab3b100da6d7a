"""Rows to learn from or to judge on, made from candle files, and what is to be told about them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from models.dataset import Dataset, build, load_rows
from models.dataset_rules import Counts, DatasetRules
from models.errors import ResearchError, TooLittleData
from models.labels import FundingHistory
from models.schema import Schema
from models.workers import Workers
from storage.candle_sources import CandleFiles, open_sources

Told = Callable[[str, float | None], None]


class Market(StrEnum):
    """Where candles come from. Costs and exits are those of futures whatever it is."""

    SPOT = "spot"
    FUTURES = "futures"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOrder:
    """How rows are made from files.

    Attributes:
        rules: how.
        schema: features to add.
        funding: rates by symbol.
        work: folder where finished parts are kept.
        market: of sources whose name does not say it.
    """

    rules: DatasetRules
    schema: Schema
    funding: Mapping[str, FundingHistory]
    work: Path
    market: Market


@dataclass(frozen=True, slots=True)
class ResearchData:
    """Rows of one role and where they come from.

    Attributes:
        rows: labelled, with features, by time.
        counts: what was seen and left out.
        sources: name, role, market, number of symbols and digest of each, for the manifest.
        digest: of all of them.
        both: symbols that are in spot and in futures sources.
    """

    rows: pl.DataFrame
    counts: Counts
    sources: tuple[dict[str, Any], ...]
    digest: str
    both: tuple[str, ...]


def market_of(name: str, unmarked: Market) -> Market:
    """Return the market a source's name begins with: `spot...`, or `um...`, `futures...`.

    Args:
        name: of the file or folder.
        unmarked: what it is when the name does not say.
    """
    lower = name.lower()
    if lower.startswith("spot"):
        return Market.SPOT
    return Market.FUTURES if lower.startswith(("um_", "um-", "futures")) else unmarked


def prepare(
    role: str, paths: Sequence[Path], order: RowsOrder, workers: Workers, told: Told
) -> ResearchData:
    """Return the rows of files, made where an earlier run has not left them behind.

    Raises:
        InvalidCandles: a file is unusable.
        TooLittleData: there is no row.
        WorkerLost, WorkersUnreachable: those who made them are gone.
    """
    told(f"{role}: reading", None)
    sources = open_sources(paths)
    made = build(
        sources,
        order.work,
        order.rules,
        funding=order.funding,
        workers=workers,
        progress=lambda done, total, name: told(f"{role} {name}", done / max(1, total)),
    )
    if not made.counts.rows:
        raise TooLittleData(
            f"the {role} data hold {made.counts.candles:,} candles and {made.counts.setups:,} "
            f"setups, none of which could be followed to its exit{_left_out(made)}"
        )
    rows = load_rows(made.parts, order.schema)
    described = tuple(_described(source, role, order.market) for source in sources)
    digest = "-".join(part["sha256"] for part in described)
    return ResearchData(rows, made.counts, described, digest, _in_both(sources, order.market))


def _left_out(made: Dataset) -> str:
    dropped = made.counts.dropped
    return f"; {dropped} symbols hardly trade and were left out" if dropped else ""


def _described(source: CandleFiles, role: str, unmarked: Market) -> dict[str, Any]:
    return {
        "name": source.name,
        "role": role,
        "market": market_of(source.name, unmarked).value,
        "symbols": len(source.symbols()),
        "sha256": source.digest(),
    }


def _in_both(sources: Sequence[CandleFiles], unmarked: Market) -> tuple[str, ...]:
    pairs = {(s, market_of(one.name, unmarked)) for one in sources for s in one.symbols()}
    times = Counter(symbol for symbol, _ in pairs)
    return tuple(sorted(symbol for symbol, number in times.items() if number > 1))


def refuse_overlap(learnt: ResearchData, tested: ResearchData, rules: DatasetRules) -> None:
    """Refuse days on both sides: a move of the whole market is in every symbol.

    Raises:
        ResearchError: says how many setups are too close.
    """
    proved = learnt.rows["proved_at_ms"]
    begin = int(tested.rows["proved_at_ms"][0]) - rules.embargo_ms
    end = int(tested.rows["known_at_ms"].max())  # type: ignore[arg-type]
    close = int(((proved >= begin) & (proved <= end)).sum())
    if close:
        raise ResearchError(
            f"{close} training setups lie in the time of the test data or less than "
            f"{rules.embargo_ms / 3_600_000:.0f} h before it; keep the two apart in time"
        )
