"""The desk's part for the model: look, propose a change, carry it out, report on evidence."""

import asyncio
from collections.abc import Callable
from functools import partial

from bot.desk_model import ModelEvidence, ModelProposal, ModelView
from bot.follower import Follower
from bot.machine import Machine
from bot.model_evidence import EvidenceReader
from bot.model_life import Aside, Load, ModelLife, Seams, load_beside
from bot.settings import Settings
from engine.core.settings import SHADOW
from engine.domain.commands import ChangeModel, Command, ModelChange, Receipt, SetShadow
from engine.domain.effects import SettingChanged
from engine.domain.events import CommandGiven
from models.scorer import LoadedScorer
from storage.database import Database
from storage.model_queries import ModelQueries

PATIENCE_S = 10.0
"""The engine changes its scorer at the first pause between candles, up to 5 s away."""


class ModelDesk:
    """What the desk asks and orders concerning the model."""

    def __init__(
        self, life: ModelLife, evidence: EvidenceReader, give: Callable[[Command], None]
    ) -> None:
        """Args: life: of the model; evidence: the journal; give: commands to the engine."""
        self._life = life
        self._evidence = evidence
        self._give = give

    def view(self) -> ModelView:
        """Return what works and why."""
        return self._life.view()

    async def evidence(self) -> ModelEvidence:
        """Return how it fares.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await self._evidence.read()

    async def propose(self, change: ModelChange) -> ModelProposal:
        """Load and check what a change would bring."""
        return await self._life.propose(change)

    async def obey(self, command: ChangeModel | SetShadow) -> Receipt:
        """Carry a command out.

        Raises:
            StillWorking: the engine is slow; it happens all the same.
        """
        if isinstance(command, ChangeModel):
            return await self._life.change(command)
        return await self._life.shadow(command, self._give)


async def open_models(
    settings: Settings,
    loaded: LoadedScorer,
    machine: Machine,
    database: Database,
    stored: dict[str, str],
    *,
    symbols: int,
    load: Load = load_beside,
    aside: Aside = asyncio.to_thread,
) -> ModelDesk:
    """Return the desk for the model of a machine that is built but not started.

    Args:
        settings: where models lie and which one is pinned.
        loaded: the scorer the machine was built with.
        machine: the engine.
        database: the journal's, open.
        stored: the operator's stored choices.
        symbols: how many are expected to be scanned.
        load: how bundles are loaded.
        aside: how copies of them are written.
    """
    seams = Seams(
        scorer=lambda: machine.loop.scorer,
        change=machine.loop.change_scorer,
        receipt=partial(machine.commands.receipt, patience_s=PATIENCE_S),
        challenge=machine.shadow.challenge,
        challenging=lambda: machine.shadow.scorer,
        forget_challenger=lambda: machine.writer.record(SettingChanged(SHADOW, "")),
    )
    life = ModelLife(settings, loaded, seams, symbols=symbols, load=load, aside=aside)
    await life.begin(stored.get(SHADOW))
    evidence = EvidenceReader(
        ModelQueries(database),
        machine.clock,
        seams.scorer,
        lambda: life.challenger,
        tuple(machine.venues),
    )
    return ModelDesk(life, evidence, lambda command: machine.mailbox.put(CommandGiven(command)))


def follower(machine: Machine, database: Database) -> Follower:
    """Return who follows the machine's scored setups to their end; its `run` is not started."""
    queries = ModelQueries(database)
    return Follower(queries, machine.engine.candles, machine.writer.record, machine.clock)
