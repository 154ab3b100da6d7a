import pytest

from bot import scorer_choice
from bot.scorer_choice import bundle_store, operator_path
from bot.settings import Settings
from bot.tools.check_model import check_challenger, check_model
from bot.tools.findings import Level
from models.artifacts import read_candidate, save_bundle
from models.bundle_store import Choice
from tests.bot.model_kit import put
from tests.models.bundles import manifest, model_text


def settings(tmp_path, **values) -> Settings:
    return Settings.load(_env_file=None, model_dir=tmp_path, data_dir=tmp_path, **values)


def save(tmp_path, **changes) -> Settings:
    given = settings(tmp_path)
    save_bundle(operator_path(given), model_text(), manifest(**changes))
    return given


def test_model_when_there_is_none_says_which_scorer_works_instead(tmp_path):
    found = check_model(settings(tmp_path))

    assert found.level is Level.WARNING
    assert found.text.startswith("the heuristic scorer is used: there is no model at")


def test_model_when_sound_names_its_identity_origin_and_pin(tmp_path):
    given = save(tmp_path, edge=True)
    bundle = read_candidate(operator_path(given), pinned_hash="").hash

    found = check_model(given)
    pinned = check_model(settings(tmp_path, model_sha256=bundle))

    assert found.level is Level.GOOD
    assert found.text == (
        f"{operator_path(given)} is lgbm:{bundle[:8]}, not pinned, made 2026-11-22"
    )
    assert ", pinned, made" in pinned.text


def test_model_when_it_measured_no_edge_says_so(tmp_path):
    found = check_model(save(tmp_path, edge=False))

    assert found.level is Level.WARNING
    assert "no edge after costs" in found.text


def test_model_when_it_cannot_tell_drift_says_so(tmp_path):
    found = check_model(save(tmp_path, edge=True, histograms=(), format=1))

    assert found.level is Level.WARNING
    assert "without the histograms" in found.text


def test_model_when_damaged_says_why(tmp_path):
    given = save(tmp_path)
    path = operator_path(given)
    path.write_bytes(path.read_bytes() + b"x")

    found = check_model(given)

    assert found.level is Level.WARNING
    assert "the heuristic scorer is used" in found.text


def test_model_when_it_is_the_programs_says_so(tmp_path, monkeypatch):
    shipped = tmp_path / "program" / "lgbm_smc.txt"
    monkeypatch.setattr(scorer_choice, "SHIPPED", shipped)
    put(shipped, edge=True)

    assert check_model(settings(tmp_path)).text.startswith("the program's own lgbm_smc.txt is")


def test_model_when_rolled_back_says_that_it_is_not_the_file(tmp_path):
    given = settings(tmp_path)
    good = put(operator_path(given), edge=True)
    store = bundle_store(given)
    store.keep(read_candidate(operator_path(given), pinned_hash=""))
    bad = put(operator_path(given), threshold=0.2)
    store.remember(Choice(in_use=good, previous=bad, passed_over=bad))

    text = check_model(given).text

    assert "which was rolled back, is" in text
    assert f"lgbm:{good[:8]}" in text


@pytest.mark.parametrize(
    ("name", "level", "told"),
    [
        ("", Level.GOOD, "none is set"),
        ("next", Level.GOOD, "it decides nothing"),
        ("gone", Level.WARNING, "it cannot be loaded: there is no model gone"),
    ],
)
def test_challenger_when_examined_is_loaded(tmp_path, name, level, told):
    put(tmp_path / "next" / "lgbm_smc.txt")

    found = check_challenger(settings(tmp_path, shadow_model=name))

    assert (found.level, told in found.text) == (level, True)
