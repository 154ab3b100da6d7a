import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.tools.bench.measure import Size
from bot.tools.peers import compare
from bot.tools.peers.compare import (
    REPEATS,
    Timed,
    backtested,
    blank,
    detected,
    figures_of,
    measure_peers,
    run_peer,
    timed,
)
from bot.tools.peers.environment import PeerMissing
from bot.tools.peers.market import synthetic, write_for_us
from bot.tools.peers.table import PEERS, Job
from engine.runtime.clock import SystemClock

PEER = PEERS[0]
SIZE = Size(peer_symbols=2, peer_candles=200)


@pytest.fixture
def _nothing_of_ours(monkeypatch):
    own = Timed(wall_s=(1.0,), cpu_s=(0.5,), counts={"setups": 3})
    monkeypatch.setattr(compare, "timed", lambda _work, _clock: own)
    monkeypatch.setattr(compare, "prepared", lambda _peer, _home, _say: Path("python"))


@pytest.mark.usefixtures("_nothing_of_ours")
def test_peers_when_measured_stand_beside_ours_with_the_ratio(monkeypatch):
    its = Timed(wall_s=(9.0, 9.0, 9.0), cpu_s=(4.0, 2.0, 8.0), counts={"trades": 7})
    monkeypatch.setattr(compare, "run_peer", lambda _peer, _python, _files: its)

    rows = measure_peers(SIZE, SystemClock(), print)

    assert len(rows) == 2 + 2 * len(PEERS)
    detection, peer, ratio = rows[:3]
    assert "smcbot" in detection.what
    assert detection.value == pytest.approx(400 / 0.5)
    assert peer.value == pytest.approx(400 / 4.0)
    assert peer.spread == (pytest.approx(50), pytest.approx(200))
    assert "7 trades" in peer.remark
    assert PEERS[0].does in peer.remark
    assert ratio.value == pytest.approx(8.0), "4 s of theirs are 8 times 0.5 s of ours"
    assert {row.load for row in rows} == {"2 symbols × 400 candles in all, synthetic"}


@pytest.mark.usefixtures("_nothing_of_ours")
def test_peers_when_one_cannot_be_had_leave_a_named_blank_and_go_on(monkeypatch):
    def prepared(peer: object, _home: Path, _say: object) -> Path:
        if peer is PEERS[1]:
            raise PeerMissing("nautilus_trader 1.221.0 cannot be installed: no network")
        return Path("python")

    its = Timed(wall_s=(1.0,), cpu_s=(1.0,), counts={})
    monkeypatch.setattr(compare, "prepared", prepared)
    monkeypatch.setattr(compare, "run_peer", lambda _peer, _python, _files: its)

    rows = measure_peers(SIZE, SystemClock(), print)

    (empty,) = [row for row in rows if row.value is None]
    assert empty.what == "backtest, nautilus_trader 1.221.0: not measured"
    assert empty.remark.endswith("no network")
    assert any("backtesting" in row.what and row.value for row in rows)


def test_run_peer_when_the_peer_is_not_there_says_what_python_said(tmp_path: Path):
    with pytest.raises(PeerMissing, match=r"does not run: .*No module named"):
        run_peer(PEER, Path(sys.executable), [])


def test_run_peer_when_there_is_no_python_says_so(tmp_path: Path):
    with pytest.raises(PeerMissing, match="does not run"):
        run_peer(PEER, tmp_path / "python", [])


def test_run_peer_when_it_takes_too_long_is_ended(monkeypatch):
    def late(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(compare.subprocess, "run", late)

    with pytest.raises(PeerMissing, match="not done after"):
        run_peer(PEER, Path("python"), [])


@pytest.mark.parametrize("output", ["", "thank you\n", '{"wall_s": 1}', "[]"])
def test_figures_when_there_are_none_are_not_invented(output: str):
    with pytest.raises(PeerMissing, match="without figures"):
        figures_of(PEER, output)


def test_figures_when_the_peer_greets_first_are_the_last_line():
    told = figures_of(PEER, 'hi\n{"wall_s": [1], "cpu_s": [2], "counts": {"a": 3}, "peak_mb": 4}\n')

    assert told == Timed(wall_s=(1,), cpu_s=(2,), counts={"a": 3})


def test_timed_when_ours_runs_counts_every_run_but_the_first():
    runs: list[int] = []

    made = timed(lambda: runs.append(1) or {"n": len(runs)}, SystemClock())  # type: ignore[func-returns-value]

    assert len(runs) == REPEATS + 1
    assert len(made.wall_s) == len(made.cpu_s) == REPEATS


def test_detected_when_run_counts_events_and_setups(monkeypatch):
    monkeypatch.setattr(compare, "can_compile", lambda: False)

    found = detected(synthetic(1, 2_000))

    assert found["events"] > found["setups"] > 0


def test_backtested_when_run_counts_trades_of_the_whole_pipeline(tmp_path: Path):
    folder = write_for_us(synthetic(1, 1_000), tmp_path)

    assert backtested(folder, Settings(_env_file=None))["trades"] > 0


def test_blank_when_shown_names_the_peer_and_the_job():
    row = blank(PEER, synthetic(1, 60), "why")

    assert row.value is None
    assert row.reached is None
    assert PEER.title in row.what
    assert Job.DETECTION.value in row.what
