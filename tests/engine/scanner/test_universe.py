from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.instrument import Instrument
from engine.scanner.universe import UniverseRules, choose_universe

DAY_MS = 86_400_000
NOW = 1000 * DAY_MS
BASE = Instrument(
    symbol="BTCUSDT",
    base_asset="BTC",
    quote_asset="USDT",
    margin_asset="USDT",
    contract_type="PERPETUAL",
    status="TRADING",
    tick_size=Decimal("0.1"),
    step_size=Decimal("0.001"),
    market_step_size=Decimal("0.001"),
    min_qty=Decimal("0.001"),
    max_qty=Decimal(1000),
    market_max_qty=Decimal(120),
    min_notional=Decimal(50),
    multiplier_up=Decimal("1.05"),
    multiplier_down=Decimal("0.95"),
    onboard_ms=0,
    delivery_ms=4_133_404_800_000,
)


@pytest.mark.parametrize(
    ("change", "rules", "reason"),
    [
        ({"contract_type": "TRADIFI_PERPETUAL"}, {}, "contract type TRADIFI_PERPETUAL"),
        ({"contract_type": "CURRENT_QUARTER"}, {}, "contract type CURRENT_QUARTER"),
        ({"status": "SETTLING"}, {}, "status SETTLING"),
        ({"quote_asset": "USDC", "margin_asset": "USDC"}, {}, "quoted in USDC, margined in USDC"),
        ({"onboard_ms": NOW - 2 * DAY_MS}, {"min_age_days": 7}, "listed 2.0 days ago, minimum 7"),
        ({}, {"min_quote_volume": 9e6}, "24 h volume 5,000,000 USDT, minimum 9,000,000"),
        ({}, {"deny": frozenset({"BTCUSDT"})}, "on the deny list"),
        ({}, {"allow": frozenset({"ETHUSDT"})}, "not on the allow list"),
    ],
)
def test_universe_when_a_contract_is_unfit_says_why(change, rules, reason):
    universe = choose_universe(
        [replace(BASE, **change)], {"BTCUSDT": 5e6}, UniverseRules(**rules), NOW
    )

    assert universe.symbols == ()
    assert universe.excluded == {"BTCUSDT": reason}


def test_universe_when_limited_keeps_the_most_traded_in_order():
    listed = [replace(BASE, symbol=s) for s in ("AUSDT", "BUSDT", "币安人生USDT")]
    volumes = {"AUSDT": 1.0, "BUSDT": 3.0, "币安人生USDT": 2.0}

    universe = choose_universe(listed, volumes, UniverseRules(max_symbols=2), NOW)

    assert universe.symbols == ("BUSDT", "币安人生USDT")
    assert universe.excluded == {"AUSDT": "below the 2 most traded"}


def test_universe_when_volume_is_unknown_counts_as_zero():
    universe = choose_universe([BASE], {}, UniverseRules(), NOW)

    assert universe.symbols == ("BTCUSDT",)


def test_universe_when_a_delisting_is_announced_keeps_the_contract_in_sight():
    """A position in it must still be seen and left; the gate refuses new entries."""
    leaving = replace(BASE, delivery_ms=NOW + DAY_MS)

    universe = choose_universe([leaving], {}, UniverseRules(), NOW)

    assert universe.symbols == ("BTCUSDT",)
