import math
from dataclasses import replace

import pytest

from bot.localchat.content.html_text import parse_html
from bot.views.model_evidence import evidence, weekly
from tests.bot.evidence_kit import bucket, calibrated, drift, rivalry
from tests.bot.evidence_kit import evidence as found
from tests.bot.fake_desk import NO_EVIDENCE


def shown(**fields: object) -> str:
    return parse_html(evidence(found(**fields))).text


def test_evidence_when_there_is_no_model_counts_only():
    assert evidence(replace(NO_EVIDENCE, scored=1)) == "1 setup scored here in 14 days"
    assert weekly(NO_EVIDENCE) == ""
    followed = replace(NO_EVIDENCE, scored=9, ended=4, paid=1, net_r=-0.25)
    assert evidence(followed).splitlines()[1] == (
        "4 followed to their end, traded or not: 1 paid net of costs, -0.25 R on average"
    )


def test_calibration_when_it_holds_shows_promise_and_outcome_beside_the_card():
    text = shown()

    assert "1,500 setups scored here in 14 days" in text
    assert "1,200 followed to their end, traded or not: 350 paid net of costs, -0.21 R" in text
    assert "Of 1,200 outcomes 362 promised to pay, 350 did." in text
    assert "The probabilities hold so far." in text
    assert "26 % 29 % (25-34) 400 31 %" in text
    assert "Brier 0.2041 here (0.2101 on the card), the base rate alone 0.2066" in text
    assert "9 paper trades: 3 won, 2.8 promised" in text


@pytest.mark.parametrize(
    ("surprise", "enough", "told"),
    [
        (-4.0, True, "It promises too much"),
        (4.0, True, "It promises too little"),
        (-9.0, False, "Too few to judge by."),
    ],
)
def test_calibration_when_it_does_not_hold_is_said_only_where_enough_is_known(
    surprise, enough, told
):
    assert told in shown(calibrated=calibrated(surprise=surprise, enough=enough))


def test_calibration_when_nothing_is_known_shows_no_figures():
    empty = bucket(count=0, predicted=math.nan, observed=math.nan)
    nothing = calibrated(
        count=0, wins=0, expected=0.0, brier=None, brier_base_rate=None, buckets=(empty,)
    )

    text = shown(calibrated=nothing, traded=(), drift=())

    assert "No setup has been followed to its end yet" in text
    assert "Brier" not in text
    assert "nan" not in text


def test_calibration_when_the_card_is_bare_leaves_its_column_empty():
    bare = calibrated(buckets=(bucket(card=None), bucket(count=0)))

    text = shown(calibrated=bare, card_brier=None)

    assert "30 % 29 % (25-34) 400\n" in text
    assert "Brier 0.2041 here, the base rate alone 0.2066" in text


def test_drift_when_shown_names_what_is_not_stable_only():
    text = shown(drift=(drift("a", 0.4), drift("b", 0.2), drift("c", 0.15, 0.2), drift("d")))

    assert "Features of 1,500 setups in 7 days against the training:" in text
    assert "1 drifted, 1 shifting, 1 too few setups to tell, 1 stable" in text
    assert "a 0.40 drifted\nb 0.20 shifting" in text
    assert "c 0.15" not in text


def test_drift_when_unknown_says_why():
    assert "Drift unknown: train anew" in shown(drift=(), drift_note="train anew")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "The challenger is better (difference -0.0041 … -0.0017)."),
        ({"low": 0.001, "high": 0.002}, "The model is better (difference +0.0010 … +0.0020)."),
        ({"high": 0.002}, "No difference that chance could not make (-0.0041 … +0.0020)."),
        ({"enough": False}, "Too few to judge by."),
        ({"brier": None, "count": 0}, "No outcome is known of any yet."),
    ],
)
def test_challenger_when_compared_is_never_praised_beyond_the_figures(fields, told):
    text = shown(rivalry=rivalry(**fields))

    assert "Challenger lgbm:cdcdcdcd: 1,400 setups scored beside" in text
    assert told in text


def test_week_when_a_model_works_has_its_promise_its_drift_and_its_challenger():
    text = parse_html(weekly(found(rivalry=rivalry()))).text

    assert text.startswith("Model lgbm:abababab\nOf 1,200 outcomes")
    assert "liquidity_grab 0.31 drifted" in text
    assert "On 1,100 same outcomes: Brier 0.2041 model, 0.2012 challenger" in text
