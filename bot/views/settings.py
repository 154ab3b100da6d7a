"""The operator's choices as text."""

from zoneinfo import ZoneInfo

from bot.formats import bold, esc, table
from bot.language import N_, _, languages
from bot.preferences import Kind, Preferences
from bot.words import word

LABELS = {
    Kind.SIGNALS: N_("Signals"),
    Kind.FILLS: N_("Fills"),
    Kind.STOPS: N_("Stops confirmed"),
    Kind.EXITS: N_("Exits"),
    Kind.CHANGES: N_("Mode and risk"),
    Kind.NEWS: N_("News"),
}


def settings(chosen: Preferences, zone: ZoneInfo, *, approval: bool) -> str:
    """Return every choice and how to change it."""
    rows = [(_(LABELS[kind]), word(loudness)) for kind, loudness in chosen.loudness.items()]
    quiet = chosen.quiet
    hours = (
        _(
            "Quiet hours: {begin} – {end}, silent then",
            begin=clock(quiet.start),
            end=clock(quiet.end),
        )
        if quiet
        else _("Quiet hours: none")
    )
    digest = (
        _("Digest: none, the weekly one on Sundays")
        if chosen.digest_hour is None
        else _("Digest: {hour}, the weekly one on Sundays", hour=f"{chosen.digest_hour:02d}:00")
    )
    trading = (
        _("Trading: each entry waits for your Take")
        if approval
        else _("Trading: entries are made unasked")
    )
    return "\n".join(
        [
            bold(_("What you are told")),
            table(rows, "<<"),
            _("Critical notices are always told aloud."),
            hours,
            digest,
            trading,
            _("Times are in {zone}.", zone=esc(zone)),
            "",
            "/settings quiet 22:30 7:00 · /settings quiet off",
            "/settings digest 20 · /settings digest off",
            "/settings zone Europe/Berlin",
            " · ".join(f"/settings language {code}" for code in languages()),
        ]
    )


def clock(minute: int) -> str:
    """Return a minute of the day as `22:30`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
