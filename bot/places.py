"""Where things are kept: one folder a venue, so that no demo ever mixes with real money."""

from pathlib import Path

from bot.settings import Settings
from storage.file_lock import FileLock


def venue_folder(settings: Settings, venue: str) -> Path:
    """Return the folder of a venue's database and state; not created yet."""
    return settings.data_dir / venue


def database_url(settings: Settings, venue: str, platform_url: str) -> str:
    """Return the database of a venue.

    The operator's own URL wins, then the platform's, except that the embedded exchange always
    keeps its demo in a file of its own.
    """
    configured = settings.database_url.get_secret_value()
    if venue != "sim" and (configured or platform_url):
        return configured or platform_url
    return str(venue_folder(settings, venue) / "trade.db")


def forget_run(folder: Path) -> None:
    """Delete the database of the embedded exchange's former run.

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
    finally:
        lock.release()
