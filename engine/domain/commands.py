"""What a person wants. Commands are obeyed even while trading is disabled."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.signal import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Command:
    """`command_id` is unique per request: a redelivered command has no second effect."""

    command_id: str
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(_Command):
    """No new entries; open positions stay managed."""

    reason: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(_Command):
    """Allow new entries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMode(_Command):
    """Move on the ladder signals, paper, live."""

    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowNegativeEdge(_Command):
    """Operator's override of the edge gate for live entries."""

    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRisk(_Command):
    """Maximum risk per trade in percent of equity, 0.5 to 2.0."""

    risk_pct: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThreshold(_Command):
    """Fixed score threshold in [0, 1], or None for the automatic one with `per_day` signals."""

    threshold: float | None
    per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePosition(_Command):
    """Close a share of the open quantity of a symbol, in whichever book holds it."""

    symbol: str
    share_pct: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAll(_Command):
    """Close every position of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panic(_Command):
    """Pause, cancel entries, flatten our own and adopted positions, switch to signals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(_Command):
    """Silence and exclude a symbol until `until_ms` (exchange time), None = lift the mute."""

    symbol: str
    until_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSignal(_Command):
    """Approve-to-trade: run the gate again at the current price and enter if it passes."""

    setup_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetApproval(_Command):
    """Ask the operator before each entry (`required`), or enter unasked."""

    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven(_Command):
    """Move the stop of an open position to its entry price, place-confirm-then-cancel."""

    symbol: str


class ModelChange(StrEnum):
    """Where the model that is to work comes from."""

    RELOAD = "reload"
    """The file the operator put in place."""
    ROLLBACK = "rollback"
    """What worked before the last change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeModel(_Command):
    """Let another scorer work from now on; `bundle` is the hash of its model, "" for none.

    It is obeyed when its scorer has been loaded and checked and comes with it (`ScorerChanged`).
    """

    change: ModelChange
    bundle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShadow(_Command):
    """Let a challenger score beside the model in use and decide nothing; "" for none.

    `model` is its name in the model folder, `scorer` what it calls itself once it is loaded.
    """

    model: str
    scorer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetBreaker(_Command):
    """Lift the breakers that are tripped; the owner's decision only."""


Command = (
    Pause
    | Resume
    | SetMode
    | AllowNegativeEdge
    | SetRisk
    | SetThreshold
    | ClosePosition
    | CloseAll
    | Panic
    | Mute
    | TakeSignal
    | SetApproval
    | BreakEven
    | ChangeModel
    | SetShadow
    | ResetBreaker
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The engine's answer to a command."""

    command_id: str
    accepted: bool
    detail: str
