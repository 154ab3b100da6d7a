"""What a start begins with, journalled completely and without secrets."""

import json
from dataclasses import replace

import pytest

from bot.engine_config import engine_config
from bot.run_facts import DECIDING, begun, settings_of
from bot.settings import Settings, SettingsError
from bot.stored_state import PAPER_STATE
from engine.domain.effects import RunStarted
from engine.domain.events import StateRestored
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.risk.threshold import ThresholdSeed


def started(settings: Settings, **stored: str) -> RunStarted:
    make = begun(
        settings, epoch=3, speed=20.0, scorer="heuristic", symbols=530, allow_negative_edge=True
    )
    return make(StateRestored(stored, (), (), (), ()), 1_000)


def config_of(settings: Settings):
    made = engine_config(
        settings,
        books=(Book.PAPER,),
        epoch=1,
        speed=1.0,
        mode=Mode.PAPER,
        allow_negative_edge=False,
        scorer="s",
        seed=ThresholdSeed(),
    )
    return replace(made, detector=len, evidence=tuple)  # new functions at every call


def test_start_when_made_has_the_stored_choices_but_the_paper_account():
    run = started(Settings.load(_env_file=None), mode="paper", **{PAPER_STATE: "{}"})

    assert run.settings == {"mode": "paper"}
    assert (run.epoch, run.started_ms, run.speed, run.allow_negative_edge) == (3, 1_000, 20.0, True)


def test_start_when_made_keeps_no_secret(monkeypatch):
    monkeypatch.setenv("SMCBOT_BINANCE_SECRET", "canary")

    assert "canary" not in started(Settings.load(_env_file=None)).choices
    assert set(json.loads(started(Settings.load(_env_file=None)).choices)) == DECIDING


def test_settings_when_read_back_make_the_same_core_whatever_the_environment_says(monkeypatch):
    given = Settings.load(
        _env_file=None,
        recipes="ob_retest,fvg_continuation",
        alert_timeframes="1m,5m",
        signals_per_day=33,
        score_threshold=0.61,
        leverage=7,
        max_slippage_bps=12.5,
        paper_balance_usdt="123.45",
    )
    run = started(given)
    monkeypatch.setenv("SMCBOT_LEVERAGE", "50")

    back = settings_of(run)

    assert config_of(back) == config_of(given)
    assert back.paper_balance_usdt == given.paper_balance_usdt


def test_deciding_settings_when_compared_are_all_that_the_core_is_built_from():
    """A setting that changes the core's constants must be journalled with the start."""

    asked: set[str] = set()

    class Watching:
        def __init__(self, settings: Settings) -> None:
            self._settings = settings

        def __getattr__(self, name: str):
            asked.add(name)
            return getattr(self._settings, name)

    config_of(Watching(Settings.load(_env_file=None)))

    assert asked <= DECIDING


@pytest.mark.parametrize("choices", ["", "[]", '{"leverage": 900}'])
def test_settings_when_unreadable_are_refused_in_one_line(choices):
    run = replace(started(Settings.load(_env_file=None)), choices=choices)

    with pytest.raises(SettingsError):
        settings_of(run)
