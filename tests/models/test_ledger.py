"""Tests of models/ledger.py."""

from pathlib import Path

import pytest

from models.errors import ResearchError
from models.ledger import Evaluation, record


def judged(bundle: str, test: str = "t") -> Evaluation:
    return Evaluation(test=test, bundle=bundle, net_r=-0.1, created="2026-01-01")


def test_ledger_when_bundles_differ_counts_each_once_a_test_set(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "ledger.jsonl"
    told = [record(file, judged(name)) for name in ("a", "b", "a", "c")]
    assert told == [1, 2, 2, 3]
    assert record(file, judged("a", "other")) == 1
    assert len(file.read_text().splitlines()) == 4


def test_ledger_when_damaged_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_text("{broken\n")
    with pytest.raises(ResearchError, match=r"ledger\.jsonl"):
        record(file, judged("a"))
    assert file.read_text() == "{broken\n"
