import os
from pathlib import Path

import polars as pl
import pytest

from bot.tools.prune import DAY_MS, DAYS, WHAT, Rule, at_work, databases, doomed, remove
from models.bundle_store import BundleStore, Choice
from storage.file_lock import FileLock
from storage.recording import Mark, append_recording, recording_files

NOW_MS = 1_790_000_000_000
ALL = dict.fromkeys(Rule, 5)
NEVER_TOUCHED = (
    "research/test-ledger.jsonl",
    "sim/trade.db",
    "sim/trade.db-wal",
    "model/lgbm_smc.txt",
    "candles/funding.parquet",
    "imported/AUSDT/AUSDT-1m-2025-05.parquet",
    "mine/notes.txt",
)


def put(data: Path, name: str, days: float = 400, size: int = 10) -> Path:
    path = data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    at = (NOW_MS - days * DAY_MS) / 1000
    os.utime(path, (at, at))
    return path


def names(data: Path, days: dict[Rule, int | None] = ALL) -> list[tuple[str, str]]:
    found = doomed(data, NOW_MS, days)
    return sorted((one.rule.value, one.path.relative_to(data).as_posix()) for one in found)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a folder with something old for every rule, and what no rule may touch."""
    for name in NEVER_TOUCHED:
        put(tmp_path, name)
    for name in (
        "candles/klines/AUSDT/AUSDT-1m-2025-05.parquet",
        "research/parts/ab.rows.parquet",
        "research/parts/ab.pulse.parquet",
        "research/trials/cd.jsonl",
        "backups/sim-2025-01-01-000000.db",
        "backups/sim-2025-01-02-000000.db",
        "sim/exchange.log",
        "sim/candles.partial",
    ):
        put(tmp_path, name)
    return tmp_path


def test_doomed_when_a_running_bot_takes_a_file_away_meanwhile_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = put(tmp_path, "sim/a.partial"), put(tmp_path, "sim/b.partial")
    look = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path == gone:
            raise FileNotFoundError(2, "No such file or directory")
        return look(path)

    monkeypatch.setattr(Path, "lstat", lstat)

    assert names(tmp_path) == [("leftovers", stays.relative_to(tmp_path).as_posix())]


def test_doomed_when_everything_is_old_is_what_can_be_made_again(data: Path) -> None:
    assert names(data) == [
        ("backups", "backups/sim-2025-01-01-000000.db"),
        ("downloads", "candles/klines/AUSDT/AUSDT-1m-2025-05.parquet"),
        ("leftovers", "sim/candles.partial"),
        ("logs", "sim/exchange.log"),
        ("research", "research/parts/ab.pulse.parquet"),
        ("research", "research/parts/ab.rows.parquet"),
        ("research", "research/trials/cd.jsonl"),
    ]


def test_doomed_when_removed_leaves_what_no_rule_may_touch(data: Path) -> None:
    for one in doomed(data, NOW_MS, dict.fromkeys(Rule, 0)):
        remove(one)

    assert all((data / name).exists() for name in NEVER_TOUCHED)
    assert (data / "backups" / "sim-2025-01-02-000000.db").exists(), "the newest backup stays"
    assert names(data, dict.fromkeys(Rule, 0)) == []


def test_doomed_when_young_or_kept_for_ever_is_nothing(data: Path) -> None:
    assert names(data, dict.fromkeys(Rule, 401)) == []
    assert names(data, dict.fromkeys(Rule, None)) == []
    assert ("downloads", "candles/klines/AUSDT/AUSDT-1m-2025-05.parquet") not in names(
        data, dict(DAYS)
    )


def test_doomed_when_an_environment_was_used_lately_keeps_it(tmp_path: Path) -> None:
    put(tmp_path, "bench/peers/old-1.0/bin/python", size=70)
    put(tmp_path, "bench/peers/new-1.0/bin/python")
    put(tmp_path, "bench/peers/new-1.0/ready.json", days=1)
    for folder in (tmp_path / "bench/peers/old-1.0", tmp_path / "bench/peers/old-1.0/bin"):
        os.utime(folder, (0, 0))

    (one,) = doomed(tmp_path, NOW_MS, ALL)

    assert one.path.name == "old-1.0"
    assert one.size >= 70
    remove(one)
    assert not one.path.exists()


def test_doomed_when_models_are_in_use_keeps_these(tmp_path: Path) -> None:
    store, used, idle = tmp_path / "models", "a" * 64, "b" * 64
    store.mkdir()
    BundleStore(store).remember(Choice(in_use=used))
    for name in (used, idle, "the-operators-own"):
        put(tmp_path, f"models/{name}/model.txt")
        os.utime(store / name, (0, 0))

    assert names(tmp_path) == [("models", f"models/{idle}")]


def test_doomed_when_candles_were_recorded_takes_only_recordings(tmp_path: Path) -> None:
    put(tmp_path, "sim/trade.db")
    append_recording(
        tmp_path / "sim" / "candles", [], [Mark(run=1, seq=1, at_ms=NOW_MS, kind="start", data={})]
    )
    pl.DataFrame({"a": [1]}).write_parquet(put(tmp_path, "sim/candles/mine.parquet"))
    recorded = recording_files(tmp_path / "sim")
    assert len(recorded) == 1
    for path in (tmp_path / "sim" / "candles").rglob("*.parquet"):
        os.utime(path, (0, 0))

    assert names(tmp_path) == [
        ("recordings", path.relative_to(tmp_path).as_posix()) for path in recorded
    ]


def hours(data: Path, folder: str, count: int) -> list[Path]:
    """Record so many hours long ago."""
    marks = [
        Mark(run=1, seq=i, at_ms=NOW_MS + i * 3_600_000, kind="start", data={})
        for i in range(count)
    ]
    append_recording(data / folder, [], marks)
    found = recording_files(data / folder)
    for path in found:
        os.utime(path, (0, 0))
    return list(found)


def test_doomed_when_a_bot_records_never_takes_the_newest_hour(tmp_path: Path) -> None:
    database = put(tmp_path, "sim/trade.db")
    put(tmp_path, "binance/trade.db")
    first, second, newest = hours(tmp_path, "sim/candles", 3)
    aside = hours(tmp_path, "sim/candles-1", 1)
    stopped = hours(tmp_path, "binance/candles", 2)

    found = doomed(tmp_path, NOW_MS, dict.fromkeys(Rule, 0), running=[database])

    assert {one.path for one in found} == {first, second, *aside, *stopped}
    assert newest.exists()


def test_at_work_when_a_bot_holds_the_lock_names_its_database(tmp_path: Path) -> None:
    held, free = put(tmp_path, "sim/trade.db"), put(tmp_path, "binance/trade.db")
    put(tmp_path, "demo/trade.db")
    lock, other = FileLock(Path(f"{held}.lock")), FileLock(Path(f"{free}.lock"))
    lock.acquire("the bot")
    other.acquire("a bot that ended")
    other.release()

    assert at_work(tmp_path) == [held]
    lock.release()
    assert at_work(tmp_path) == []
    assert not (tmp_path / "demo/trade.db.lock").exists()


def test_doomed_when_it_is_a_link_is_left_alone(tmp_path: Path) -> None:
    target = put(tmp_path, "elsewhere/big.txt")
    (tmp_path / "x.log").symlink_to(target)

    assert names(tmp_path) == []


def test_remove_when_it_is_gone_already_is_fine(data: Path) -> None:
    one = doomed(data, NOW_MS, ALL)[0]
    remove(one)
    remove(one)


def test_rules_when_listed_all_have_words_and_days(data: Path) -> None:
    assert set(WHAT) == set(DAYS) == set(Rule)
    assert databases(data) == [data / "sim" / "trade.db"]
