from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.desk import Outcome, SignalRow, SignalsView
from bot.formats import MAX_CAPTION
from bot.localchat.content.html_text import parse_html
from bot.views.signals import (
    break_even,
    digest,
    outcome_line,
    signal_caption,
    signals,
    verdict_line,
)
from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from engine.domain.signal import Rule
from tests.bot.notice_kit import closed_trade, refused, signal_notice
from tests.builders import START_MS, d, setup, signal

UTC = ZoneInfo("UTC")


def test_caption_when_calibrated_gives_probability_count_and_break_even():
    text = parse_html(signal_caption(signal_notice(), UTC, 2)).text

    assert text.startswith("🔼 BTCUSDT LONG · 1m · 22:15")
    assert "entry  100.00" in text
    assert "stop    98.00 -2.00 %" in text
    assert "target 104.00  +2.0 R" in text
    assert "Probability 60 % (1,000 outcomes)\nBreak-even 36 % · costs 0.07 R" in text
    assert "Not traded: signals mode" in text


def test_caption_when_heuristic_never_claims_a_probability():
    text = signal_caption(signal_notice(probability=None), UTC)

    assert "Heuristic score 0.60, not a probability" in text
    assert "Probability" not in text


def test_caption_when_the_model_has_no_edge_says_so():
    assert "no proven edge" in signal_caption(signal_notice(edge=False), UTC)


def test_caption_when_traded_tells_size_and_risk():
    text = signal_caption(signal_notice(traded=True), UTC)

    assert "<b>Traded</b> on paper: 0.5 · risk 100.00 USDT (1.00 %)" in text


def test_caption_when_refused_tells_the_rule_and_its_numbers_escaped():
    told = signal()
    notice = replace(signal_notice(), verdict=refused(told, Rule.LIQUIDITY, "costs 0.3 R > 0.2 R"))

    assert "Not traded (liquidity): costs 0.3 R &gt; 0.2 R" in signal_caption(notice, UTC)


def test_caption_when_refused_for_want_of_an_edge_names_the_command():
    notice = replace(
        signal_notice(), verdict=refused(signal(), Rule.EDGE, "the model card does not claim one")
    )

    assert verdict_line(notice) == (
        "Not traded, no proven edge: the model card does not claim one. See /edge"
    )


def test_caption_when_the_reason_names_the_rule_does_not_say_it_twice():
    notice = replace(signal_notice(), verdict=refused(signal(), Rule.PAUSED, "paused: operator"))

    assert signal_caption(notice, UTC).endswith("Not traded: paused: operator")


def test_caption_when_a_reason_is_endless_fits_and_stays_valid():
    told = signal()
    notice = replace(signal_notice(), verdict=refused(told, Rule.COST, "<&" * 2000))

    text = signal_caption(notice, UTC)

    assert len(text) <= MAX_CAPTION
    parse_html(text)


def test_caption_when_it_is_over_ends_with_the_outcome_however_long_it_was():
    told = signal()
    notice = replace(signal_notice(), verdict=refused(told, Rule.COST, "<&" * 2000))

    text = signal_caption(notice, UTC, outcome="⬜ Expired at 22:30, not traded")

    assert len(text) <= MAX_CAPTION
    assert text.endswith("\n⬜ Expired at 22:30, not traded")
    parse_html(text)


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (Outcome(), "⬜ Expired at 22:30, not traded"),
        (Outcome(approved=True), "⬜ Entry not filled"),
        (Outcome(trade=closed_trade()), "🟩 Target after 42 min: <b>+1.87 R</b>, +1.89 USDT net"),
        (
            Outcome(trade=closed_trade(gross=d("-1"), reason=ExitReason.STOP)),
            "🟥 Stop after 42 min: <b>-1.09 R</b>, -1.10 USDT net",
        ),
    ],
)
def test_outcome_when_told_has_the_result_in_r_and_money(outcome, line):
    assert outcome_line(outcome, setup(), UTC) == line


def test_break_even_when_computed_pays_for_wins_and_losses():
    told = signal(setup(), cost_r=0.1)  # target at 2 R
    p = break_even(told)

    assert p * (2 - 0.1) - (1 - p) * (1 + 0.1) == pytest.approx(0)


def test_digest_when_a_burst_names_the_best_and_counts_the_rest():
    burst = [signal_notice(f"A{i}USDT", value=0.9 - i / 1000) for i in range(200)]

    text = digest(burst, UTC, pictured=3)

    assert text.startswith("<b>200 signals</b>, the best 3 pictured")
    assert "/signals shows them" in text
    assert len(text) <= 4096
    parse_html(text)


def test_digest_when_heuristic_shows_scores_and_marks_what_is_traded():
    short = signal_notice("BTCUSDT", probability=None, traded=True)

    text = digest([short], UTC, pictured=0)

    assert "score 0.60" in text
    assert text.endswith("· traded")


def test_past_signals_when_listed_line_up_with_their_outcome():
    row = SignalRow(
        setup_id="x",
        symbol="BTCUSDT",
        direction=Direction.SHORT,
        at_ms=START_MS,
        score=0.613,
        cost_r=0.1,
        outcome="target +1.9 R",
    )

    text = signals(SignalsView((row, replace(row, symbol="1000PEPEUSDT", outcome="running"))), UTC)

    assert "22:14 BTC      S 0.61 target +1.9 R" in text
    assert "22:14 1000PEPE S 0.61 running" in text
    assert signals(SignalsView(()), UTC) == "No signals yet."
