"""What `run` was asked for, checked against the settings before anything starts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bot.settings import Settings, SettingsError
from engine.domain.signal import Mode

VenueName = Literal["sim", "binance", "binance-demo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The flags of `run`; None means not given. `speed` and what follows belong to the sim."""

    venue: VenueName | None = None
    exchange_url: str | None = None
    fresh: bool = False
    mode: Mode | None = None
    allow_negative_edge: bool = False
    replay: tuple[Path, ...] = ()
    speed: float = 20.0
    symbols: int | None = None
    seed: int = 3
    chat_port: int | None = None
    duration_ms: int | None = None
    summary: Path | None = None
    record: bool = False


def choose_venue(
    options: RunOptions, settings: Settings, hosted: str | None, platform_database: str = ""
) -> VenueName:
    """Return the venue to run on, after checking that the options fit it.

    Raises:
        SettingsError: one line that says what does not fit and what to do.
    """
    venue = options.venue or settings.venue
    if venue is None and hosted:
        raise SettingsError(
            f"on {hosted} the venue must be named: set SMCBOT_VENUE to sim, binance or binance-demo"
        )
    venue = venue or "sim"
    if venue == "sim":
        _check_sim(options)
    else:
        _check_real(venue, options, settings)
        _check_disk(settings, hosted, platform_database)
    _check_chat(settings)
    return venue


def _check_sim(options: RunOptions) -> None:
    if options.exchange_url and (options.replay or options.fresh):
        raise SettingsError(
            "--replay and --fresh belong to the exchange itself: give them to its own command"
        )
    if options.exchange_url is not None and not _is_address(options.exchange_url):
        raise SettingsError(
            f"--exchange was {options.exchange_url!r}: the address the exchange prints when it "
            "starts, e.g. http://127.0.0.1:8790"
        )
    missing = [str(path) for path in options.replay if not path.exists()]
    if missing:
        raise SettingsError(f"--replay: no such file or folder: {', '.join(missing)}")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or too large
        return False


def _check_real(venue: str, options: RunOptions, settings: Settings) -> None:
    only_sim = {
        "--exchange": options.exchange_url is not None,
        "--replay": bool(options.replay),
        "--fresh": options.fresh,
    }
    given = [flag for flag, is_given in only_sim.items() if is_given]
    if given:
        raise SettingsError(f"{' and '.join(given)} works with --venue sim only, not with {venue}")
    if options.mode is Mode.LIVE or options.allow_negative_edge:
        raise SettingsError(
            f"on {venue} live trading is turned on in the chat: send /live on and confirm twice"
        )
    if bool(settings.binance_key.get_secret_value()) != bool(
        settings.binance_secret.get_secret_value()
    ):
        raise SettingsError("SMCBOT_BINANCE_KEY and SMCBOT_BINANCE_SECRET belong together")


def _check_disk(settings: Settings, hosted: str | None, platform_database: str) -> None:
    # Intents must survive a restart, or an entry could be sent twice.
    has_server = settings.database_url.get_secret_value() or platform_database
    may_trade = settings.binance_key.get_secret_value()
    if hosted and may_trade and not has_server and not settings.persistent_disk:
        raise SettingsError(
            f"{hosted} erases the disk at every restart, so trading needs a memory that lasts: add "
            "Postgres (DATABASE_URL), or a volume and SMCBOT_PERSISTENT_DISK=1"
        )


def _check_chat(settings: Settings) -> None:
    if settings.telegram_token.get_secret_value() and not settings.telegram_owners:
        raise SettingsError(
            "SMCBOT_TELEGRAM_TOKEN is set but SMCBOT_TELEGRAM_OWNERS is empty: nobody could "
            "command the bot. Write /start to @userinfobot to learn your numeric id"
        )
