"""The card of /health: its marks, its width, its figures."""

from typing import Any

import pytest

from bot.desk_health import AccountLink, HeartbeatView, LatencyView
from bot.language import languages, speaking
from bot.localchat.content.html_text import parse_html
from bot.views.health import health
from tests.bot.fake_desk import health_figures

PHONE_CHARS = 34
CHAT = (
    ("connected", "yes"),
    ("last poll", "12 s ago"),
    ("rebuilt", "0"),
    ("other pollers", "0"),
    ("delivered", "1234"),
    ("refused", "0"),
    ("unstored", "0"),
    ("lost", "0"),
    ("slowed down", "0"),
    ("strangers", "0"),
)


def shown(**fields: Any) -> list[str]:
    return parse_html(health(health_figures(**fields), CHAT)).text.splitlines()


def test_card_when_all_is_well_says_so_first_and_has_only_ticks():
    lines = shown()

    assert lines[0] == "🟢 All is well"
    card = lines[1 : lines.index("")]
    assert [line[0] for line in card] == ["✓"] * 7
    assert "✓ Heartbeat: 12 s ago" in card


@pytest.mark.parametrize("language", languages())
def test_card_when_read_on_a_phone_is_not_cut(language: str):
    with speaking(language):
        lines = shown(
            symbols=1_000,
            blind=999,
            rest_calls=dict.fromkeys(
                ("startup", "scheduled", "position_guard", "recovery"), 100_000
            ),
            candles=1_000_000_000,
        )

    figures = lines[lines.index("") + 2 :]
    assert len(figures) > 15
    assert max(map(len, figures)) <= PHONE_CHARS, max(figures, key=len)


@pytest.mark.parametrize(
    ("fields", "line", "headline"),
    [
        ({"blind": 60}, "✗ Market: 60 of 530 blind", "🔴 Something is wrong"),
        ({"blind": 1}, "! Market: 1 of 530 blind", "🟡 Works, with remarks"),
        ({"symbols": 0}, "! Market: nothing is scanned yet", "🟡 Works, with remarks"),
        ({"decision": LatencyView(0, 0)}, "– Decisions: none yet", "🟢 All is well"),
        (
            {"decision": LatencyView(450, 9)},
            "! Decisions: 99 % within 450 ms",
            "🟡 Works, with remarks",
        ),
        (
            {"decision": LatencyView(2_500, 9)},
            "✗ Decisions: 99 % within 2500 ms",
            "🔴 Something is wrong",
        ),
        ({"weight_ratio": 0.8}, "! Exchange: 80 % of its limit used", "🟡 Works, with remarks"),
        (
            {"account": AccountLink(hears=False, fast=True)},
            "✗ Account: its stream is down",
            "🔴 Something is wrong",
        ),
        (
            {"account": AccountLink(hears=True, fast=False)},
            "! Orders: slow way",
            "🟡 Works, with remarks",
        ),
        ({"journal_fails": True}, "✗ Journal: cannot be written", "🔴 Something is wrong"),
        ({"waiting_events": 5_000}, "✗ Backlog: it cannot keep up", "🔴 Something is wrong"),
        ({"heartbeat": None}, "– Heartbeat: off", "🟢 All is well"),
        ({"heartbeat": HeartbeatView(None)}, "– Heartbeat: not yet", "🟢 All is well"),
        (
            {"heartbeat": HeartbeatView(200.0, "chat is deaf")},
            "✗ Heartbeat silent: chat is deaf",
            "🔴 Something is wrong",
        ),
    ],
)
def test_card_when_something_is_wrong_marks_its_line_and_the_headline(
    fields: dict[str, Any], line: str, headline: str
):
    lines = shown(**fields)

    assert line in lines
    assert lines[0] == headline


def test_card_when_the_chat_is_down_says_so():
    text = health(health_figures(), (("connected", "no"),))

    assert "✗ Chat: not connected" in text
    assert text.startswith("🔴")


def test_card_when_there_is_no_account_leaves_its_line_out():
    assert not any("Account" in line for line in shown(account=None))


def test_figures_when_shown_group_the_requests_and_the_chat():
    lines = [" ".join(line.split()) for line in shown()]

    assert "Candles 31,800" in lines
    assert "Decision p99 12 ms" in lines
    assert "Requests at start 540" in lines
    assert "by timetable 4" in lines
    assert "Chat heard 12 s ago" in lines
    assert "messages sent 1234" in lines
