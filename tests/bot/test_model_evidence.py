from collections import defaultdict

import pytest

from bot.model_evidence import DAYS, EvidenceReader, card_brier, card_report
from engine.domain.order import Book
from models.artifacts import load_bundle
from models.drift import Stability
from models.heuristic import HeuristicScorer
from models.probe import probe_here
from models.scorer import LightGBMScorer
from storage.model_queries import Ended, Predicted
from tests.bot.model_kit import put
from tests.fake_clock import FakeClock
from tests.models.bundles import manifest
from tests.models.bundles import rows as training_rows

DAY_MS = 86_400_000
REPORT = {
    "probability": {
        "brier": 0.21,
        "calibration": [
            {"predicted": 0.3, "observed": 0.28, "count": 50},
            {"predicted": 0.4, "observed": 0.41, "count": 50},
        ],
    }
}


class Journal:
    """Implements `storage.model_queries.ModelQueries` with what a test says."""

    def __init__(self) -> None:
        self.seen, self.outcomes, self.asked = [], [], []
        self.trades: dict[Book, tuple[Predicted, ...]] = defaultdict(tuple)

    async def features(self, scorer, since_ms):
        self.asked.append(("features", scorer, since_ms))
        for one in self.seen:
            yield one

    async def followed(self, scorer, since_ms, challenger=""):
        self.asked.append(("followed", scorer, since_ms, challenger))
        for one in self.outcomes:
            yield one

    async def scored(self, scorer, _since_ms):
        return 7 if scorer.startswith("lgbm") else 3

    async def ended(self, scorer, _since_ms):
        return Ended(4, 1, -0.25) if scorer == "heuristic" else Ended(0, 0, 0.0)

    async def traded(self, _scorer, book, _since_ms):
        return self.trades[book]


class World:
    def __init__(self, folder, **changes) -> None:
        put(folder / "a.txt", **{"metrics": {"out_of_fold": REPORT}, **changes})
        self.scorer = LightGBMScorer(load_bundle(folder / "a.txt", probe=probe_here))
        put(folder / "b.txt", threshold=0.1)
        self.rival = LightGBMScorer(load_bundle(folder / "b.txt", probe=probe_here))
        self.challenger = None
        self.journal, self.clock = Journal(), FakeClock()
        self.reader = EvidenceReader(
            self.journal,
            self.clock,
            lambda: self.scorer,
            lambda: self.challenger,
            (Book.PAPER, Book.LIVE),
        )


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


def outcome(p: float, *, won: bool, other: float | None = None) -> Predicted:
    return Predicted("x", p, won, 1.0 if won else -1.0, other)


async def test_evidence_when_the_heuristic_works_is_what_its_setups_became(world):
    world.scorer = HeuristicScorer()

    found = await world.reader.read()

    assert (found.scorer, found.scored, found.calibrated) == ("heuristic", 3, None)
    assert (found.ended, found.paid, found.net_r) == (4, 1, -0.25)
    assert world.journal.asked == []


async def test_calibration_when_outcomes_came_stands_beside_the_card(world):
    world.journal.outcomes = [outcome(0.3, won=False), outcome(0.4, won=True)]

    found = await world.reader.read()

    assert found.calibrated is not None
    assert (found.calibrated.count, found.calibrated.wins) == (2, 1)
    assert [bucket.card for bucket in found.calibrated.buckets] == [0.28, 0.41]
    assert found.card_brier == 0.21
    assert not found.calibrated.enough
    since_ms = world.clock.exchange_ms() - DAYS * DAY_MS
    assert world.journal.asked[0] == ("followed", world.scorer.name, since_ms, "")


async def test_calibration_when_many_outcomes_came_is_enough_to_judge(world):
    world.journal.outcomes = [outcome(0.3, won=n % 10 < 3) for n in range(200)]

    found = await world.reader.read()

    assert found.calibrated is not None
    assert found.calibrated.enough
    assert found.calibrated.surprise == pytest.approx(0.0)


async def test_trades_when_closed_are_counted_by_book(world):
    world.journal.trades[Book.PAPER] = (outcome(0.3, won=True), outcome(0.4, won=False))

    (row,) = (await world.reader.read()).traded

    assert (row.book, row.count, row.wins, row.expected) == (Book.PAPER, 2, 1, pytest.approx(0.7))


async def test_rivalry_when_there_is_a_challenger_is_on_what_both_scored(world):
    world.challenger = world.rival
    world.journal.outcomes = [outcome(0.3, won=False, other=0.2), outcome(0.4, won=True)]

    rivalry = (await world.reader.read()).rivalry

    assert rivalry is not None
    assert (rivalry.challenger, rivalry.scored, rivalry.count) == (world.rival.name, 7, 1)
    assert (rivalry.brier, rivalry.brier_challenger) == (pytest.approx(0.09), pytest.approx(0.04))
    assert rivalry.low is None
    assert world.journal.asked[0][-1] == world.rival.name


async def test_rivalry_when_nobody_challenges_is_none(world):
    assert (await world.reader.read()).rivalry is None


async def test_drift_when_setups_look_as_in_training_is_stable(world):
    world.journal.seen = [("1m", tuple(row)) for row in training_rows().tolist()]

    drift = (await world.reader.read()).drift

    assert {one.feature for one in drift} == set(manifest().features)
    assert {one.stability for one in drift} == {Stability.STABLE}


async def test_drift_when_a_feature_moves_is_told_of_that_one(world):
    moved = training_rows().copy()
    moved[:, 8] = moved[:, 8] / 3
    world.journal.seen = [("1m", tuple(row)) for row in moved.tolist()]

    first, *rest = (await world.reader.read()).drift

    assert (first.feature, first.stability) == ("rsi_14", Stability.DRIFTED)
    assert {one.stability for one in rest} == {Stability.STABLE}


async def test_drift_when_the_bundle_has_no_histograms_says_what_to_do(tmp_path):
    world = World(tmp_path, histograms=(), format=1)

    found = await world.reader.read()

    assert found.drift == ()
    assert "train it anew" in found.drift_note
    assert [what for what, *_ in world.journal.asked] == ["followed"]


async def test_drift_when_nothing_was_scored_says_so(world):
    assert (await world.reader.read()).drift_note == "it has not scored a setup yet"


def test_card_when_a_test_was_made_is_judged_by_it():
    given = manifest(metrics={"test": {"a": 1}, "out_of_fold": REPORT})

    assert card_report(given) == {"a": 1}
    assert card_brier(given) is None
    assert card_brier(manifest(metrics={"test": None, "out_of_fold": REPORT})) == 0.21
    assert card_brier(manifest(metrics={})) is None
