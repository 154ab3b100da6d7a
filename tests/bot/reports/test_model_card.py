"""Tests of bot/reports/model_card.py."""

from typing import Any

import pytest

from bot.reports.card_facts import CardFacts, Tried
from bot.reports.document import Picture, to_html, to_markdown
from bot.reports.model_card import model_card
from models.bundling import manifest_of
from models.dataset_rules import Counts, DatasetRules
from models.study import study
from models.study_rules import StudyRules
from models.training import TreeParams
from tests.models.rows import DAY_MS, labelled

RULES = StudyRules(embargo_ms=DAY_MS, folds=2, trees=TreeParams(most_rounds=20, patience=5))


def facts(*, edge: float, tested: bool) -> CardFacts:
    rows = labelled(2_500, edge=edge)
    test = labelled(2_500, edge=edge, seed=2, first_day=100) if tested else None
    made = study(rows, test, RULES)
    source: dict[str, Any] = {"name": "months", "role": "training", "symbols": 2}
    manifest = manifest_of(
        made,
        rows,
        dataset=DatasetRules(),
        rules=RULES,
        provenance={"sources": [source | {"sha256": "ab" * 32}]},
        created="2026-01-01",
    )
    return CardFacts(
        manifest=manifest,
        bundle="c0ffee" * 10,
        study=made,
        counts=Counts(candles=123_456, rows=2_500),
        test_counts=Counts(candles=99) if tested else None,
        evaluations=7,
        tried=Tried(shapes=3),
        seed=1,
    )


@pytest.fixture(scope="module")
def plain() -> CardFacts:
    return facts(edge=0.0, tested=True)


def test_card_when_there_is_no_edge_says_so_first(plain: CardFacts) -> None:
    text = to_markdown(model_card(plain))
    assert text.splitlines()[2].startswith("**NO EDGE SHOWN: ")
    assert "Different bundles judged on these test data so far: 7" in text
    assert "luckiest of 7" in text
    assert "Parameter shapes tried: 3" in text
    assert "123,456" in text
    assert "| p ≥ 0.80 | 0 | 0.0 | – | – |" in text
    for title in ("Walk-forward", "Test data (never fitted", "Where it fails", "How to read"):
        assert title in text
    assert "nan" not in text


def test_card_when_rendered_holds_its_pictures(plain: CardFacts) -> None:
    blocks = model_card(plain)
    pictures = [block for block in blocks if isinstance(block, Picture)]
    assert len(pictures) == 6
    page = to_html("card", blocks)
    assert page.count("data:image/png;base64,") == 6
    assert "<script" not in page


def test_card_when_there_is_an_edge_says_that() -> None:
    text = to_markdown(model_card(facts(edge=1.2, tested=True)))
    assert "**EDGE SHOWN: net expectancy +" in text


def test_card_when_there_was_no_test_claims_nothing() -> None:
    text = to_markdown(model_card(facts(edge=1.2, tested=False)))
    assert "NO EDGE SHOWN: no test data" in text
    assert "Test data (never fitted" not in text
    assert "Drift was not measured" in text
