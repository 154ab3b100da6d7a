"""Where things are kept: one folder a venue, so that no demo ever mixes with real money."""

from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from urllib.parse import urlsplit

from bot.settings import Settings
from engine.domain.effects import SettingChanged
from engine.domain.errors import JournalError
from engine.ports import Journal
from storage.file_lock import FileLock
from storage.tape_rows import FOLDER

SIM = "sim"
VENUE = "venue"
"""Key under which a database remembers the venue whose journal it keeps."""


def place_of(venue: str, exchange_url: str | None) -> str:
    """Return under which name a venue's memory is kept.

    Every embedded exchange that runs by itself is a market of its own, with its own time: its
    journal must not mix with another one's.
    """
    if exchange_url is None:
        return venue
    address = urlsplit(exchange_url)
    return f"{SIM}-{address.hostname}-{address.port or 80}"


def venue_folder(settings: Settings, place: str) -> Path:
    """Return the folder of a venue's database and state; not created yet."""
    return settings.data_dir / place


def database_url(settings: Settings, place: str, platform_url: str) -> str:
    """Return the database of a venue.

    The operator's own URL wins, then the platform's, except that the embedded exchange always
    keeps its demo in a file of its own.
    """
    configured = settings.database_url.get_secret_value()
    if not place.startswith(SIM) and (configured or platform_url):
        return configured or platform_url
    return str(venue_folder(settings, place) / "trade.db")


async def claim(journal: Journal, label: str, stored: Mapping[str, str], venue: str) -> None:
    """Bind a database to its venue at the first start, and refuse it to every other one.

    Positions, breakers and the mode are remembered: a database of the demo would start trading
    with real money where the demo had live mode on.

    Args:
        journal: of the database.
        label: the database as it may be shown.
        stored: what its settings say.
        venue: where we want to trade.

    Raises:
        JournalError: the database keeps another venue's journal.
    """
    owner = stored.get(VENUE)
    if owner is None:
        await journal.append([SettingChanged(VENUE, venue)])
    elif owner != venue:
        raise JournalError(
            f"database {label} keeps the journal of {owner}, not of {venue}: each venue needs a "
            "database of its own (SMCBOT_DATABASE_URL)"
        )


def forget_run(folder: Path) -> None:
    """Delete the database and the recorded candles of the embedded exchange's former run.

    Raises:
        InstanceConflict: a bot is still running on it.
    """
    database = folder / "trade.db"
    if not database.exists():
        return
    lock = FileLock(Path(f"{database}.lock"))
    lock.acquire("--fresh")
    try:
        for path in folder.glob("trade.db*"):
            if not path.name.endswith(".lock"):
                path.unlink()
        rmtree(folder / FOLDER, ignore_errors=True)
    finally:
        lock.release()
