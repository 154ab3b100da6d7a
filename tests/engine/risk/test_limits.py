"""The numbers of the design."""

from decimal import Decimal

from engine.risk.limits import RiskLimits


def test_limits_when_not_configured_are_the_numbers_of_the_design():
    limits = RiskLimits()

    assert (limits.kelly_share, limits.floor_risk_ratio) == (0.25, 0.005)
    assert limits.margin_cap_ratio == Decimal("0.10")
    assert (limits.max_positions, limits.total_risk_ratio, limits.side_risk_ratio) == (
        5,
        0.05,
        0.03,
    )
    assert limits.cool_down_ms == 30 * 60_000
    assert (limits.max_cost_r, limits.max_spread_r, limits.max_moved_r) == (0.20, 0.03, 0.2)
    assert limits.max_slippage_ratio == Decimal("0.001")
    assert limits.min_quote_volume == 10e6
    assert (limits.daily_loss_ratio, limits.drawdown_ratio) == (Decimal("0.05"), Decimal("0.15"))
    assert limits.loss_streak == 6
