"""How a data set is made, and what was seen and left out while making it."""

from dataclasses import asdict, dataclass, field

from engine.domain.candle import Timeframe
from engine.smc.params import DetectorParams
from models.label_rules import LabelRules
from models.silence import SilenceRules


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRules:
    """How rows are made.

    Attributes:
        timeframes: timeframes to detect on; longer ones are built from the minutes.
        params: what the detector looks for.
        labels: the exit policy and the costs.
        warm_up: candles of a series before its first usable setup, so that research and a live
            process that preloads as many see the same setups.
        least_stop_ratio: setups with a narrower stop are left out and counted: one R of a few
            basis points makes every mean in R meaningless.
        silence: which minutes are taken as holes, and which symbols as not traded.
        null_draws: random entries for each setup.
        seed: of the random entries.
    """

    timeframes: tuple[Timeframe, ...] = (Timeframe.M1, Timeframe.M5, Timeframe.M15)
    params: DetectorParams = field(default_factory=DetectorParams)
    labels: LabelRules = field(default_factory=LabelRules)
    warm_up: int = 400
    least_stop_ratio: float = 0.0005
    silence: SilenceRules = field(default_factory=SilenceRules)
    null_draws: int = 4
    seed: int = 1

    @property
    def embargo_ms(self) -> int:
        """Longest label life plus warm-up: what must lie between training and test rows."""
        longest = max(timeframe.ms for timeframe in self.timeframes)
        return longest * (self.labels.exits.time_candles + self.warm_up)


@dataclass(slots=True)
class Counts:
    """What was seen and what was left out, for the card.

    Attributes:
        candles: minutes used.
        masked: minutes taken out because hardly any symbol of the source traded then.
        holes: interruptions of the minutes used; each begins a new series.
        dropped: symbols left out because they hardly trade.
        setups: found after warm-up.
        narrow: of these, left out for their narrow stop.
        not_entered: of these, with a price that had moved away before the entry.
        unresolved: of these, cut off by a hole or the end.
        rows: the rest.
    """

    candles: int = 0
    masked: int = 0
    holes: int = 0
    dropped: int = 0
    setups: int = 0
    narrow: int = 0
    not_entered: int = 0
    unresolved: int = 0
    rows: int = 0

    def add(self, other: "Counts") -> None:
        """Add the numbers of another part."""
        for name, number in asdict(other).items():
            setattr(self, name, getattr(self, name) + number)
