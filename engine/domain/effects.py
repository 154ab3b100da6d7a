"""What the core wants done: the closed union the loop dispatches, in order."""

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.commands import Command, Receipt
from engine.domain.events import TradeMemory
from engine.domain.notices import Notice
from engine.domain.order import Book, Fill, Intent, Order
from engine.domain.position import ClosedTrade
from engine.domain.setup import Setup
from engine.domain.signal import GateFigure, RiskApproved, RiskRefused, Score, Signal


@dataclass(frozen=True, slots=True)
class ScoreSetups:
    """Ask the scorer; the loop gathers all of one drain and answers with `SetupsScored`."""

    setups: tuple[Setup, ...]


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Journal the intent, then send it. Entries at most once, reduce-only at least once."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel an order or conditional order of ours; answered by OrderChanged or CancelRefused."""

    book: Book
    symbol: str
    client_id: str
    conditional: bool


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Doubt: ask the venue for its whole truth."""

    book: Book
    reason: str


@dataclass(frozen=True, slots=True)
class WatchPrices:
    """Symbols of positions and paper orders, which need mark price and best quote streams."""

    symbols: frozenset[str]


# --- records: what the journal keeps ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetupSeen:
    """A setup was found and scored; `fate` is one word (signal, below, cost, stale, muted ...)."""

    setup: Setup
    score: Score | None
    fate: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class ShadowScored:
    """What a challenger, which decides nothing, said of a setup the scorer in use has scored."""

    score: Score
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupFollowed:
    """What a scored setup would have become, whether it was traded or not.

    `reason` is an exit's, or `not_entered` where the price had run away; `gross_r` and `net_r`
    are None then. The rules and the assumed costs are those of the training.
    """

    setup_id: str
    known_at_ms: int
    reason: str
    gross_r: float | None
    net_r: float | None


@dataclass(frozen=True, slots=True)
class SignalRaised:
    """A setup became a signal."""

    signal: Signal
    at_ms: int


@dataclass(frozen=True, slots=True)
class VerdictGiven:
    """The gate approved or refused; `figures` are the numbers it looked at."""

    verdict: RiskApproved | RiskRefused
    at_ms: int
    figures: tuple[GateFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """The venue told something about an order."""

    book: Book
    order: Order


@dataclass(frozen=True, slots=True)
class FillSeen:
    """An execution, once per (book, symbol, trade id)."""

    book: Book
    trade_key: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class TradeOpened:
    """A round trip began or its memory changed; rewritten by trade key until closed."""

    memory: TradeMemory


@dataclass(frozen=True, slots=True)
class TradeVoided:
    """An approved trade ended without a single fill: its memory may be forgotten."""

    book: Book
    trade_key: str


@dataclass(frozen=True, slots=True)
class TradeEnded:
    """A round trip is finished."""

    trade: ClosedTrade


@dataclass(frozen=True, slots=True)
class EquitySeen:
    """Equity of one book at one moment (each minute and at each close)."""

    book: Book
    at_ms: int
    wallet: Decimal
    equity: Decimal


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """An operator's choice or a breaker's state that must survive restarts."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class CommandAnswered:
    """Who commanded what, and the answer."""

    command: Command
    receipt: Receipt
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The bot started: everything it began with that decides what it will do.

    Attributes:
        epoch: number of this start.
        started_ms: exchange time.
        speed: exchange seconds per wall second.
        scorer: which scorer works.
        symbols: how many symbols the automatic threshold expects.
        settings: the operator's stored choices at that moment, as they were restored.
        choices: the settings of the environment as JSON, without secrets.
        allow_negative_edge: whether the start itself lifted the edge gate.
    """

    epoch: int
    started_ms: int
    speed: float
    scorer: str
    symbols: int
    settings: dict[str, str]
    choices: str
    allow_negative_edge: bool = False


Entry = (
    SetupSeen
    | ShadowScored
    | SetupFollowed
    | SignalRaised
    | VerdictGiven
    | OrderSeen
    | FillSeen
    | TradeOpened
    | TradeVoided
    | TradeEnded
    | EquitySeen
    | SettingChanged
    | CommandAnswered
    | RunStarted
)


@dataclass(frozen=True, slots=True)
class Record:
    """Append to the journal."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the human; bounded and never waited for."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Answer a command."""

    receipt: Receipt


Effect = (
    ScoreSetups
    | SubmitOrder
    | CancelOrder
    | TakeSnapshot
    | WatchPrices
    | Record
    | Notify
    | Acknowledge
)
