from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.exchange.sim.funding_rates import CAP, HOUR_MS, FundingRates
from engine.exchange.sim.listings import make_rules

MIDNIGHT = 1_790_035_200_000 // (24 * HOUR_MS) * 24 * HOUR_MS
RULES = [make_rules(f"C{index}", Decimal("0.01"), 10.0) for index in range(200)]


@pytest.fixture(scope="module")
def funding():
    return FundingRates(RULES, seed=4)


def test_due_when_a_day_passes_charges_every_symbol_by_its_interval_exactly_once(funding):
    charged = [i for _, who in funding.due(MIDNIGHT, MIDNIGHT + 24 * HOUR_MS) for i in who.tolist()]
    expected = 24 // funding.interval_hours
    assert np.bincount(charged, minlength=len(RULES)).tolist() == expected.tolist()
    assert set(funding.interval_hours.tolist()) == {4, 8}


def test_due_when_cut_at_any_instant_neither_loses_nor_repeats_a_charge(funding):
    whole = funding.due(MIDNIGHT, MIDNIGHT + 9 * HOUR_MS)
    for cut in (MIDNIGHT + 1, MIDNIGHT + 4 * HOUR_MS, MIDNIGHT + 8 * HOUR_MS - 1):
        parts = funding.due(MIDNIGHT, cut) + funding.due(cut, MIDNIGHT + 9 * HOUR_MS)
        assert [time for time, _ in parts] == [time for time, _ in whole]


def test_rates_when_asked_again_or_by_another_object_are_the_same(funding):
    time_ms = MIDNIGHT + 8 * HOUR_MS
    first = funding.rates_at(time_ms).copy()
    for later in range(100):
        funding.rates_at(time_ms + later * 4 * HOUR_MS)
    assert np.array_equal(funding.rates_at(time_ms), first)
    assert np.array_equal(FundingRates(RULES, seed=4).rates_at(time_ms), first)
    assert not np.array_equal(FundingRates(RULES, seed=5).rates_at(time_ms), first)


def test_rates_when_the_premium_is_small_are_the_interest_as_on_the_venue(funding):
    rates = funding.rates_at(MIDNIGHT + 8 * HOUR_MS)
    base = np.where(funding.interval_hours == 8, 0.0001, 0.00005)
    assert 0.5 < np.mean(rates == base) < 0.98
    assert np.abs(rates).max() <= CAP
    assert np.array_equal(np.round(rates, 8), rates)


def test_coming_rates_when_between_charges_belong_to_the_next_one(funding):
    now_ms = MIDNIGHT + 5 * HOUR_MS
    following = funding.next_ms(now_ms)
    assert set(following.tolist()) == {MIDNIGHT + 8 * HOUR_MS}
    assert np.array_equal(funding.coming_rates(now_ms), funding.rates_at(MIDNIGHT + 8 * HOUR_MS))
    mixed = funding.coming_rates(MIDNIGHT + 1)
    short = funding.interval_hours == 4
    assert np.array_equal(mixed[short], funding.rates_at(MIDNIGHT + 4 * HOUR_MS)[short])
    assert np.array_equal(mixed[~short], funding.rates_at(MIDNIGHT + 8 * HOUR_MS)[~short])


def test_dated_contracts_when_funding_is_due_pay_nothing():
    dated = replace(RULES[0], contract_type="CURRENT_QUARTER")
    funding = FundingRates([dated, RULES[1], RULES[2]], seed=1)
    assert funding.rates_at(MIDNIGHT + 8 * HOUR_MS)[0] == 0.0
    assert all(0 not in who for _, who in funding.due(MIDNIGHT, MIDNIGHT + 24 * HOUR_MS))


def test_basis_when_time_moves_is_continuous_and_a_few_basis_points(funding):
    hour = MIDNIGHT + 3 * HOUR_MS
    assert np.allclose(funding.basis(hour - 1), funding.basis(hour), atol=1e-8)
    spread = np.std([funding.basis(hour + k * HOUR_MS) for k in range(20)])
    assert 1e-4 < spread < 5e-4
