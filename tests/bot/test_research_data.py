"""Tests of bot/research_data.py: what is told about the data beside the rows."""

from pathlib import Path

import polars as pl
import pytest

from bot.research_data import Market, ResearchData, RowsOrder, market_of, prepare, refuse_overlap
from engine.domain.candle import Timeframe
from models.dataset_rules import Counts, DatasetRules
from models.errors import ResearchError, TooLittleData
from models.schema import SMC12_V1
from models.workers import Serial
from storage.candles import write_candles
from tests.models.sources import market

RULES = DatasetRules(timeframes=(Timeframe.M1,), warm_up=50)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("spot_2021-04", Market.SPOT),
        ("Spot", Market.SPOT),
        ("um_2025-01", Market.FUTURES),
        ("futures-2020", Market.FUTURES),
        ("umbrella", Market.SPOT),
        ("2025", Market.SPOT),
    ],
)
def test_market_when_the_name_says_it_is_that(name: str, found: Market) -> None:
    assert market_of(name, Market.SPOT) is found


def write(path: Path, seed: int, size: int = 3_000, symbols: tuple[str, ...] = ("AUSDT",)) -> Path:
    frames = [
        market(seed + i, size).select(
            pl.lit(symbol).alias("symbol"),
            *("open_time", "open", "high", "low", "close", "quote_volume"),
            pl.lit(1.0).alias("volume"),
        )
        for i, symbol in enumerate(symbols)
    ]
    write_candles(pl.concat(frames), path)
    return path


def rows_order(work: Path) -> RowsOrder:
    return RowsOrder(rules=RULES, schema=SMC12_V1, funding={}, work=work, market=Market.FUTURES)


def test_rows_when_prepared_come_with_what_is_to_be_told(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "spot_1.parquet", 1, symbols=("AUSDT", "BUSDT")),
        write(tmp_path / "um_1.parquet", 5, symbols=("BUSDT", "CUSDT")),
    ]
    told: list[tuple[str, float | None]] = []
    made = prepare(
        "training", files, rows_order(tmp_path / "w"), Serial(), lambda *said: told.append(said)
    )
    assert made.both == ("BUSDT",)
    assert [(one["name"], one["market"], one["symbols"]) for one in made.sources] == [
        ("spot_1", "spot", 2),
        ("um_1", "futures", 2),
    ]
    assert made.digest == "-".join(one["sha256"] for one in made.sources)
    assert made.counts.rows == len(made.rows)
    assert set(SMC12_V1.names) <= set(made.rows.columns)
    assert told[0] == ("training: reading", None)
    assert told[-1] == ("training um_1 CUSDT", 1.0)


def test_rows_when_there_are_none_is_said_with_numbers(tmp_path: Path) -> None:
    tiny = write(tmp_path / "tiny.parquet", 1, 20)
    with pytest.raises(TooLittleData, match="the test data hold 20 candles and 0 setups"):
        prepare("test", [tiny], rows_order(tmp_path), Serial(), lambda *_: None)


def data(proved: list[int], known: list[int]) -> ResearchData:
    rows = pl.DataFrame({"proved_at_ms": proved, "known_at_ms": known})
    return ResearchData(rows, Counts(), (), "", ())


def test_overlap_when_days_are_on_both_sides_is_refused() -> None:
    embargo = RULES.embargo_ms
    tested = data([10 * embargo], [11 * embargo])
    refuse_overlap(data([8 * embargo], [0]), tested, RULES)
    refuse_overlap(data([12 * embargo], [0]), tested, RULES)
    with pytest.raises(ResearchError, match="2 training setups lie in the time of the test"):
        refuse_overlap(data([9 * embargo, 11 * embargo], [0, 0]), tested, RULES)
