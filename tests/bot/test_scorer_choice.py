import pytest

from bot import scorer_choice
from bot.scorer_choice import (
    bundle_hash_of,
    bundle_store,
    challenger_path,
    choose_scorer,
    model_path,
    operator_path,
    threshold_seed,
)
from bot.settings import Settings
from engine.domain.errors import ScorerError
from engine.risk.threshold import ThresholdSeed
from models.artifacts import read_candidate, save_bundle
from models.bundle_store import Choice
from models.heuristic import HEURISTIC, SEED_QUANTILES
from tests.models.bundles import manifest, model_text


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings.load(_env_file=None, data_dir=tmp_path / "data")


def put(path, **changes) -> str:
    save_bundle(path, model_text(), manifest(**changes))
    return read_candidate(path, pinned_hash="").hash


def test_scorer_when_there_is_no_model_is_the_heuristic_and_says_why(settings):
    loaded = choose_scorer(settings)

    assert loaded.scorer.name == HEURISTIC
    assert loaded.problem == f"there is no model at {settings.data_dir / 'model/lgbm_smc.txt'}"
    assert bundle_hash_of(loaded) == ""


def test_scorer_when_the_bundle_is_broken_is_the_heuristic_and_says_why(tmp_path):
    settings = Settings.load(_env_file=None, model_dir=tmp_path, data_dir=tmp_path)
    operator_path(settings).write_text("tree\n")

    loaded = choose_scorer(settings)

    assert loaded.scorer.name == HEURISTIC
    assert "lgbm_smc.json: No such file" in loaded.problem


def test_scorer_when_the_operator_has_no_model_is_the_one_of_the_program(
    settings, monkeypatch, tmp_path
):
    shipped = tmp_path / "program" / "lgbm_smc.txt"
    monkeypatch.setattr(scorer_choice, "SHIPPED", shipped)
    ours = put(shipped)

    assert bundle_hash_of(choose_scorer(settings)) == ours
    theirs = put(operator_path(settings), edge=True)

    assert bundle_hash_of(choose_scorer(settings)) == theirs
    assert model_path(settings) == operator_path(settings)


def test_scorer_when_the_operators_model_is_broken_is_not_silently_the_programs(
    settings, monkeypatch, tmp_path
):
    shipped = tmp_path / "program" / "lgbm_smc.txt"
    monkeypatch.setattr(scorer_choice, "SHIPPED", shipped)
    put(shipped)
    put(operator_path(settings))
    operator_path(settings).write_text("tree\n")

    loaded = choose_scorer(settings)

    assert loaded.scorer.name == HEURISTIC
    assert "has the hash" in loaded.problem


def test_scorer_when_rolled_back_is_the_kept_one_until_the_file_changes(settings):
    path, store = operator_path(settings), bundle_store(settings)
    good = put(path, threshold=0.41)
    store.keep(read_candidate(path, pinned_hash=good))
    bad = put(path, threshold=0.42)
    store.remember(Choice(in_use=good, previous=bad, passed_over=bad))
    assert bundle_hash_of(choose_scorer(settings)) == good

    better = put(path, threshold=0.43)

    assert bundle_hash_of(choose_scorer(settings)) == better


def test_scorer_when_rolled_back_to_none_is_the_heuristic_and_says_why(settings):
    bad = put(operator_path(settings))
    bundle_store(settings).remember(Choice(in_use="", previous=bad, passed_over=bad))

    loaded = choose_scorer(settings)

    assert loaded.scorer.name == HEURISTIC
    assert loaded.problem.endswith("was rolled back")


def test_scorer_when_another_one_is_pinned_is_the_heuristic(settings):
    put(operator_path(settings))
    pinned = settings.model_copy(update={"model_sha256": "f" * 64})

    assert "is not the pinned one" in choose_scorer(pinned).problem


def test_seed_when_the_universe_grows_expects_more_setups(settings):
    loaded = choose_scorer(settings)

    small, large = threshold_seed(loaded, 20), threshold_seed(loaded, 530)

    assert large.per_day / small.per_day == 530 / 20
    assert list(small.quantiles) == sorted(SEED_QUANTILES)


def test_seed_when_a_model_works_has_its_quantiles(settings):
    put(operator_path(settings), quantiles=(0.1, 0.9))

    assert threshold_seed(choose_scorer(settings), 10) == ThresholdSeed(
        quantiles=(0.1, 0.9), per_day=75.0
    )


def test_path_when_from_the_environment_may_lie_anywhere(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x")

    assert challenger_path(tmp_path / "models", str(path), inside=False) == path.resolve()
    with pytest.raises(ScorerError, match="is not in the model folder"):
        challenger_path(tmp_path / "models", str(path), inside=True)
