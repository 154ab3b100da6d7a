from zoneinfo import ZoneInfo

from bot.localchat.content.html_text import parse_html
from bot.preferences import Kind, Loudness, Preferences, QuietHours
from bot.views.settings import LABELS, clock, settings

ZONE = ZoneInfo("Europe/Berlin")


def test_choices_when_shown_are_all_there_with_how_to_change_them():
    chosen = Preferences(digest_hour=8, quiet=QuietHours(22 * 60 + 30, 7 * 60)).with_loudness(
        Kind.FILLS, Loudness.OFF
    )

    text = parse_html(settings(chosen, ZONE, approval=True)).text

    assert "Fills           off" in text
    assert "Quiet hours: 22:30 – 07:00, silent then" in text
    assert "Digest: 08:00" in text
    assert "each entry waits for your Take" in text
    assert "Europe/Berlin" in text
    assert all(label in text for label in LABELS.values())


def test_choices_when_nothing_is_chosen_say_so():
    text = settings(Preferences(digest_hour=None), ZONE, approval=False)

    assert "Quiet hours: none" in text
    assert "Digest: none" in text
    assert "entries are made unasked" in text


def test_labels_when_a_kind_exists_name_it():
    assert set(LABELS) == set(Kind)
    assert clock(5) == "00:05"
