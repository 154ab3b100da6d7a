import pytest

from bot.model_view import card_of, model_view
from models.artifacts import Bundle, load_bundle, save_bundle
from models.heuristic import HeuristicScorer
from models.probe import probe_here
from models.scorer import LightGBMScorer
from tests.models.bundles import manifest, model_text

REPORT = {
    "expectancy": {"chosen": {"count": 812, "net_r": {"mean": 0.02, "low": -0.05, "high": 0.09}}},
    "ranking": {"all": {"auc_net": 0.53, "auc_gross": 0.51}},
    "probability": {"brier": 0.21, "brier_base_rate": 0.22},
}


def loaded(tmp_path, **changes) -> Bundle:
    save_bundle(tmp_path / "m.txt", model_text(), manifest(**changes))
    return load_bundle(tmp_path / "m.txt", probe=probe_here)


def test_view_when_there_is_no_model_says_why():
    view = model_view(HeuristicScorer(), "there is no model")

    assert (view.scorer, view.card, view.problem) == ("heuristic", None, "there is no model")


def test_view_when_a_model_works_has_its_card(tmp_path):
    bundle = loaded(tmp_path)

    view = model_view(LightGBMScorer(bundle), "")

    assert view.scorer.startswith("lgbm:")
    assert view.card == card_of(bundle)


def test_card_when_the_bundle_was_validated_has_the_figures(tmp_path):
    provenance = {"sources": [{"name": "futures 2025"}], "rows": 9, "first_ms": 1, "last_ms": 2}
    metrics = {"verdict": "no edge", "out_of_fold": REPORT, "test": None}

    card = card_of(loaded(tmp_path, provenance=provenance, metrics=metrics))

    (judged,) = card.judged
    assert judged.where == "out of fold"
    assert (judged.count, judged.net_r, judged.low, judged.high) == (812, 0.02, -0.05, 0.09)
    assert (judged.auc_net, judged.brier_base_rate) == (0.53, 0.22)
    assert (card.verdict, card.sources, card.rows) == ("no edge", ("futures 2025",), 9)
    assert (card.lowest_probability, card.highest_probability) == (0.25, 0.45)
    assert (card.lowest_payoff, card.highest_payoff) == (1.1, 1.8)


@pytest.mark.parametrize("report", [{}, {"expectancy": 5}, {"expectancy": {"chosen": None}}])
def test_card_when_figures_are_missing_is_shown_without_them(tmp_path, report):
    metrics = {"out_of_fold": report or {"odd": 1}}

    (judged,) = card_of(loaded(tmp_path, metrics=metrics, provenance={})).judged

    assert judged.count is judged.net_r is judged.auc_net is judged.brier is None
