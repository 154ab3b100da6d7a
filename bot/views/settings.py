"""The operator's choices as text."""

from zoneinfo import ZoneInfo

from bot.formats import bold, esc, table
from bot.preferences import Kind, Preferences

LABELS = {
    Kind.SIGNALS: "Signals",
    Kind.FILLS: "Fills",
    Kind.STOPS: "Stops confirmed",
    Kind.EXITS: "Exits",
    Kind.CHANGES: "Mode and risk",
    Kind.NEWS: "News",
}


def settings(chosen: Preferences, zone: ZoneInfo, *, approval: bool) -> str:
    """Return every choice and how to change it."""
    rows = [(LABELS[kind], loudness.value) for kind, loudness in chosen.loudness.items()]
    quiet = chosen.quiet
    hours = f"{clock(quiet.start)} – {clock(quiet.end)}, silent then" if quiet else "none"
    digest = "none" if chosen.digest_hour is None else f"{chosen.digest_hour:02d}:00"
    trading = "each entry waits for your Take" if approval else "entries are made unasked"
    return "\n".join(
        [
            bold("What you are told"),
            table(rows, "<<"),
            "Critical notices are always told aloud.",
            f"Quiet hours: {hours}",
            f"Digest: {digest}, the weekly one on Sundays",
            f"Trading: {trading}",
            f"Times are in {esc(zone)}.",
            "",
            "/settings quiet 22:30 7:00 · /settings quiet off",
            "/settings digest 20 · /settings digest off",
        ]
    )


def clock(minute: int) -> str:
    """Return a minute of the day as `22:30`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
