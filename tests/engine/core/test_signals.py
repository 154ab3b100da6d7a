"""From a score to a verdict."""

from dataclasses import replace

import pytest

from engine.core.signals import on_scored, propose
from engine.domain.effects import ScoreSetups, SetupSeen, SubmitOrder, VerdictGiven
from engine.domain.events import PriceMoved, SetupsScored
from engine.domain.setup import Direction
from engine.domain.signal import Measure, Proposal, RiskApproved, RiskRefused, Rule
from engine.risk.threshold import ThresholdRule
from tests.builders import MINUTE, START_MS, d, instrument, score, setup, signal
from tests.stories.story import Story, proved_by

SYMBOLS = tuple(f"{name}USDT" for name in ("BTC", "ETH", "SOL", "XRP", "ADA", "DOT"))


def started(**config) -> Story:
    story = Story(**config)
    story.start(SYMBOLS)
    return story


def fates(story: Story) -> list[str]:
    return [one.fate for one in story.entries(SetupSeen)]


def test_score_when_nobody_asked_for_it_is_ignored():
    story = started()

    assert story.feed(SetupsScored((score(of=setup()),))) == []


def test_score_when_below_the_threshold_is_journalled_only():
    story = started(threshold=ThresholdRule(fixed=0.7))

    assert story.signal(setup(), value=0.69) is None
    assert fates(story) == ["below"]


def test_signals_when_the_daily_cap_is_reached_stop():
    story = started(threshold=ThresholdRule(fixed=0.0, per_day=1))
    story.signal(setup())

    assert story.signal(setup("ETHUSDT")) is None
    assert fates(story) == ["signal", "cap"]


def test_setup_when_too_dear_is_not_told_unless_wanted():
    dear = setup(risk=0.5)
    story = started()
    assert story.signal(dear) is None
    assert fates(story) == ["cost"]

    verdict = started(alert_costly=True).signal(dear)
    assert isinstance(verdict, RiskRefused)
    assert verdict.rule is Rule.SPREAD


def test_setup_when_scored_too_late_is_stale():
    story = started()
    opened = story.candles["BTCUSDT"] + MINUTE
    story.script.setups["BTCUSDT"] = [proved_by(setup(), opened)]
    story.ms = opened + MINUTE + 10_001
    [ask] = story.of(ScoreSetups, story.close())

    story.feed(SetupsScored(tuple(score(of=one) for one in ask.setups)))

    assert fates(story) == ["stale"]


def test_burst_when_scored_gives_the_caps_to_the_best_whatever_the_order():
    values = dict(zip(SYMBOLS, (0.5, 0.9, 0.55, 0.8, 0.7, 0.6), strict=True))
    chosen = []
    for order in (SYMBOLS, SYMBOLS[::-1]):
        story = started()
        found = {one: proved_by(setup(one), START_MS + MINUTE) for one in order}
        story.ms = START_MS + 2 * MINUTE
        for one in order:
            story.script.setups[one] = [found[one]]
            story.close(one)
        effects = story.feed(
            SetupsScored(tuple(score(values[one], of=found[one]) for one in order))
        )
        chosen.append([one.intent.request.symbol for one in story.of(SubmitOrder, effects)])

    assert chosen[0] == chosen[1] == ["ETHUSDT", "XRPUSDT", "ADAUSDT"]


@pytest.mark.parametrize("direction", list(Direction))
def test_proposal_when_made_is_on_the_grid_and_never_rounds_risk_up(direction):
    story = started()
    sign = int(direction)
    found = setup(direction=direction, stop=100 - sign * 2.004, target=100 + sign * 4.006)
    got = propose(story.engine._state, signal(found))

    assert isinstance(got, Proposal)
    assert got.stop_price == d(100 - sign * 2)
    assert got.target_price == d(100 + sign * 4)
    assert abs(got.limit_price - 100) <= d("0.1")
    for price in (got.limit_price, got.stop_price, got.target_price):
        assert price % instrument().tick_size == 0


@pytest.mark.parametrize("last", [97.0, 105.0])
def test_proposal_when_the_price_is_beyond_stop_or_target_is_refused(last):
    story = started()
    story.feed(PriceMoved("BTCUSDT", last, 0))

    refused = propose(story.engine._state, signal())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.SIZE


def test_offers_when_many_are_bounded():
    story = started(approval=True, threshold=ThresholdRule(fixed=0.0, per_day=1000))
    state = story.engine._state
    for number in range(230):
        found = proved_by(setup(), story.ms - MINUTE)
        found = replace(found, setup_id=f"{found.setup_id}-{number}")
        state.awaiting[found.setup_id] = found
        on_scored(state, [score(of=found)], story.now)

    assert len(state.takeable) == 200


def test_verdict_when_given_is_recorded_with_every_number_of_the_gate():
    story = started()
    verdict = story.signal(setup())

    (given,) = story.entries(VerdictGiven)
    assert isinstance(verdict, RiskApproved)
    assert given.verdict == verdict
    found = {one.measure: one for one in given.figures}
    assert found.keys() == set(Measure)
    assert all(one.passed for one in given.figures if one.rule is not Rule.EDGE)
    assert found[Measure.POSITIONS].value == 0, "itself is not counted"


def test_verdict_when_refused_before_the_size_has_the_numbers_of_the_market():
    story = started(alert_costly=True)
    story.signal(setup(risk=0.5))

    (given,) = story.entries(VerdictGiven)
    found = {one.measure: one for one in given.figures}
    assert not found[Measure.COST].passed
    assert Measure.TOTAL_RISK not in found
