"""The desk's answers: from the engine's state, the journal and the meters."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from difflib import get_close_matches

from bot.command_desk import CommandDesk
from bot.desk import (
    AskChart,
    AskJournal,
    AskOutcome,
    AskPnl,
    AskSignals,
    ChartData,
    JournalRow,
    JournalView,
    Outcome,
    PnlView,
    SignalRow,
    SignalsView,
    UniverseView,
    UnknownSymbol,
)
from bot.desk_health import HealthView
from bot.desk_model import ModelEvidence, ModelProposal, ModelView
from bot.desk_pnl import PnlReader
from bot.desk_preflight import PreflightFacts
from bot.desk_why import AskWhy, Explanation
from bot.explanations import Explainer
from bot.language import _
from bot.machine import Machine
from bot.model_desk import ModelDesk
from bot.words import rule_name, word
from engine.domain.commands import ChangeModel, Command, ModelChange, Receipt, SetShadow
from engine.domain.instrument import Instrument
from engine.domain.snapshot import Snapshot
from storage.queries import Queries, StoredSetup

_STORED_WITHIN_S = 1.0


class DeskService:
    """Implements `bot.desk.Desk`."""

    def __init__(
        self,
        machine: Machine,
        queries: Queries,
        rng: random.Random,
        health: Callable[[], HealthView],
        *,
        models: ModelDesk,
        preflight: Callable[[], Awaitable[PreflightFacts]],
    ) -> None:
        self._models = models
        self._machine = machine
        self._commands: CommandDesk = machine.commands
        self._queries = queries
        self._results = PnlReader(queries, rng, machine.venues)
        self._health = health
        self._preflight = preflight
        self._explainer = Explainer(queries, lambda: machine.loop.scorer, machine.limits)

    async def submit(self, command: Command) -> Receipt:
        """Give a command to the engine; its receipt is handed out once it outlives a crash."""
        if isinstance(command, ChangeModel | SetShadow):
            receipt = await self._models.obey(command)
        else:
            receipt = await self._commands.submit(command)
        with suppress(TimeoutError):
            # It is done already: a disk in trouble may only hold up the word of it.
            async with asyncio.timeout(_STORED_WITHIN_S):
                await self._machine.writer.flush()
        return receipt

    def snapshot(self) -> Snapshot:
        """Return the engine's state now."""
        return self._machine.engine.snapshot(self._machine.clock.instant())

    async def signals(self, question: AskSignals) -> SignalsView:
        """Return the newest signals with what became of them."""
        running = {position.setup_id for position in self.snapshot().positions}
        stored = await self._queries.signals(question.limit)
        return SignalsView(tuple(_signal_row(signal, running) for signal in stored))

    async def outcome(self, question: AskOutcome) -> Outcome:
        """Return what the journal knows of a setup's end."""
        stored = await self._queries.setup(question.setup_id)
        if stored is None:
            return Outcome()
        last = stored.verdicts[-1] if stored.verdicts else None
        return Outcome(
            trade=stored.closed[-1] if stored.closed else None,
            approved=any(said.approved for said in stored.verdicts),
            rule=last.rule if last else None,
        )

    async def pnl(self, question: AskPnl) -> PnlView:
        """Return the closed trades of a period, per book."""
        return await self._results.read(question.period, self._machine.clock.exchange_ms())

    async def chart(self, question: AskChart) -> ChartData:
        """Return candles and findings of a symbol.

        Raises:
            UnknownSymbol: the symbol is not scanned; names near ones.
        """
        instrument = self._instrument(question.symbol)
        engine = self._machine.engine
        stored = await self._queries.setup(question.setup_id) if question.setup_id else None
        setup = stored.setup if stored else None
        position = next(
            (p for p in self.snapshot().positions if p.symbol == instrument.symbol), None
        )
        evidence = setup.evidence if setup else engine.evidence(instrument.symbol)
        return ChartData(
            symbol=instrument.symbol,
            decimals=max(0, -int(instrument.tick_size.normalize().as_tuple().exponent)),
            candles=engine.candles(instrument.symbol, question.candles),
            evidence=evidence,
            direction=setup.direction if setup else None,
            entry=setup.entry if setup else None,
            stop=setup.stop if setup else None,
            target=setup.target if setup else None,
            zone=(setup.zone_bottom, setup.zone_top) if setup else None,
            position=position,
            caption=f"{instrument.symbol} 1m",
        )

    async def why(self, question: AskWhy) -> Explanation:
        """Return a setup explained.

        Raises:
            UnknownSetup: the journal has no such setup.
        """
        now = self.snapshot()
        running = frozenset(position.setup_id for position in now.positions)
        max_risk_ratio = float(now.risk_pct) / 100.0
        return await self._explainer.why(question, max_risk_ratio=max_risk_ratio, running=running)

    def _instrument(self, symbol: str) -> Instrument:
        scanned = {i.symbol: i for i in self._machine.scanner.universe.instruments}
        if symbol in scanned:
            return scanned[symbol]
        near = get_close_matches(symbol, scanned, n=3)
        if near:
            hint = _(" or ").join(near)
            raise UnknownSymbol(
                _("{symbol} is not scanned, did you mean {names}?", symbol=symbol, names=hint)
            )
        raise UnknownSymbol(_("{symbol} is not scanned", symbol=symbol))

    def model(self) -> ModelView:
        """Return what there is to say of the scorer in use."""
        return self._models.view()

    async def model_evidence(self) -> ModelEvidence:
        """Return how the model fares here."""
        return await self._models.evidence()

    async def propose_model(self, change: ModelChange) -> ModelProposal:
        """Return the model a change would bring, checked."""
        return await self._models.propose(change)

    async def health(self) -> HealthView:
        """Return the machine's figures."""
        return self._health()

    async def preflight(self) -> PreflightFacts:
        """Return what the venue tells now of whether live mode could work there."""
        return await self._preflight()

    def universe(self) -> UniverseView:
        """Return what is scanned and why the rest is not."""
        universe = self._machine.scanner.universe
        volumes = universe.quote_volume_24h
        return UniverseView(
            scanned=tuple((symbol, volumes.get(symbol, 0.0)) for symbol in universe.symbols),
            excluded=universe.excluded,
        )

    async def journal(self, question: AskJournal) -> JournalView:
        """Return who commanded what, newest first."""
        page = await self._queries.commands(question.limit)
        return JournalView(
            tuple(
                JournalRow(
                    at_ms=answered.at_ms,
                    who=answered.command.requested_by,
                    what=command_text(answered.command),
                    accepted=answered.receipt.accepted,
                    detail=answered.receipt.detail,
                )
                for _, answered in page
            )
        )


def command_text(command: Command) -> str:
    """Return a command in words: its name and its arguments."""
    hidden = {"command_id", "requested_by"}
    values = [
        str(getattr(command, name))
        for name in type(command).__dataclass_fields__
        if name not in hidden and getattr(command, name) is not None
    ]
    return " ".join([type(command).__name__, *values])


def _signal_row(stored: StoredSetup, running: set[str]) -> SignalRow:
    setup = stored.setup
    return SignalRow(
        setup_id=setup.setup_id,
        symbol=setup.symbol,
        direction=setup.direction,
        at_ms=stored.at_ms,
        score=stored.score.value if stored.score else 0.0,
        cost_r=stored.cost.cost_r if stored.cost else 0.0,
        outcome=_outcome(stored, running),
    )


def _outcome(stored: StoredSetup, running: set[str]) -> str:
    if stored.closed:
        trade = stored.closed[-1]
        return f"{word(trade.reason)} {trade.net_r:+.2f} R"
    if stored.setup.setup_id in running:
        return _("running")
    if not stored.verdicts:
        return _("told")
    verdict = stored.verdicts[-1]
    if verdict.approved:
        return _("not filled")
    return rule_name(verdict.rule) if verdict.rule else _("refused")
