"""`.env.example` and `Settings` tell the same story."""

import re
from pathlib import Path

from bot.settings import PREFIX, Settings
from engine.scanner.history import PRELOAD_CANDLES
from engine.smc.history import WINDOW

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"


def assignments() -> dict[str, str]:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_env_example_when_compared_with_settings_names_every_field_once():
    expected = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

    assert set(assignments()) == expected


def test_env_example_when_loaded_equals_the_defaults(monkeypatch):
    for name, value in assignments().items():
        monkeypatch.setenv(name, value)

    assert Settings.load(_env_file=None) == Settings.model_construct()


def test_env_example_when_read_explains_every_variable():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    explained = False
    for line in lines:
        if line.startswith("#"):
            explained = not line.startswith("# ---")
        elif line:
            assert explained, f"no comment above {line}"


def test_env_example_when_it_tells_of_timeframes_says_how_far_a_start_looks_back():
    told = EXAMPLE.read_text(encoding="utf-8").partition("SMCBOT_ALERT_TIMEFRAMES")[0]
    said = " ".join(told.rpartition("# Timeframes")[2].replace("\n# ", " ").split())

    assert f"{PRELOAD_CANDLES} one-minute candles" in said
    assert f"back {WINDOW} candles" in said
    for name, minutes in (("5m", 5), ("15m", 15), ("1h", 60)):
        days = (WINDOW * minutes - PRELOAD_CANDLES) / 1440
        found = re.search(rf"{name} for (\S+) days", said)
        assert found is not None, name
        assert abs(float(found[1]) - days) < 0.05
