from zoneinfo import ZoneInfo

from bot.desk import JournalRow, JournalView
from bot.localchat.content.html_text import parse_html
from bot.views.journal import journal
from tests.builders import START_MS


def row(**fields: object) -> JournalRow:
    values = {
        "at_ms": START_MS,
        "who": "ada",
        "what": "Pause operator",
        "accepted": True,
        "detail": "Paused.",
    }
    return JournalRow(**(values | fields))  # type: ignore[arg-type]


def test_journal_when_shown_says_who_what_and_what_came_of_it():
    view = JournalView((row(), row(accepted=False, detail="no <position>", who="b&b")))

    text = parse_html(journal(view, ZoneInfo("UTC"))).text

    assert "14 Nov 22:14 ada\n✓ pause operator: Paused." in text
    assert "b&b\n✗ pause operator: no <position>" in text


def test_journal_when_a_command_has_a_long_name_writes_it_in_words():
    view = JournalView((row(what="ClosePosition BTCUSDT 100"),))

    text = parse_html(journal(view, ZoneInfo("UTC"))).text

    assert "✓ close position BTCUSDT 100: Paused." in text


def test_journal_when_long_fits_and_cuts_endless_receipts():
    text = journal(JournalView(tuple(row(detail="<" * 900) for _ in range(50))), ZoneInfo("UTC"))

    assert len(text) <= 4096
    assert "more" in text
    parse_html(text)
