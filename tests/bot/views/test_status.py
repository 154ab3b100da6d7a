from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.formats import MAX_TEXT
from bot.localchat.content.html_text import parse_html
from bot.views.status import mark, positions, status
from engine.domain.order import Book
from engine.domain.signal import Mode
from tests.bot.fake_desk import book, position, snapshot
from tests.builders import d

UTC = ZoneInfo("UTC")


def shown(speed: float = 1.0, **state: Any) -> str:
    return status(snapshot(**state), UTC, venue="embedded <exchange>", speed=speed)


def test_status_when_healthy_says_mode_money_and_scanner():
    text = parse_html(shown()).text

    assert text.startswith("🟢 paper · embedded <exchange>\nas of 22:14:00")
    assert "paper equity 10,012.40 USDT" in text
    assert "Today +12.40 (+0.12 %) · open risk 1.0 %" in text
    assert "No open positions." in text
    assert "Signals today 42 of about 150\nThreshold 0.610 · heuristic" in text
    assert "Scanner 530 symbols" in text


def test_status_when_the_market_runs_faster_says_so():
    text = shown(speed=20.0)

    assert "×20" in text
    assert "market time 22:14:00" in text


def test_status_when_positions_are_open_lines_them_up_with_their_shield():
    text = parse_html(
        shown(positions=(position(), position("1000PEPEUSDT", protected=False, r_now=-0.5)))
    ).text

    assert "BTC      L +0.8 R +0.80 🛡" in text
    assert "1000PEPE L -0.5 R +0.80 ⚠" in text


def test_status_when_there_are_many_positions_names_the_rest():
    text = shown(positions=tuple(position(f"A{i}USDT") for i in range(50)))

    assert "… and 38 more: /positions" in text
    assert len(text) < MAX_TEXT


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({"paused": "news <b>"}, "Paused: news &lt;b&gt;. No new entries."),
        ({"outranked": 7}, "Another instance (start 7) trades this account"),
        (
            {"books": (book(breakers=("daily_loss",)),)},
            "Breaker: daily loss. No entries until /resetbreakers.",
        ),
        ({"signals_today": 149}, "Signals today 149 of about 150"),
        ({"signals_today": 150}, "Signals today 150: the most for a day, the next after midnight"),
        ({"books": (book(ready=False),)}, "<b>paper</b> account: not ready"),
        ({"books": (book(unknown=1),)}, "Orders: 0 pending, 1 with unknown outcome"),
        ({"blind": frozenset({"BTCUSDT"})}, "1 blind (BTC)"),
        ({"blind": frozenset(f"A{i}USDT" for i in range(9))}, "9 blind (A0, A1, A2, A3, A4…)"),
        ({"muted": {"BTCUSDT": 1}}, "1 muted"),
        ({"ready": False}, "loading"),
    ],
)
def test_status_when_something_is_off_says_so(state: dict[str, Any], line: str):
    assert line in shown(**state)


@pytest.mark.parametrize(
    ("state", "emoji"),
    [
        ({}, "🟢"),
        ({"ready": False}, "🟡"),
        ({"paused": "x"}, "⏸"),
        ({"outranked": 7}, "🔴"),
        ({"books": (book(breakers=("x",)),)}, "⏸"),
        ({"positions": (position(protected=False),), "paused": "x"}, "🔴"),
    ],
)
def test_mark_when_shown_is_the_worst_that_is_true(state: dict[str, Any], emoji: str):
    assert mark(snapshot(**state)) == emoji


def test_status_when_a_book_is_not_in_use_leaves_it_out():
    both = (book(), book(Book.LIVE, equity=d(7)))

    assert "live" not in shown(books=both)
    assert "<b>live</b> equity 7.00" in shown(books=both, positions=(position(book=Book.LIVE),))
    assert "equity" not in shown(books=(book(),), mode=Mode.SIGNALS)


def test_positions_when_open_show_levels_and_state():
    text = parse_html(
        positions(snapshot(positions=(position(ours=False, exiting=True, protected=False),)), UTC)
    ).text

    assert "1 open position, +0.80 USDT before exit costs" in text
    assert "⚠ BTCUSDT LONG +0.80 USDT" in text
    assert "stop    98.00   risk 1.00" in text
    assert "paper · since 21:54 · out by 23:54 · adopted · closing · NO CONFIRMED STOP" in text


def test_positions_when_there_are_too_many_says_how_many_are_left_out():
    text = positions(snapshot(positions=tuple(position(f"A{i}USDT") for i in range(200))), UTC)

    assert len(text) <= MAX_TEXT
    assert "more" in text
    parse_html(text)


def test_positions_when_none_is_open_says_so():
    assert positions(snapshot(), UTC) == "No open positions."
