"""The life of a model on a scripted engine: bundles on disk, swaps taken down."""

from pathlib import Path
from typing import Any

from bot.model_life import ModelLife, Seams
from bot.scorer_choice import choose_scorer, operator_path
from bot.settings import Settings
from engine.domain.commands import ChangeModel, Command, ModelChange, Receipt, SetShadow
from engine.domain.events import ScorerChanged
from engine.ports import Scorer
from models.artifacts import Bundle, Candidate, read_candidate, save_bundle
from models.probe import probe_here
from tests.models.bundles import manifest, model_text


def put(path: Path, **changes: Any) -> str:
    """Write a bundle and return its hash."""
    save_bundle(path, model_text(), manifest(**changes))
    return read_candidate(path, pinned_hash="").hash


async def load_here(path: Path, pinned_hash: str) -> tuple[Bundle, Candidate]:
    """Load without child and thread."""
    candidate = read_candidate(path, pinned_hash=pinned_hash)
    return candidate.accept(probe_here(candidate.text, candidate.manifest.golden_inputs)), candidate


async def here(work: Any) -> None:
    """Do it on the spot."""
    work()


class Run:
    """One run of the bot, as far as the model goes; `start` it, look at it, start another."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings.load(_env_file=None, data_dir=folder, **settings)
        loaded = choose_scorer(self.settings)
        self.scorer: Scorer = loaded.scorer
        self.changed: list[ScorerChanged] = []
        self.given: list[Command] = []
        self.challengers: list[Scorer | None] = []
        self.forgotten: list[str] = []
        seams = Seams(
            scorer=lambda: self.scorer,
            change=self._change,
            receipt=self._receipt,
            challenge=self.challengers.append,
            challenging=lambda: self.challengers[-1] if self.challengers else None,
            forget_challenger=lambda: self.forgotten.append("shadow"),
        )
        self.life = ModelLife(self.settings, loaded, seams, symbols=10, load=load_here, aside=here)

    async def start(self, shadow: str | None = None) -> "Run":
        """Let it begin."""
        await self.life.begin(shadow)
        return self

    @property
    def file(self) -> Path:
        """Where the operator puts a model."""
        return operator_path(self.settings)

    @property
    def name(self) -> str:
        """Of the scorer in use."""
        return self.scorer.name

    def _change(self, scorer: Scorer, event: ScorerChanged) -> None:
        self.scorer = scorer
        self.changed.append(event)

    async def _receipt(self, command_id: str, act: Any) -> Receipt:
        act()
        return Receipt(command_id=command_id, accepted=True, detail="done")

    async def ask(self, change: ModelChange) -> Receipt | str:
        """Propose a change and carry it out; the problem in words where there is one."""
        proposal = await self.life.propose(change)
        if proposal.problem:
            return proposal.problem
        command = ChangeModel(
            command_id="c", requested_by="ada", change=change, bundle=proposal.bundle
        )
        return await self.life.change(command)

    async def reload(self) -> Receipt | str:
        """Do what /model reload does."""
        return await self.ask(ModelChange.RELOAD)

    async def rollback(self) -> Receipt | str:
        """Do what /model rollback does."""
        return await self.ask(ModelChange.ROLLBACK)

    async def shadow(self, name: str) -> Receipt:
        """Do what /model shadow does."""
        command = SetShadow(command_id="s", requested_by="ada", model=name)
        return await self.life.shadow(command, self.given.append)
