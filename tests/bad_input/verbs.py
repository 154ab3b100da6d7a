"""Verbs run as a user runs them, and what every refusal must be."""

from pathlib import Path

from typer.testing import CliRunner, Result

from bot.cli.main import app

WRONG = 2


def invoke(*words: object) -> Result:
    """Run a verb."""
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


def refusal(*words: object) -> str:
    """Run a verb that must refuse in one clear line; return the line."""
    result = invoke(*words)
    lines = result.stderr.strip().splitlines()

    assert result.exit_code == WRONG, result.output
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith(f"{words[0]}: "), lines[0]
    assert "Traceback" not in result.output
    return lines[0]


def words_of(verb: str, path: Path, folder: Path) -> list[object]:
    """Return a verb's words for a candle file; what it writes goes into `folder`."""
    return {
        "backtest": ["backtest", path, "--json", folder / "out.json"],
        "train": ["train", path, "--out", folder / "out", "--jobs", 1, "--work", folder / "work"],
        "import": ["import", path, "--out", folder / "out"],
        "smc": ["smc", path, "--out", folder / "out.csv"],
    }[verb]


def written(folder: Path) -> list[str]:
    """Return the files that a verb left behind, apart from caches of finished work."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if path.parts[0] not in {"work", "in", "data"})
