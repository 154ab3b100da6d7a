"""Tests of bot/cli/exchange.py; the exchange itself is tested where it lives."""

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.exchange_child import SIM_KEY, SIM_SECRET, child_arguments
from bot.run_options import RunOptions
from engine.exchange.sim import child
from engine.exchange.sim.child import ServeOptions
from engine.exchange.sim.errors import SimError


def exchange(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["exchange", *arguments])


@pytest.fixture
def served(monkeypatch) -> list[ServeOptions]:
    asked: list[ServeOptions] = []

    async def serve(
        options: ServeOptions, *, on_ready: Callable[[str], None] | None = None
    ) -> None:
        asked.append(options)
        if on_ready is not None:
            on_ready("http://127.0.0.1:8790")

    monkeypatch.setattr(child, "serve", serve)
    return asked


def test_exchange_when_plain_serves_a_synthetic_market_from_a_whole_minute(served):
    assert exchange().exit_code == 0

    (options,) = served
    assert (options.port, options.speed, options.symbols) == (8790, 20.0, 530)
    assert options.seed == RunOptions().seed, "alone it is the market that run would start"
    assert options.start_ms % 60_000 == 0
    assert options.keys[SIM_KEY].secret == SIM_SECRET
    assert (options.data, options.fresh, options.end_with_stdin) == (None, False, False)


def test_exchange_when_ready_tells_a_person_how_to_attach(served, tmp_path):
    said = exchange("--data", str(tmp_path)).stderr

    assert "The exchange is open at http://127.0.0.1:8790" in said
    assert "python -m bot run --exchange http://127.0.0.1:8790" in said
    assert "20× faster" in said
    assert "530 synthetic contracts" in said


def test_exchange_when_started_by_run_stays_silent(served, tmp_path):
    assert exchange(*child_arguments(RunOptions(), tmp_path)).stderr == ""


def test_exchange_when_candles_are_replayed_begins_where_they_do(served, tmp_path):
    files = [str(tmp_path / name) for name in ("a.parquet", "b.parquet")]

    assert exchange("--replay", *files).exit_code == 0

    (options,) = served
    assert options.start_ms is None
    assert [str(path) for path in options.replay] == files


def test_exchange_when_started_by_run_understands_its_arguments(served, tmp_path):
    asked = RunOptions(symbols=7, speed=30.5, seed=5, fresh=True)

    result = exchange(*child_arguments(asked, tmp_path))

    assert result.exit_code == 0, result.output
    (options,) = served
    assert (options.port, options.symbols, options.speed, options.seed) == (0, 7, 30.5, 5)
    assert (options.data, options.fresh, options.end_with_stdin) == (tmp_path, True, True)


@pytest.mark.parametrize("error", [SimError("the saved state is of a later version"), OSError("x")])
def test_exchange_when_it_cannot_start_says_why_in_one_line(monkeypatch, error):
    async def failing(_options: ServeOptions, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr(child, "serve", failing)

    result = exchange()

    assert (result.exit_code, result.stderr) == (2, f"{error}\n")


@pytest.mark.parametrize(
    "arguments",
    [("--port", "70000"), ("--speed", "0"), ("--speed", "601"), ("--symbols", "0")],
)
def test_exchange_when_an_option_is_out_of_range_refuses(served, arguments):
    result = exchange(*arguments)

    assert result.exit_code == 2
    assert served == []
