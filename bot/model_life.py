"""The life of the model in a running bot: reload, rollback, challenger; checked before anything.

Files are read, checked and parsed beside the loop; the change itself is one event between two
minutes' candles. Whatever fails changes nothing and says why.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bot.desk_model import ModelProposal, ModelView
from bot.model_view import card_of, model_view
from bot.scorer_choice import (
    bundle_hash_of,
    bundle_store,
    challenger_path,
    model_folder,
    model_path,
    threshold_seed,
)
from bot.settings import Settings
from engine.domain.commands import ChangeModel, ModelChange, Receipt, SetShadow
from engine.domain.errors import ScorerError
from engine.domain.events import ScorerChanged
from engine.ports import Scorer
from models.artifacts import Bundle, Candidate, load_bundle_async, read_candidate
from models.bundle_store import NO_BUNDLE, hash_of_file
from models.heuristic import HEURISTIC, HeuristicScorer
from models.scorer import LightGBMScorer, LoadedScorer

log = structlog.get_logger(__name__)

Load = Callable[[Path, str], Awaitable[tuple[Bundle, Candidate]]]
"""Loads the bundle at a path if it has the pinned hash ("" for any); raises ScorerError."""


Aside = Callable[[Callable[[], None]], Awaitable[None]]
"""Does work on files while the loop goes on."""


async def load_beside(path: Path, pinned_hash: str) -> tuple[Bundle, Candidate]:
    """Load a bundle while the loop goes on: a child tries it, a thread reads it."""
    return await load_bundle_async(path, pinned_hash=pinned_hash)


@dataclass(frozen=True, slots=True)
class Seams:
    """Where the life of the model touches the running engine.

    Attributes:
        scorer: the one in use.
        change: lets another one work from the next pause between candles on.
        receipt: gives a command to the engine by this act and waits for its receipt.
        challenge: lets a challenger score beside, None for none.
        challenging: the one that scores beside now; one that failed is gone.
        forget_challenger: no challenger is stored for the next start.
    """

    scorer: Callable[[], Scorer]
    change: Callable[[Scorer, ScorerChanged], None]
    receipt: Callable[[str, Callable[[], None]], Awaitable[Receipt]]
    challenge: Callable[[Scorer | None], None]
    challenging: Callable[[], Scorer | None]
    forget_challenger: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A scorer that passed every check; `candidate` None for the heuristic one."""

    change: ModelChange
    loaded: LoadedScorer
    candidate: Candidate | None

    @property
    def bundle(self) -> str:
        return bundle_hash_of(self.loaded)


class ModelLife:
    """Knows which model works and why, and changes it when the operator says so."""

    def __init__(
        self,
        settings: Settings,
        loaded: LoadedScorer,
        seams: Seams,
        *,
        symbols: int,
        load: Load = load_beside,
        aside: Aside = asyncio.to_thread,
    ) -> None:
        """Make it.

        Args:
            settings: where models lie and which one is pinned.
            loaded: what works since the start.
            seams: the engine.
            symbols: how many are scanned, for the threshold's seed.
            load: how a bundle is loaded; simulation passes one without child and thread.
            aside: how copies are written; simulation does it on the spot.
        """
        self._settings = settings
        self._seams = seams
        self._symbols = symbols
        self._load = load
        self._aside = aside
        self._store = bundle_store(settings)
        self._problem = loaded.problem
        self._at_start = bundle_hash_of(loaded)
        self._ready: _Ready | None = None
        self._challenger: LightGBMScorer | None = None
        self._shadow_problem = ""
        self._is_stored = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def challenger(self) -> Scorer | None:
        """The model that scores beside, None without one."""
        return self._challenger

    # --- start -----------------------------------------------------------------------------------

    async def begin(self, stored_shadow: str | None) -> None:
        """Keep a copy of the model in use and let the challenger of the last run score on.

        Args:
            stored_shadow: the operator's choice in the chat, None where there was none.
        """
        await self._aside(self._note_start)
        name = self._settings.shadow_model if stored_shadow is None else stored_shadow
        self._is_stored = bool(stored_shadow)
        if name:
            self._shadow_problem = await self._set_challenger(name)
            if self._shadow_problem:
                log.warning("shadow.not_loaded", model=name, reason=self._shadow_problem)

    def _note_start(self) -> None:
        choice = self._store.choice()
        file = model_path(self._settings)
        rolled_back = choice.holds_against(hash_of_file(file))
        try:
            if self._at_start != NO_BUNDLE and not rolled_back:
                self._store.keep(read_candidate(file, pinned_hash=self._at_start))
            if not rolled_back:
                self._store.remember(choice.moved_to(self._at_start))
        except ScorerError as error:
            log.warning("model.no_copy_kept", reason=str(error))

    # --- looking ---------------------------------------------------------------------------------

    def view(self) -> ModelView:
        """Return what there is to say of the model without asking the journal."""
        choice = self._store.choice()
        shadow = "" if self._challenger is None else self._challenger.name
        problem = self._shadow_problem
        if shadow and self._seams.challenging() is None:
            shadow, problem = "", f"{shadow} failed while scoring; the log says how"
        return replace(
            model_view(self._seams.scorer(), self._problem),
            place=str(model_path(self._settings)),
            pinned=self._settings.model_sha256,
            previous=None if choice.previous is None else _name(choice.previous),
            rolled_back=choice.passed_over is not None,
            shadow=shadow,
            shadow_problem=problem,
        )

    # --- reload and rollback ---------------------------------------------------------------------

    async def propose(self, change: ModelChange) -> ModelProposal:
        """Load and check the model a change would bring; nothing is changed yet."""
        async with self._one_at_a_time:
            self._ready = None
            try:
                ready = await self._prepared(change)
            except ScorerError as error:
                return ModelProposal(problem=f"{error}.")
            if ready.bundle == self._in_use():
                return ModelProposal(problem=f"{_name(ready.bundle)} is in use already.")
            self._ready = ready
            scorer = ready.loaded.scorer
            card = card_of(scorer.bundle) if isinstance(scorer, LightGBMScorer) else None
            return ModelProposal(scorer=scorer.name, bundle=ready.bundle, card=card)

    async def _prepared(self, change: ModelChange) -> _Ready:
        path = model_path(self._settings)
        if change is ModelChange.ROLLBACK:
            previous = self._store.choice().previous
            if previous is None:
                raise ScorerError("There is no earlier model to go back to")
            if previous == NO_BUNDLE:
                problem = f"the model at {path} was rolled back"
                return _Ready(change, LoadedScorer(HeuristicScorer(), problem), None)
            path = self._store.path_of(previous)
        elif not path.exists():
            raise ScorerError(f"There is no model at {path}")
        bundle, candidate = await self._load(path, self._settings.model_sha256)
        return _Ready(change, LoadedScorer(LightGBMScorer(bundle), ""), candidate)

    async def change(self, command: ChangeModel) -> Receipt:
        """Bring the proposed model into use.

        Raises:
            StillWorking: the engine is slow; the change happens all the same.
        """
        async with self._one_at_a_time:
            ready, self._ready = self._ready, None
            if ready is None or (ready.change, ready.bundle) != (command.change, command.bundle):
                return _refused(command, "The model was not checked just now: ask again.")
            try:
                await self._aside(lambda: self._remember(ready))
            except ScorerError as error:
                return _refused(command, f"Nothing was changed: {error}.")
            return await self._swap(command, ready)

    def _remember(self, ready: _Ready) -> None:
        choice = self._store.choice()
        if ready.candidate is not None:
            self._store.keep(ready.candidate)
        if ready.change is ModelChange.ROLLBACK:
            choice = choice.rolled_back(hash_of_file(model_path(self._settings)))
        else:
            choice = replace(choice, in_use=self._in_use()).moved_to(ready.bundle)
        self._store.remember(choice)

    async def _swap(self, command: ChangeModel, ready: _Ready) -> Receipt:
        scorer = ready.loaded.scorer
        seed = threshold_seed(ready.loaded, self._symbols)
        event = ScorerChanged(command, scorer.name, seed.quantiles, seed.per_day)
        self._problem = ready.loaded.problem
        if self._challenger is not None and self._challenger.name == scorer.name:
            self._drop_challenger()
            # A choice of the chat that is fulfilled; the next start would call it a problem.
            if self._is_stored:
                self._is_stored = False
                self._seams.forget_challenger()
        return await self._seams.receipt(
            command.command_id, lambda: self._seams.change(scorer, event)
        )

    def _in_use(self) -> str:
        return bundle_hash_of(LoadedScorer(self._seams.scorer(), ""))

    # --- challenger ------------------------------------------------------------------------------

    async def shadow(self, command: SetShadow, act: Callable[[SetShadow], None]) -> Receipt:
        """Let a challenger score beside the model in use, or none; it decides nothing.

        Args:
            command: names a model in the model folder, "" for none.
            act: gives the command to the engine, which journals it.
        """
        async with self._one_at_a_time:
            if not command.model:
                self._drop_challenger()
            else:
                problem = await self._set_challenger(command.model, inside=True)
                if problem:
                    return _refused(command, f"Nothing was changed: {problem}.")
            name = "" if self._challenger is None else self._challenger.name
            told = replace(command, scorer=name)
            self._is_stored = bool(command.model)
            return await self._seams.receipt(command.command_id, lambda: act(told))

    async def _set_challenger(self, name: str, *, inside: bool = False) -> str:
        """Load a challenger; return why it cannot be, "" if it scores."""
        try:
            path = challenger_path(model_folder(self._settings), name, inside=inside)
            # The pin is for what decides.
            bundle, _ = await self._load(path, "")
        except ScorerError as error:
            return str(error)
        if bundle.hash == self._in_use():
            return f"{_name(bundle.hash)} is the model in use"
        self._challenger, self._shadow_problem = LightGBMScorer(bundle), ""
        self._seams.challenge(self._challenger)
        return ""

    def _drop_challenger(self) -> None:
        self._challenger, self._shadow_problem = None, ""
        self._seams.challenge(None)


def _name(bundle: str) -> str:
    return f"lgbm:{bundle[:8]}" if bundle else HEURISTIC


def _refused(command: ChangeModel | SetShadow, why: str) -> Receipt:
    return Receipt(command_id=command.command_id, accepted=False, detail=why)
