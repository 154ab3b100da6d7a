from dataclasses import replace

import pytest

from bot.desk_model import Judged, ModelCard, ModelProposal, ModelView
from bot.localchat.content.html_text import parse_html
from bot.views.model import model, question, refused, with_evidence

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


def plain(text: str) -> str:
    return parse_html(text).text


def shown(card: ModelCard | None, problem: str = "") -> str:
    return parse_html(model(ModelView(scorer="lgbm:abababab", card=card, problem=problem))).text


def test_card_when_there_is_no_edge_says_what_follows():
    text = shown(CARD)

    assert text.startswith("Model abababababab claims no edge: live refuses its entries")
    assert "the interval holds 0" in text
    assert "Probabilities 25.0 % to 45.0 %\nPayoff 1.10 to 1.80 by cost\nThreshold 0.4100" in text
    assert "Costs assumed 13.0 bps a round trip" in text
    assert "1,798 labelled setups, 2023-11-14 to 2024-03-09, futures <2025>" in text


@pytest.mark.parametrize(
    ("created", "told"),
    [
        ("2026-11-22T15:24:04+02:00", "2026-11-22 13:24 UTC"),
        ("2026-11-22", "2026-11-22"),
        ("long <ago>", "long <ago>"),
    ],
)
def test_time_of_creation_when_it_is_one_reads_like_one(created: str, told: str):
    assert f"Created {told}\n" in shown(replace(CARD, created=created))


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


def test_model_when_there_is_none_says_how_to_get_one():
    view = ModelView(scorer="heuristic", card=None, problem="none", place="data/model/lgbm_smc.txt")

    assert "python -m bot train DATA --out data/model where the bot runs" in plain(model(view))


def test_standing_when_something_may_replace_the_model_is_said():
    view = ModelView(
        scorer="lgbm:abababab",
        card=CARD,
        problem="",
        pinned="ef" * 32,
        previous="lgbm:cdcdcdcd",
        rolled_back=True,
        shadow="lgbm:11111111",
        shadow_problem="",
    )

    text = plain(with_evidence(view, "fares well"))

    assert "\n\nfares well\n\nRolled back: the newer file is passed over" in text
    assert "/model rollback goes back to lgbm:cdcdcdcd" in text
    assert "Pinned: no bundle but efefefefefef is accepted" in text
    assert "Challenger lgbm:11111111 scores beside, decides nothing" in text


def test_standing_when_the_challenger_could_not_be_loaded_says_why():
    view = ModelView(scorer="heuristic", card=None, problem="x", shadow_problem="no <file>")

    assert "The challenger does not score: no <file>" in plain(model(view))


def test_question_when_a_model_would_change_in_live_names_hash_and_edge():
    now = ModelView(scorer="lgbm:11111111", card=CARD, problem="")
    proposal = ModelProposal(scorer="lgbm:abababab", bundle=CARD.bundle, card=CARD)

    text = plain(question(now, proposal))

    assert "lgbm:11111111 → lgbm:abababab" in text
    assert "It claims no edge.\nthe interval holds 0" in text
    assert CARD.bundle in text
    assert "SMCBOT_MODEL_SHA256" in text
    assert "SMCBOT" not in plain(question(replace(now, pinned="ab"), proposal))


def test_question_when_it_goes_back_to_no_model_says_what_live_will_do():
    now = ModelView(scorer="lgbm:11111111", card=CARD, problem="")

    text = plain(question(now, ModelProposal(scorer="heuristic")))

    assert "That is no model: live will refuse its entries" in text


def test_refusal_when_shown_gives_the_reason():
    assert refused(ModelProposal(problem="<bad>.")) == "Nothing was changed. &lt;bad&gt;."
