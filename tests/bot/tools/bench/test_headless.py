"""The whole machine against an embedded exchange, small and short."""

import asyncio
import json

import pytest

from bot.tools.bench import headless
from bot.tools.bench.headless import CountingNotifier, HeadlessOptions, run_headless
from engine.domain.notices import LifeNotice


async def test_headless_when_run_measures_only_what_came_after_the_start(tmp_path):
    options = HeadlessOptions(symbols=5, speed=60.0, seconds=2.5, paper=True)

    figures = await run_headless(options, tmp_path)

    assert json.loads(json.dumps(figures)) == figures
    assert 3 <= figures["scanned"] <= 5  # contracts may come and go
    assert figures["candles"] < 5 * 20, "the history loaded before is not counted"
    assert figures["frames"] > 0
    assert figures["latency"]["frame_to_decision"]["count"] <= figures["candles"]
    assert figures["latency"]["loop_lag"]["count"] <= 4
    assert figures["resident_mb"] > 10
    assert figures["restarts"] == 0
    assert (tmp_path / "sim" / "trade.db").exists()


def test_notifier_when_told_counts():
    notifier = CountingNotifier()

    notifier.notify(LifeNotice(notice_id="x", at_ms=0, text="started"))

    assert notifier.told == 1


def test_main_when_called_prints_the_figures_as_one_line(monkeypatch, capsys):
    asked: list[HeadlessOptions] = []

    async def fake(options: HeadlessOptions, folder) -> dict[str, float]:
        asked.append(options)
        assert folder.is_dir()
        await asyncio.sleep(0)
        return {"ready_s": 1.5}

    monkeypatch.setattr(headless, "run_headless", fake)
    monkeypatch.setattr(headless, "configure_logging", lambda **_: None)
    monkeypatch.setattr(headless.sys, "argv", ["headless", '{"symbols": 3, "speed": 2.0}'])

    headless.main()

    assert asked == [HeadlessOptions(symbols=3, speed=2.0)]
    assert json.loads(capsys.readouterr().out) == {"ready_s": 1.5}


def test_main_when_an_option_is_unknown_fails(monkeypatch):
    monkeypatch.setattr(headless, "configure_logging", lambda **_: None)
    monkeypatch.setattr(headless.sys, "argv", ["headless", '{"colour": "red"}'])

    with pytest.raises(TypeError, match="colour"):
        headless.main()
