"""The numbers that bound what the bot may do; every one is an operator's setting."""

from dataclasses import dataclass
from decimal import Decimal

MINUTE_MS = 60_000
DAY_MS = 86_400_000
LOWEST_RISK_PCT = Decimal("0.5")
HIGHEST_RISK_PCT = Decimal("2.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """Limits of one book. Ratios are shares of equity unless the name says otherwise.

    Attributes:
        kelly_share: kappa, the part of full Kelly that is staked.
        floor_risk_ratio: smallest risk per trade; also the risk of evidence trades on paper.
        margin_cap_ratio: margin of one position never above this share of equity.
        min_outcomes: validated outcomes near a score below which Kelly is not believed.
        leverage: wanted leverage, lowered by the symbol's bracket.
        max_positions: open and pending positions together.
        total_risk_ratio: open risk of all positions.
        side_risk_ratio: open risk of all positions on one side.
        cool_down_ms: exchange time without entries in a symbol after its last close.
        max_cost_r: round-trip cost in units of R above which a setup is never traded.
        max_spread_r: spread in units of R above which a setup is not entered.
        min_quote_volume: 24 h volume in USDT.
        max_moved_r: how far the price may have left the setup's entry, in R.
        max_slippage_ratio: distance of the entry limit from the last price.
        liquidation_stops: liquidation must be at least this many stop distances away.
        daily_loss_ratio: loss since the start of the UTC day that trips the breaker.
        drawdown_ratio: fall from the high-water mark that trips the breaker.
        loss_streak: losses in a row that pause trading.
        reject_budget: rejected entries within `reject_window_ms` that trip the breaker.
        flatten_on_breaker: close open positions too when an equity breaker trips.
    """

    kelly_share: float = 0.25
    floor_risk_ratio: float = 0.005
    margin_cap_ratio: Decimal = Decimal("0.10")
    min_outcomes: int = 200
    leverage: int = 10
    max_positions: int = 5
    total_risk_ratio: float = 0.05
    side_risk_ratio: float = 0.03
    cool_down_ms: int = 30 * MINUTE_MS
    max_cost_r: float = 0.20
    max_spread_r: float = 0.03
    min_quote_volume: float = 10_000_000.0
    max_moved_r: float = 0.2
    max_slippage_ratio: Decimal = Decimal("0.0010")
    liquidation_stops: float = 2.0
    daily_loss_ratio: Decimal = Decimal("0.05")
    drawdown_ratio: Decimal = Decimal("0.15")
    loss_streak: int = 6
    reject_budget: int = 3
    reject_window_ms: int = 10 * MINUTE_MS
    flatten_on_breaker: bool = False
