"""What a backtest assumes of the market beyond its candles; every number is printed with it."""

from dataclasses import asdict, dataclass
from decimal import Decimal

from engine.exchange.sim.matching import BookDepth
from engine.risk.costs import CostModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Costs and delays of trading. Ratios are shares of the price.

    Attributes:
        taker_fee: commission of a taker, one side.
        maker_fee: commission of a maker.
        spread_ratio: distance of ask and bid, at least two ticks in the matching engine.
        impact_ratio: impact of both sides together as the cost gate estimates it.
        depth_of_day: quote volume that moves the price by 10 bps, as a share of the day's volume.
        least_depth: smallest such volume in USDT.
        latency_ms: exchange milliseconds an order travels, and an answer back.
        multiplier: factor on spread and impact; commissions and funding are what they are.
        balance: USDT at the start.

    Raises:
        ValueError: a number is outside its range; the message names it.
    """

    taker_fee: Decimal = Decimal("0.0005")
    maker_fee: Decimal = Decimal("0.0002")
    spread_ratio: float = 0.0002
    impact_ratio: float = 0.0001
    depth_of_day: float = 0.0002
    least_depth: float = 10_000.0
    latency_ms: int = 250
    multiplier: float = 1.0
    balance: Decimal = Decimal(10_000)

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}, allowed is {low} to {high}")

    @property
    def spread(self) -> float:
        """Spread in force."""
        return self.spread_ratio * self.multiplier

    def cost_model(self) -> CostModel:
        """Return the same costs as the cost gate sees them."""
        return CostModel(
            taker_fee=float(self.taker_fee),
            impact_ratio=self.impact_ratio * self.multiplier,
            spread_ratio=self.spread,
        )

    def depth(self, day_volume: float) -> BookDepth:
        """Return the book of a symbol with that quote volume a day."""
        ten_bps = max(day_volume * self.depth_of_day, self.least_depth) / max(self.multiplier, 0.01)
        return BookDepth.from_ten_bps(Decimal(round(ten_bps)))

    def as_dict(self) -> dict[str, float | int]:
        """Return every number, JSON-ready."""
        return {k: float(v) if isinstance(v, Decimal) else v for k, v in asdict(self).items()}


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("taker_fee", 0, 0.01),
    ("maker_fee", -0.001, 0.01),
    ("spread_ratio", 0, 0.05),
    ("impact_ratio", 0, 0.05),
    ("depth_of_day", 1e-6, 1),
    ("least_depth", 100, 1e12),
    ("latency_ms", 0, 5_000),
    ("multiplier", 0, 100),
    ("balance", 10, 1e12),
)
