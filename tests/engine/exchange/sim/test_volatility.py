import numpy as np
import pytest

from engine.exchange.sim.volatility import (
    HOUR_ACTIVITY,
    OWN_VARIANCE,
    SHARED_VARIANCE,
    Volatility,
    hour_activity,
)


def test_hour_activity_when_in_the_middle_of_an_hour_is_the_tables_value():
    for hour, value in enumerate(HOUR_ACTIVITY):
        assert hour_activity(hour * 60 + 30) == pytest.approx(value)


def test_hour_activity_when_midnight_passes_has_no_jump():
    changes = [abs(hour_activity(m + 1) - hour_activity(m)) for m in range(1430, 1450)]
    assert max(changes) < 0.01


def test_hour_activity_when_averaged_over_a_day_is_one():
    assert np.mean([hour_activity(m) for m in range(1440)]) == pytest.approx(1.0, abs=0.02)


def test_volatility_when_run_long_keeps_its_variance_and_remembers():
    rng = np.random.default_rng(5)
    volatility = Volatility.stationary(400, rng)
    levels = np.array([volatility.step(rng) for _ in range(600)])
    own = levels - levels.mean(axis=1, keepdims=True)
    assert own.var() == pytest.approx(OWN_VARIANCE.sum(), rel=0.15)
    near = np.mean(own[1:] * own[:-1]) / own.var()
    far = np.mean(own[100:] * own[:-100]) / own.var()
    assert near > 0.85
    assert 0.2 < far < near
    assert SHARED_VARIANCE.sum() > 0.2


def test_volatility_when_shocked_rises_for_that_symbol_only_and_calms_down():
    rng = np.random.default_rng(6)
    volatility = Volatility(np.zeros(3), np.zeros((3, 2)))
    volatility.shock(np.array([1]), 2.0)
    first = volatility.step(rng)
    assert first[1] - first[0] > 0.8
    for _ in range(60):
        volatility.step(rng)
    assert abs(volatility.own[0, 1]) < 1.5
