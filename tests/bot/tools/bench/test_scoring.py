from bot.tools.bench import scoring
from bot.tools.bench.measure import Size
from bot.tools.bench.scoring import measure_scoring, some_setups
from engine.runtime.clock import SystemClock
from models.heuristic import HeuristicScorer
from models.scorer import LoadedScorer


class Named(HeuristicScorer):
    @property
    def name(self) -> str:
        return "lgbm:12345678"


def test_setups_when_asked_for_are_as_many_and_different():
    setups = some_setups(12)

    assert len({(s.setup_id, s.entry) for s in setups}) == 12
    assert setups == some_setups(12)


def test_scoring_when_measured_tells_scorer_and_batch(monkeypatch):
    monkeypatch.setattr(
        scoring, "choose_scorer", lambda _settings: LoadedScorer(HeuristicScorer(), "no model")
    )

    (row,) = measure_scoring(Size(repeats=1), SystemClock(), print)

    assert row.what.startswith("scoring with heuristic")
    assert row.load == "30 setups in one call"
    assert row.value > 0


def test_scoring_when_there_is_a_model_measures_both(monkeypatch):
    monkeypatch.setattr(scoring, "choose_scorer", lambda _settings: LoadedScorer(Named(), ""))

    rows = measure_scoring(Size(repeats=1), SystemClock(), print)

    assert [row.what.split(",")[0] for row in rows] == [
        "scoring with heuristic",
        "scoring with lgbm:12345678",
    ]
