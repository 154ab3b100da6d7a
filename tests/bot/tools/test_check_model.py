from bot.scorer_choice import model_path
from bot.settings import Settings
from bot.tools.check_model import check_model
from bot.tools.findings import Level
from models.artifacts import save_bundle
from tests.models.bundles import manifest, model_text


def settings(tmp_path, **values) -> Settings:
    return Settings.load(_env_file=None, model_dir=tmp_path, **values)


def save(tmp_path, **changes) -> Settings:
    given = settings(tmp_path)
    save_bundle(model_path(given), model_text(), manifest(**changes))
    return given


def test_model_when_there_is_none_says_which_scorer_works_instead(tmp_path):
    found = check_model(settings(tmp_path))

    assert found.level is Level.WARNING
    assert found.text.startswith("the heuristic scorer is used: there is no model at")


def test_model_when_sound_names_its_identity(tmp_path):
    found = check_model(save(tmp_path, edge=True))

    assert found.level is Level.GOOD
    assert " is lgbm:" in found.text


def test_model_when_it_measured_no_edge_says_so(tmp_path):
    found = check_model(save(tmp_path, edge=False))

    assert found.level is Level.WARNING
    assert "no edge after costs" in found.text


def test_model_when_damaged_says_why(tmp_path):
    given = save(tmp_path)
    path = model_path(given)
    path.write_bytes(path.read_bytes() + b"x")

    found = check_model(given)

    assert found.level is Level.WARNING
    assert "the heuristic scorer is used" in found.text
