import math
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.desk_why import Contributions, FeaturePart
from bot.localchat.content.html_text import parse_html
from bot.views.why import why
from engine.domain.setup import Direction, EvidenceKind
from models.schema import SMC_V2
from tests.bot.notice_kit import closed_trade
from tests.bot.why_kit import PARTS, evidence, explanation, judgement, kelly_figures
from tests.builders import score, setup

UTC = ZoneInfo("UTC")


def shown(**fields) -> str:
    return parse_html(why(explanation(**fields), UTC)).text


def test_story_when_told_is_in_the_order_of_time_and_ends_with_the_plan():
    text = shown()

    assert text.startswith("🔼 Why BTCUSDT LONG · 1m · ")
    story = text.split("\n\n")[1].split("\n")
    assert story[0] == "Liquidity sweep, break of structure, order block retest"
    assert "sweep of the lows at 101.50, down to 99.25" in story[1]
    assert "break of structure up through 101.50" in story[2]
    assert "complete: entry 100.00 (zone 99.50 – 100.00)" in story[3]
    assert story[4] == "Wrong at 98.00 (-2.00 %), fulfilled at 104.00 (+2.0 R)"
    assert "RSI" in story[5]


@pytest.mark.parametrize(
    ("kind", "way", "words"),
    [
        (EvidenceKind.SWING, Direction.LONG, "swing high at 101.50"),
        (EvidenceKind.SWING, Direction.SHORT, "swing low at 101.50"),
        (EvidenceKind.CHOCH, Direction.SHORT, "change of character down through 101.50"),
        (EvidenceKind.SWEEP, Direction.SHORT, "sweep of the highs at 99.25, up to 101.50"),
        (EvidenceKind.FVG, Direction.LONG, "fair value gap up, 99.25 – 101.50"),
        (EvidenceKind.OB, Direction.SHORT, "order block down, 99.25 – 101.50"),
        (EvidenceKind.POOL_TAKEN, Direction.LONG, "pool taken 99.25 – 101.50"),
    ],
)
def test_finding_when_told_is_in_plain_words(kind, way, words):
    told = setup(evidence=(evidence(kind, 5, way=way),))

    assert words in shown(setup=told)


def test_score_when_calibrated_gives_the_arithmetic_of_break_even():
    text = shown()

    assert "0.6000 by lgbm:test → probability 60.0 % (1,000 validated outcomes near it)" in text
    assert "Threshold 0.5000: passed" in text
    assert "Break-even hit rate (1 + 0.07) / (1 + 2.00) = 35.7 %" in text


def test_score_when_heuristic_never_claims_a_probability():
    text = shown(
        score=score(probability=None, payoff_ratio=None, scorer="heuristic"),
        kelly=kelly_figures(
            probability=None, payoff_ratio=None, fraction=None, at_floor=True, paper_ratio=0.005
        ),
    )

    assert "it ranks, it is no probability" in text
    assert "no Kelly fraction" in text
    assert "Paper trades it at the floor of 0.50 %" in text


def test_inputs_when_explained_add_up_with_the_strongest_first():
    text = shown()

    rows = text[text.index("base") : text.index("log-odds -")].split("\n")
    assert rows[1].split() == ["market_structure", "+0.50", "-0.60"]
    total = -0.5 + sum(part.log_odds or 0.0 for part in PARTS)
    assert f"log-odds {total:+.2f} is 0.250 before calibration" in text
    assert [name for name in (part.name for part in PARTS) if name not in text] == []


def test_inputs_when_they_are_many_are_the_strongest_and_the_sum_of_the_rest():
    parts = tuple(
        FeaturePart(name, math.nan if n == 25 else 0.5, n / 100)
        for n, name in enumerate(SMC_V2.names)
    )
    told = shown(contributions=Contributions(parts=parts, base=0.1, note=""))
    assert re.search(r"timeframe_id +\? +\+0\.25", told), "the strongest is told though unknown"
    assert "cost_to_risk" in told
    assert "log_atr_price" not in told
    assert re.search(r"14 more +\+0\.91", told)
    assert re.search(r"sum +\+3\.35", told)


def test_inputs_when_the_model_is_gone_are_values_with_the_reason():
    parts = tuple(FeaturePart(part.name, part.value, None) for part in PARTS)
    text = shown(contributions=Contributions(parts=parts, base=None, note="Scored by <other>."))

    assert "Scored by <other>." in text
    assert "before calibration" not in text


def test_kelly_when_shown_has_every_number():
    text = shown(kelly=kelly_figures(live_refusal="12 outcomes, 200 are needed"))

    assert "f* = p − (1 − p) / b = 0.600 − 0.400 / 1.60 = +0.350" in text
    assert "Pays from p = 1 / (1 + b) = 38.5 %" in text
    assert "Risk = 0.25 × f* = 8.75 %, kept within 0.50 % and your 1.00 %: 1.00 % of eq" in text
    assert "Live refuses it: 12 outcomes, 200 are needed" in text


def test_gate_when_it_refused_names_the_rule_first_then_what_passed_and_what_was_not_asked():
    lines = shown().split("\n")

    at = next(i for i, line in enumerate(lines) if line.startswith("Gate at"))
    assert lines[at].endswith("refused")
    assert lines[at + 1 : at + 5] == [
        "✗ cost: cost is 31% of R, at most 20%",
        "✓ spread: 1.0% of R, at most 3.0%",
        "✓ No objection by: muted",
        "Not reached: size",
    ]


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({}, "Outcome: no trade came of it."),
        ({"running": True}, "Outcome: the trade is open. /positions"),
        ({"judgements": (), "fate": "below"}, "No signal: its score is below the threshold."),
        ({"judgements": (), "fate": "odd"}, "What became of it: odd."),
    ],
)
def test_end_when_told_is_what_became_of_it(fields, end):
    assert shown(**fields).endswith(end)


def test_end_when_the_trade_is_over_is_its_result():
    assert "Outcome: target at" in shown(closed=(closed_trade(),))


def test_setup_when_never_scored_says_so():
    assert "None was given." in shown(score=None, kelly=None, threshold=None, cost=None)


def test_text_when_everything_is_long_fits_and_stays_valid():
    endless = judgement(gates=tuple(replace(g, detail="<&" * 900) for g in judgement().gates))
    findings = tuple(evidence(EvidenceKind.OB, n) for n in range(60))

    text = why(explanation(judgements=(endless,) * 9, setup=setup(evidence=findings)), UTC)

    assert len(text) <= 4096
    parse_html(text)
