"""The gate in words: every number beside its limit, whatever the rule said."""

import pytest

from bot.desk_why import GateLine, GateState
from bot.views.gates import figure_words, gate_lines
from engine.domain.signal import GateFigure, Measure, Rule

SPREAD = GateFigure(Rule.SPREAD, Measure.SPREAD, 0.0123, 0.03, True)


@pytest.mark.parametrize(
    ("measure", "value", "limit", "words"),
    [
        (Measure.AGE, 1.52, 10, "judged 1.5 s after the close that proves it, at most 10 s"),
        (Measure.VOLUME, 51.2e6, 10e6, "51.2 M USDT in 24 h, at least 10.0 M"),
        (Measure.SPREAD, 0.0123, 0.03, "1.2 % of R, at most 3.0 %"),
        (Measure.COST, 0.14, 0.2, "14.0 % of R, at most 20.0 %"),
        (Measure.MOVED, 0.042, 0.2, "0.04 R, at most 0.20 R"),
        (Measure.COOL_DOWN, 0, 0, "over"),
        (Measure.COOL_DOWN, 12.4, 0, "12 min left"),
        (Measure.DAILY_LOSS, 0.0123, 0.05, "day's loss 1.23 % of 5.0 %"),
        (Measure.DRAWDOWN, 0.04, 0.15, "drawdown 4.00 % of 15.0 %"),
        (Measure.LOSS_STREAK, 2, 6, "losses in a row 2 of 6"),
        (Measure.REJECTS, 0, 3, "rejected entries 0 of 3"),
        (Measure.PROBABILITY, 0.31, 0.35, "probability 31.0 %, pays above 35.0 %"),
        (Measure.OUTCOMES, 1234, 200, "1,234 validated outcomes, 200 are needed"),
        (Measure.RISK, 0.005, 0.01, "0.50 % of equity, at most 1.00 %"),
        (Measure.NOTIONAL, 2500, 5, "order of 2,500.00 USDT, at least 5.00"),
        (Measure.POSITIONS, 2, 5, "2 of 5"),
        (Measure.TOTAL_RISK, 0.015, 0.05, "1.50 % of equity, at most 5.00 %"),
        (Measure.SIDE_RISK, 0.01, 0.03, "1.00 % of equity, at most 3.00 %"),
        (Measure.LIQUIDATION, 4.56, 2, "4.6 stop distances away, at least 2.0"),
        (Measure.MARGIN, 0.0211, 0.1, "2.11 % of equity, at most 10.00 %"),
        (Measure.TOTAL_MARGIN, 0.05, 1, "with all others 5.0 %, at most 100 %"),
    ],
)
def test_figure_when_told_has_its_value_and_its_limit(measure, value, limit, words):
    assert figure_words(GateFigure(Rule.SIZE, measure, value, limit, True)) == words


def test_words_when_every_measure_is_asked_exist():
    for measure in Measure:
        assert figure_words(GateFigure(Rule.SIZE, measure, 1.0, 2.0, True))


def test_lines_when_refused_show_passed_unasked_and_silent_rules():
    cost = GateFigure(Rule.COST, Measure.COST, 0.31, 0.2, False)
    lines = gate_lines(
        [
            GateLine(Rule.PAUSED, GateState.PASSED),
            GateLine(Rule.SPREAD, GateState.PASSED, figures=(SPREAD,)),
            GateLine(Rule.COST, GateState.REFUSED, "cost is 31% of R, <at> most 20%", (cost,)),
            GateLine(
                Rule.PRICE_MOVED,
                GateState.NOT_REACHED,
                figures=(GateFigure(Rule.PRICE_MOVED, Measure.MOVED, 0.1, 0.2, True),),
            ),
            GateLine(Rule.MARGIN, GateState.NOT_REACHED),
        ]
    )

    assert lines == [
        "✗ <b>cost</b>: cost is 31% of R, &lt;at&gt; most 20%",
        "✓ spread: 1.2 % of R, at most 3.0 %",
        "✓ No objection by: paused",
        "Not asked after that; how it stood:",
        "– price moved: 0.10 R, at most 0.20 R",
        "Not reached: margin",
    ]


def test_refusal_when_the_rule_has_several_numbers_shows_them_all():
    figures = (
        GateFigure(Rule.BREAKER, Measure.DAILY_LOSS, 0.061, 0.05, False),
        GateFigure(Rule.BREAKER, Measure.LOSS_STREAK, 4, 6, True),
    )
    (line,) = gate_lines([GateLine(Rule.BREAKER, GateState.REFUSED, "breaker tripped", figures)])

    assert line.endswith("breaker tripped · day's loss 6.10 % of 5.0 % · losses in a row 4 of 6")


def test_passed_when_there_is_more_to_say_says_it_after_the_numbers():
    line = GateLine(Rule.SPREAD, GateState.PASSED, "old quote", (SPREAD,))

    assert gate_lines([line]) == ["✓ spread: 1.2 % of R, at most 3.0 % · old quote"]
