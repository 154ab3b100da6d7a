import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from storage.tables import REVISION


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMCBOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def migrate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["migrate", *arguments])


def test_migrate_when_there_is_no_database_makes_one_of_that_venue(tmp_path):
    result = migrate("--venue", "binance")

    assert (result.exit_code, result.stdout) == (0, f"database is at revision {REVISION}\n")
    assert (tmp_path / "data" / "binance" / "trade.db").exists()
    assert not (tmp_path / "data" / "sim").exists()


def test_migrate_when_repeated_changes_nothing(tmp_path):
    migrate()
    path = tmp_path / "data" / "sim" / "trade.db"
    before = path.read_bytes()

    assert migrate().exit_code == 0
    assert path.read_bytes() == before


def test_migrate_when_the_database_is_broken_says_so_in_one_line(tmp_path):
    path = tmp_path / "data" / "sim" / "trade.db"
    path.parent.mkdir(parents=True)
    path.write_text("no database at all, but long enough to be looked at")

    result = migrate()

    assert result.exit_code == 1
    assert "not a SQLite database" in result.stderr
    assert result.stderr.count("\n") == 1


def test_migrate_when_a_setting_is_wrong_says_so(monkeypatch):
    monkeypatch.setenv("SMCBOT_LEVERAGE", "99")

    result = migrate()

    assert result.exit_code == 1
    assert result.stderr.startswith("SMCBOT_LEVERAGE was '99'")


def test_migrate_when_the_venue_is_unknown_refuses():
    assert migrate("--venue", "ftx").exit_code == 2
