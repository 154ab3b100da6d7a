"""A desk that does what a test says: it keeps what was submitted and answers what was set."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.desk import (
    AskChart,
    AskJournal,
    AskOutcome,
    AskPnl,
    AskSignals,
    ChartData,
    JournalView,
    Outcome,
    PnlView,
    SignalsView,
    StillWorking,
    UniverseView,
    UnknownSymbol,
)
from bot.desk_health import AccountLink, HealthView, HeartbeatView, LatencyView
from bot.desk_model import ModelEvidence, ModelProposal, ModelView
from bot.desk_preflight import (
    AccountFacts,
    KeyFacts,
    MarginFacts,
    PreflightFacts,
    ReachFacts,
    StopFacts,
)
from bot.desk_why import AskWhy, Explanation, UnknownSetup
from engine.domain.commands import Command, ModelChange, Receipt
from engine.domain.order import Book
from engine.domain.setup import Direction
from engine.domain.signal import Mode
from engine.domain.snapshot import BookView, Counters, PositionView, Snapshot
from tests.builders import MINUTE, START_MS, candle, d


def position(symbol: str = "BTCUSDT", **fields: Any) -> PositionView:
    """Return a protected long of 0.5 at 100 with its stop at 98."""
    values: dict[str, Any] = {
        "book": Book.PAPER,
        "direction": Direction.LONG,
        "setup_id": f"{symbol}-1m-sweep_bos_retest-L-{START_MS}",
        "score": 0.6,
        "qty": d("0.5"),
        "entry_price": d("100.00"),
        "mark_price": 101.6,
        "stop_price": d("98.00"),
        "target_price": d("104.00"),
        "unrealised": d("0.80"),
        "risk": d("1.00"),
        "r_now": 0.8,
        "best_r": 1.1,
        "opened_ms": START_MS - 20 * MINUTE,
        "time_exit_ms": START_MS + 100 * MINUTE,
        "protected": True,
        "exiting": False,
        "ours": True,
    }
    return PositionView(symbol=symbol, **(values | fields))


def book(name: Book = Book.PAPER, **fields: Any) -> BookView:
    """Return an account of 10,000 that made 12.40 today."""
    values: dict[str, Any] = {
        "ready": True,
        "wallet": d(10_000),
        "equity": d("10012.40"),
        "day_start_equity": d(10_000),
        "high_water": d(10_020),
        "open_risk_ratio": 0.01,
        "breakers": (),
        "pending": 0,
        "unknown": 0,
    }
    return BookView(book=name, **(values | fields))


def snapshot(**fields: Any) -> Snapshot:
    """Return a healthy engine in paper mode with nothing open."""
    values: dict[str, Any] = {
        "exchange_ms": START_MS,
        "mode": Mode.PAPER,
        "paused": "",
        "allow_negative_edge": False,
        "risk_pct": Decimal("1.0"),
        "threshold": 0.61,
        "signals_today": 42,
        "signals_per_day": 150,
        "scorer": "heuristic",
        "symbols": 530,
        "ready": True,
        "blind": frozenset(),
        "muted": {},
        "books": (book(),),
        "positions": (),
        "counters": Counters(),
    }
    return Snapshot(**(values | fields))


def chart_data(symbol: str = "BTCUSDT", **fields: Any) -> ChartData:
    """Return ninety quiet candles."""
    values: dict[str, Any] = {
        "decimals": 2,
        "candles": tuple(
            candle(100 + i % 7 / 10, symbol=symbol, open_time_ms=START_MS + i * MINUTE)
            for i in range(90)
        ),
        "evidence": (),
        "direction": None,
        "entry": None,
        "stop": None,
        "target": None,
        "zone": None,
        "position": None,
        "caption": f"{symbol} 1m",
    }
    return ChartData(symbol=symbol, **(values | fields))


def preflight_facts(**fields: Any) -> PreflightFacts:
    """Return a venue where everything is in order, with real money."""
    values: dict[str, Any] = {
        "venue": "binance",
        "reach": ReachFacts(behind_s=0.012, trip_s=0.08),
        "key": KeyFacts(
            trade=True, withdraw=False, transfer=False, universal_transfer=False, ip_restricted=True
        ),
        "account": AccountFacts(can_trade=True, hedge_mode=False, multi_assets=False),
        "wallet": d(10_000),
        "margins": MarginFacts(ready=530, scanned=530, leverage=10),
        "stops": StopFacts(resting=2, hears=True, fast=True),
    }
    return PreflightFacts(**(values | fields))


def health_figures(**fields: Any) -> HealthView:
    """Return a machine that has run for an hour without trouble."""
    values: dict[str, Any] = {
        "symbols": 530,
        "blind": 0,
        "candles": 31_800,
        "backfilled": 2,
        "flat": 310,
        "reconnects": 1,
        "decision": LatencyView(12.4, 31_800),
        "burst": LatencyView(38.0, 60),
        "loop_lag": LatencyView(1.6, 3_600),
        "waiting_events": 0,
        "waiting_records": 3,
        "rest_calls": {"startup": 540, "scheduled": 4, "position_guard": 0, "recovery": 1},
        "weight_ratio": 0.03,
        "account": AccountLink(hears=True, fast=True),
        "memory_mb": 182.4,
        "running_s": 3_720.0,
        "restarts": 0,
        "heartbeat": HeartbeatView(told_s_ago=12.0),
    }
    return HealthView(**(values | fields))


NO_EVIDENCE = ModelEvidence(
    scorer="heuristic",
    days=14,
    drift_days=7,
    scored=0,
    ended=0,
    paid=0,
    net_r=0.0,
    calibrated=None,
    traded=(),
    card_brier=None,
    drift=(),
    drift_note="",
    rivalry=None,
)


NO_MODEL = ModelView(scorer="heuristic", card=None, problem="there is no model at models/")
NO_PROPOSAL = ModelProposal(problem="there is no model at models/")


@dataclass
class FakeDesk:
    """Implements `bot.desk.Desk`.

    `refusal` is the detail of the next receipts when set, `silent` makes the engine slow.
    """

    state: Snapshot = field(default_factory=snapshot)
    submitted: list[Command] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)
    refusal: str = ""
    silent: bool = False
    trouble: Exception | None = None
    symbols: tuple[str, ...] = ("BTCUSDT", "ETHUSDT", "DOGEUSDT", "1000PEPEUSDT", "SOLUSDT")
    excluded: dict[str, str] = field(default_factory=dict)
    signals_view: SignalsView = field(default_factory=lambda: SignalsView(()))
    pnl_view: PnlView | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    explanation: Explanation | None = None
    model_view: ModelView = NO_MODEL
    evidence: ModelEvidence = NO_EVIDENCE
    proposal: ModelProposal = NO_PROPOSAL
    journal_view: JournalView = field(default_factory=lambda: JournalView(()))
    facts: PreflightFacts = field(default_factory=preflight_facts)

    async def submit(self, command: Command) -> Receipt:
        self.submitted.append(command)
        if self.silent:
            raise StillWorking("slow")
        detail = self.refusal or f"Done: {type(command).__name__}."
        return Receipt(command_id=command.command_id, accepted=not self.refusal, detail=detail)

    def snapshot(self) -> Snapshot:
        if self.trouble is not None:
            raise self.trouble
        return self.state

    async def signals(self, question: AskSignals) -> SignalsView:
        self.asked.append(question)
        return self.signals_view

    async def outcome(self, question: AskOutcome) -> Outcome:
        self.asked.append(question)
        return self.outcomes.get(question.setup_id, Outcome())

    async def pnl(self, question: AskPnl) -> PnlView:
        self.asked.append(question)
        return self.pnl_view or PnlView(question.period, ())

    async def chart(self, question: AskChart) -> ChartData:
        self.asked.append(question)
        if question.symbol not in self.symbols:
            raise UnknownSymbol(f"{question.symbol} is not scanned")
        return chart_data(question.symbol)

    async def why(self, question: AskWhy) -> Explanation:
        self.asked.append(question)
        if self.explanation is None:
            raise UnknownSetup("No signals yet, so there is nothing to explain.")
        return self.explanation

    def model(self) -> ModelView:
        return self.model_view

    async def model_evidence(self) -> ModelEvidence:
        self.asked.append(ModelEvidence)
        return self.evidence

    async def propose_model(self, change: ModelChange) -> ModelProposal:
        self.asked.append(change)
        return self.proposal

    async def health(self) -> HealthView:
        return health_figures()

    async def preflight(self) -> PreflightFacts:
        return self.facts

    def universe(self) -> UniverseView:
        scanned = tuple((symbol, 1e9 / (i + 1)) for i, symbol in enumerate(self.symbols))
        return UniverseView(scanned=scanned, excluded=self.excluded)

    async def journal(self, question: AskJournal) -> JournalView:
        self.asked.append(question)
        return self.journal_view
