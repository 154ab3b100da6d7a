"""How trades are simulated: exits, costs and the entry rule, in one value."""

from dataclasses import dataclass, field

from engine.risk.costs import CostModel
from engine.risk.exits import ExitPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRules:
    """How trades are simulated.

    Attributes:
        exits: the exit policy, the same object the core uses.
        costs: fees, spread and impact; half of spread and impact is paid on each side.
        max_moved_r: no entry if the open lies farther than this from the setup's entry, as the
            gate rules.
    """

    exits: ExitPolicy = field(default_factory=ExitPolicy)
    costs: CostModel = field(default_factory=CostModel)
    max_moved_r: float = 0.2

    @property
    def side_cost_ratio(self) -> float:
        """Cost of one side as a share of that side's notional."""
        return self.costs.taker_fee + (self.costs.spread_ratio + self.costs.impact_ratio) / 2

    @property
    def round_trip_cost_ratio(self) -> float:
        """Cost of both sides as a share of the entry price."""
        return 2 * self.side_cost_ratio
