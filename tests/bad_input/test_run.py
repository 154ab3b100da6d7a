"""Wrong words and wrong markets for `run`: it does not start, and says why."""

from pathlib import Path

import pytest

from tests.bad_input.verbs import invoke


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--replay", "none.parquet"], "no such file or folder: none.parquet"),
        (["--for", "soon"], "soon"),
    ],
)
def test_run_when_a_word_is_wrong_says_so_in_one_line(words: list[str], said: str) -> None:
    result = invoke("run", *words)

    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    assert said in result.stderr


def test_run_when_the_replay_is_no_candle_file_does_not_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The exchange is a process of its own, started in the folder of the user.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (folder / "bad.parquet").write_text("x")

    result = invoke("run", "--replay", "bad.parquet", "--chat-port", 0)

    assert result.exit_code == 1
    assert "bad.parquet: not a Parquet file" in result.stderr.strip().splitlines()[-1]
    assert "Traceback" not in result.output


def test_run_when_a_setting_is_wrong_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMCBOT_MAX_POSITIONS", "many")

    result = invoke("run")

    assert result.exit_code == 2
    assert "SMCBOT_MAX_POSITIONS" in result.stderr
    assert "many" in result.stderr or "no setting" in result.stderr
