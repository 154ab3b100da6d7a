from bot.scorer_choice import choose_scorer, model_path, threshold_seed
from bot.settings import Settings
from models.heuristic import HEURISTIC, SEED_QUANTILES


def test_scorer_when_there_is_no_model_is_the_heuristic_and_says_why(tmp_path):
    settings = Settings.load(_env_file=None, model_dir=tmp_path)

    loaded = choose_scorer(settings)

    assert loaded.scorer.name == HEURISTIC
    assert str(model_path(settings)) in loaded.problem


def test_scorer_when_the_bundle_is_broken_is_the_heuristic_and_says_why(tmp_path):
    settings = Settings.load(_env_file=None, model_dir=tmp_path)
    model_path(settings).write_text("tree\n")

    loaded = choose_scorer(settings)

    assert loaded.scorer.name == HEURISTIC
    assert loaded.problem


def test_seed_when_the_universe_grows_expects_more_setups(tmp_path):
    loaded = choose_scorer(Settings.load(_env_file=None, model_dir=tmp_path))

    small, large = threshold_seed(loaded, 20), threshold_seed(loaded, 530)

    assert large.per_day / small.per_day == 530 / 20
    assert list(small.quantiles) == sorted(SEED_QUANTILES)
