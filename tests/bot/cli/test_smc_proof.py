"""`smc --prove` as a user runs it."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from bot.cli import smc_proof
from bot.cli.smc_proof import proof_lines
from engine.domain.setup import EvidenceKind
from engine.smc.events import Event
from engine.smc.proof import Fault, Proof, Rewrite
from tests.bot.cli.test_smc import run
from tests.oracle.smc_series import walk

CLEAN = Proof(
    candles=2_500,
    prefixes=100,
    events=4_000,
    setups=31,
    live_rewrites=0,
    prefix_rewrites=0,
    setup_rewrites=0,
    examples=(),
)


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    file = tmp_path / "candles.csv"
    rows = walk(13, 300)
    pl.DataFrame(rows, schema=["open", "high", "low", "close", "q"], orient="row").write_csv(file)
    return file


def test_prove_when_the_file_is_short_tries_a_share_and_ends_with_0(candles: Path) -> None:
    result = run(candles, "--prove", "--every", 25)

    assert result.exit_code == 0, result.output
    assert "300 candles" in result.stdout
    assert "✓ live detector, every close: 0 events" in result.stdout
    assert "✓ 12 prefixes, every 25th prefix" in result.stdout
    assert "0 rewrites. Nothing was rewritten." in result.stdout
    assert "SWING" in result.stdout
    assert "withdrawn later" in result.stdout


def test_prove_when_something_is_rewritten_ends_with_1_and_names_it(
    candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Event(9, 4, EvidenceKind.OB, 1, 10.5, 10.0, 2)
    broken = replace(CLEAN, prefix_rewrites=1, examples=(Rewrite(Fault.WITHDRAWN, 10, shown),))
    monkeypatch.setattr(smc_proof, "prove", lambda *_given, **_named: broken)

    result = run(candles, "--prove")

    assert result.exit_code == 1
    assert "✗ 100 prefixes" in result.stdout
    assert "withdrawn after candle 9: OB of candle 4, known at 9, 10.0 – 10.5" in result.stdout
    assert "IT REPAINTS" in result.stdout


def test_lines_when_every_prefix_was_tried_say_so() -> None:
    assert "100 prefixes, every prefix: 0 events" in proof_lines(CLEAN, 1, 2.0)[2]


def test_prove_when_the_file_is_missing_is_one_clear_line(tmp_path: Path) -> None:
    result = run(tmp_path / "none.csv", "--prove")

    assert result.exit_code == 2
    assert "does not exist" in result.stderr
