from dataclasses import replace

from bot.desk_model import Judged, ModelCard, ModelView
from bot.localchat.content.html_text import parse_html
from bot.views.model import model

JUDGED = Judged(
    where="test",
    count=812,
    net_r=0.021,
    low=-0.05,
    high=0.092,
    auc_net=0.531,
    auc_gross=0.508,
    brier=0.2101,
    brier_base_rate=0.2105,
)
CARD = ModelCard(
    bundle="ab" * 32,
    edge=False,
    verdict="the interval holds 0",
    recipes=("sweep_bos_retest",),
    timeframes=("1m",),
    threshold=0.41,
    lowest_probability=0.25,
    highest_probability=0.45,
    lowest_payoff=1.1,
    highest_payoff=1.8,
    cost_ratio=0.0013,
    sources=("futures <2025>",),
    rows=1798,
    first_ms=1_700_000_000_000,
    last_ms=1_710_000_000_000,
    created="2026-11-22",
    judged=(JUDGED,),
)


def shown(card: ModelCard | None, problem: str = "") -> str:
    return parse_html(model(ModelView(scorer="lgbm:abababab", card=card, problem=problem))).text


def test_card_when_there_is_no_edge_says_what_follows():
    text = shown(CARD)

    assert text.startswith("Model abababababab claims no edge: live refuses its entries")
    assert "the interval holds 0" in text
    assert "Probabilities 25.0 % to 45.0 %\nPayoff 1.10 to 1.80 by cost\nThreshold 0.4100" in text
    assert "Costs assumed 13.0 bps a round trip" in text
    assert "1,798 labelled setups, 2023-11-14 to 2024-03-09, futures <2025>" in text


def test_figures_when_shown_have_interval_and_what_chance_would_give():
    text = shown(CARD)

    assert "+0.021 R net a trade (95 % between -0.050 R and +0.092 R) over 812 setups" in text
    assert "AUC net 0.531, gross 0.508 (0.5 is chance)" in text
    assert "Brier 0.2101, the base rate alone 0.2105" in text


def test_card_when_bare_says_what_is_missing():
    bare = replace(CARD, judged=(), rows=None, first_ms=None, sources=(), created="", verdict="")

    text = shown(bare)

    assert "no validation figures" in text
    assert "Learnt" not in text


def test_card_when_there_is_an_edge_claims_it_and_an_interval_may_be_missing():
    text = shown(replace(CARD, edge=True, judged=(replace(JUDGED, low=None),)))

    assert "claims an edge" in text
    assert "(no interval)" in text


def test_model_when_there_is_none_never_calls_the_score_a_probability():
    text = shown(None, "there is no <model>")

    assert "No model is loaded: there is no <model>." in text
    assert "are no probabilities" in text
