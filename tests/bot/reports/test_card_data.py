"""Tests of bot/reports/card_data.py."""

from types import SimpleNamespace
from typing import Any

from bot.reports.card_data import data_section
from bot.reports.document import to_markdown
from models.dataset_rules import Counts


def facts(**changes: Any) -> Any:
    source = {"name": "spot_2021", "role": "training", "market": "spot", "symbols": 45}
    given = {
        "manifest": SimpleNamespace(provenance={"sources": [source | {"sha256": "ab" * 32}]}),
        "counts": Counts(candles=1_234_567, masked=513, dropped=1, rows=99),
        "test_counts": None,
        "spot_share": 0.0,
        "both": (),
    }
    return SimpleNamespace(**(given | changes))


def test_data_when_told_count_what_was_left_out() -> None:
    text = to_markdown(data_section(facts()))
    assert "silent minutes masked" in text
    assert "1,234,567" in text
    assert "| 513 |" in text
    assert "A stretch of 3 or more minutes" in text
    assert "| spot_2021 | training | spot | 45 | abababababab |" in text
    assert "futures costs" not in text


def test_data_when_some_are_spot_say_that_costs_are_not() -> None:
    text = to_markdown(data_section(facts(spot_share=0.62)))
    assert "62.0% of the training rows are spot candles with futures costs" in text


def test_data_when_a_symbol_is_in_both_markets_name_it() -> None:
    names = tuple(f"{letter}USDT" for letter in "ABCDEF")
    text = to_markdown(data_section(facts(both=names)))
    assert "6 symbols are in spot and in futures sources (AUSDT, BUSDT" in text
    assert "EUSDT, ...)" in text
    assert "FUSDT" not in text
