"""The operator's settings: environment and `.env` in, one frozen value out.

The only reader of the environment. Every field is documented by its line in `.env.example`,
which a test holds to this class.
"""

import os
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.language import ENGLISH, languages
from bot.setting_words import explain

PREFIX = "SMCBOT_"

Symbols = Annotated[tuple[str, ...], NoDecode]
UserIds = Annotated[tuple[int, ...], NoDecode]
Timeframes = Annotated[tuple[Literal["1m", "5m", "15m", "1h"], ...], NoDecode]
Recipes = Annotated[
    tuple[Literal["sweep_bos_retest", "fvg_continuation", "ob_retest"], ...], NoDecode
]


class SettingsError(Exception):
    """A setting is wrong; the text names the variable, what was given and what is allowed."""


class Settings(BaseSettings):
    """Everything an operator can set; units are in the names."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    # who and where
    telegram_token: SecretStr = SecretStr("")
    telegram_owners: UserIds = ()
    telegram_viewers: UserIds = ()
    telegram_chat: int | None = None
    chat_token: SecretStr = SecretStr("")
    chat_port: int = Field(8787, ge=0, le=65535)
    localchat_live: bool = False
    timezone: str = "UTC"
    digest_hour: int = Field(20, ge=0, le=23)
    language: str = ENGLISH

    # venue
    venue: Literal["sim", "binance", "binance-demo"] | None = None
    binance_key: SecretStr = SecretStr("")
    binance_secret: SecretStr = SecretStr("")

    # memory
    data_dir: Path = Path("data")
    database_url: SecretStr = SecretStr("")
    persistent_disk: bool = False
    record_candles: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = False
    heartbeat_url: SecretStr = SecretStr("")

    # universe
    min_quote_volume_usdt: float = Field(0.0, ge=0)
    min_age_days: float = Field(0.0, ge=0)
    max_symbols: int | None = Field(None, ge=1)
    allow_symbols: Symbols = ()
    deny_symbols: Symbols = ()
    symbols_per_shard: int = Field(50, ge=1, le=200)

    # detection and signals
    recipes: Recipes = ("sweep_bos_retest",)
    # A start loads 499 minutes: timeframes above 1m look back less far than the 400 candles of
    # research until these are there: after 1.0 days at 5m, 3.8 at 15m, 16.3 at 1h.
    alert_timeframes: Timeframes = ("1m",)
    trade_timeframes: Timeframes = ("1m",)
    signals_per_day: int = Field(150, ge=1, le=2000)
    score_threshold: float | None = Field(None, ge=0, le=1)
    model_dir: Path | None = None
    model_sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    shadow_model: str = ""

    # risk
    risk_pct: Decimal = Field(Decimal("1.0"), ge=Decimal("0.5"), le=Decimal("2.0"))
    leverage: int = Field(10, ge=1, le=50)
    max_positions: int = Field(5, ge=1, le=50)
    max_total_risk_pct: float = Field(5.0, gt=0, le=20)
    max_side_risk_pct: float = Field(3.0, gt=0, le=20)
    cool_down_minutes: float = Field(30.0, ge=0)
    max_daily_loss_pct: float = Field(5.0, gt=0, le=50)
    max_drawdown_pct: float = Field(15.0, gt=0, le=90)
    max_losses_in_a_row: int = Field(6, ge=1, le=100)
    max_cost_pct_of_r: float = Field(20.0, gt=0, le=100)
    max_spread_pct_of_r: float = Field(3.0, gt=0, le=100)
    entry_min_volume_usdt: float = Field(10_000_000.0, ge=0)
    max_slippage_bps: float = Field(10.0, gt=0, le=200)
    max_price_moved_r: float = Field(0.2, gt=0, le=1)
    time_exit_candles: int = Field(120, ge=1, le=10_000)
    stagnation_candles: int = Field(30, ge=1, le=10_000)
    paper_balance_usdt: Decimal = Field(Decimal(10_000), gt=0)

    @field_validator(
        "telegram_owners",
        "telegram_viewers",
        "allow_symbols",
        "deny_symbols",
        "recipes",
        "alert_timeframes",
        "trade_timeframes",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(
        "max_symbols", "score_threshold", "telegram_chat", "venue", "model_dir", mode="before"
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("must be a name like Europe/Berlin or UTC") from None
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _web_address(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not (url.startswith(("https://", "http://")) and urlsplit(url).hostname):
            raise ValueError("must be an address like https://watch.example/your-key")
        return value

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in languages():
            raise ValueError(f"must be one of {', '.join(languages())}")
        return value

    @field_validator("allow_symbols", "deny_symbols")
    @classmethod
    def _upper(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(symbol.upper() for symbol in value)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret text, for the log's redactor."""
        fields = (
            self.telegram_token,
            self.chat_token,
            self.binance_key,
            self.binance_secret,
            self.database_url,
            self.heartbeat_url,
        )
        return tuple(field.get_secret_value() for field in fields if field.get_secret_value())

    @classmethod
    def load(cls, **overrides: Any) -> Self:  # noqa: ANN401 - fields have many types
        """Read environment and `.env`.

        Raises:
            SettingsError: a value is wrong; one line a wrong variable.
        """
        unknown = _unknown_names(overrides.get("_env_file", cls.model_config.get("env_file")))
        if unknown:
            raise SettingsError("\n".join(_misspelt(name) for name in unknown))
        try:
            return cls(**overrides)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False)
            lines = [explain(problem, cls.model_fields, PREFIX) for problem in problems]
            raise SettingsError("\n".join(lines)) from None


def _unknown_names(env_file: Any) -> list[str]:  # noqa: ANN401 - what pydantic-settings takes
    """Names that look like settings of ours and are none: somebody believes a limit is set."""
    written = set(os.environ) | set(dotenv_values(env_file) if env_file else ())
    ours = {name.upper() for name in written if name.upper().startswith(PREFIX)}
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    return sorted(name for name in ours - known if not name.startswith(f"{PREFIX}TEST_"))


def _misspelt(name: str) -> str:
    known = [field.upper() for field in Settings.model_fields]
    near = [PREFIX + one for one in get_close_matches(name.removeprefix(PREFIX), known, n=2)]
    hint = f", did you mean {' or '.join(near)}?" if near else ": see .env.example"
    return f"{name} is no setting{hint}"


def hosted_platform(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the name of the platform we run on, None on an ordinary machine."""
    names = os.environ if environment is None else environment
    if "DYNO" in names:
        return "Heroku"
    if any(name.startswith("RAILWAY_") for name in names):
        return "Railway"
    return None


def platform_database_url(environment: Mapping[str, str] | None = None) -> str:
    """Return the database URL a platform hands out, in SQLAlchemy's spelling; empty if none."""
    names = os.environ if environment is None else environment
    url = names.get("DATABASE_URL", "")
    scheme, separator, rest = url.partition("://")
    is_postgres = scheme in {"postgres", "postgresql"}
    return f"postgresql+asyncpg://{rest}" if separator and is_postgres else url


def prefer_timedeltas_of_telegram() -> None:
    """Choose the newer form of time spans of python-telegram-bot.

    The library offers this choice in the environment only; without it every 429 raises a
    deprecation warning.
    """
    os.environ.setdefault("PTB_TIMEDELTA", "true")


def environment_without_secrets(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a helper process that must not know what the bot knows."""
    names = os.environ if environment is None else environment
    return {name: value for name, value in names.items() if not _sounds_secret(name)}


def _sounds_secret(name: str) -> bool:
    marks = ("KEY", "SECRET", "TOKEN", "PASSWORD", "DATABASE_URL")
    return name.startswith(PREFIX) or any(mark in name.upper() for mark in marks)
