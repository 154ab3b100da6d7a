"""`.env.example` and `Settings` tell the same story."""

from pathlib import Path

from bot.settings import PREFIX, Settings

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
