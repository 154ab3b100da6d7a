"""Setups followed to their end: the same ends and costs as in training."""

from dataclasses import replace

import pytest

from engine.domain.candle import Candle, Timeframe
from engine.domain.setup import Direction, Setup
from models.follow_up import NOT_SEEN, follow_up, life_ms
from models.label_rules import LabelRules
from tests.builders import MINUTE, START_MS, candle, setup

RULES = LabelRules()
LIFE = life_ms(Timeframe.M1, RULES)


def minutes(closes: list[float], first_ms: int = START_MS) -> list[Candle]:
    return [
        candle(close, open_time_ms=first_ms + i * MINUTE, open=close, high=close, low=close)
        for i, close in enumerate(closes)
    ]


def long(proved_at_ms: int = START_MS, **changes: float) -> Setup:
    plain = setup(direction=Direction.LONG)
    return replace(
        plain, proved_at_ms=proved_at_ms, entry=100.0, stop=98.0, target=104.0, **changes
    )


def told(one: Setup, closes: list[float], now_ms: int = START_MS + LIFE):
    return follow_up([one], minutes(closes), RULES, now_ms)


def test_setup_when_the_target_is_reached_earned_it_less_the_costs() -> None:
    (outcome,) = told(long(), [100.0] * 10 + [104.5] * 130)
    assert (outcome.setup_id, outcome.reason) == (long().setup_id, "target")
    assert outcome.gross_r == pytest.approx(2.0)
    assert outcome.net_r == pytest.approx(2.0 - RULES.side_cost_ratio * 2.04 * 50, abs=1e-9)
    assert outcome.known_at_ms == START_MS + 11 * MINUTE


def test_setup_when_the_stop_is_hit_lost_more_than_its_risk() -> None:
    (outcome,) = told(long(), [100.0] * 5 + [98.0] * 130)
    assert (outcome.reason, outcome.gross_r) == ("stop", pytest.approx(-1.0))
    assert outcome.net_r < -1.0


def test_setup_when_nothing_happens_ends_by_stagnation() -> None:
    (outcome,) = told(long(), [100.0] * 130)
    assert outcome.reason == "stagnation"
    assert outcome.net_r < 0.0


def test_setup_when_the_price_had_run_away_was_never_entered() -> None:
    (outcome,) = told(long(), [103.0] * 130)
    assert (outcome.reason, outcome.gross_r, outcome.net_r) == ("not_entered", None, None)


@pytest.mark.parametrize("count", [1, 60, 120])
def test_setup_when_its_minutes_have_not_all_come_waits_even_if_it_ended(count: int) -> None:
    assert told(long(), [98.0] * count) == ()


def test_setup_when_its_life_is_not_over_waits() -> None:
    assert told(long(), [100.0] * 130, now_ms=START_MS + LIFE - 1) == ()


def test_setup_when_its_first_minutes_are_forgotten_is_closed_as_unseen() -> None:
    (outcome,) = told(long(START_MS - MINUTE), [100.0] * 130)
    assert (outcome.reason, outcome.net_r) == (NOT_SEEN, None)


def test_setup_when_its_symbol_is_scanned_no_more_is_closed_as_unseen() -> None:
    (outcome,) = told(long(), [])
    assert outcome.reason == NOT_SEEN


def test_life_when_the_timeframe_is_longer_lasts_longer() -> None:
    assert LIFE == 122 * MINUTE
    assert life_ms(Timeframe.M5, RULES) == (600 + 2) * MINUTE
