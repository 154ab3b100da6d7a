import pytest

from bot.views.ladder import (
    edge,
    ladder,
    live_last_question,
    live_question,
    risk,
    risk_change,
    threshold,
    tripped,
)
from bot.views.preflight import Check, Mark
from engine.domain.order import Book
from engine.domain.signal import Mode
from tests.bot.fake_desk import book, snapshot
from tests.builders import d


def test_ladder_when_shown_marks_the_present_mode_only():
    text = ladder(snapshot(mode=Mode.SIGNALS))

    assert text.count("▸") == 1
    assert "▸ <b>signals</b>" in text


@pytest.mark.parametrize(
    ("check", "end"),
    [
        (Check(Mark.BAD, "no", blocks=True), "before every ✗ is mended"),
        (Check(Mark.UNREAD, "no", blocks=True), "while ? could not be read"),
        (Check(Mark.UNREAD, "no"), "its stop is confirmed."),
        (Check(Mark.WARNING, "hm"), "its stop is confirmed."),
    ],
)
def test_question_when_something_blocks_says_what_would_help(check: Check, end: str):
    text = live_question(snapshot(), (check,), venue="Binance", real_money=True)

    assert f"{check.mark} {check.text}" in text
    assert end in text.splitlines()[-1]


def test_question_when_money_is_real_says_so_in_both_steps():
    state = snapshot(books=(book(Book.LIVE),), allow_negative_edge=True)

    first = live_question(state, (), venue="Binance", real_money=True)
    last = live_last_question(venue="Binance", real_money=True)

    assert "real money" in first
    assert "no real money" not in first
    assert "allowed without a proven edge" in first
    assert "real money" in last
    assert "no real money" in live_last_question(venue="sim", real_money=False)


def test_risk_when_no_account_is_ready_says_so():
    state = snapshot(books=(book(ready=False),))

    assert "No account is ready" in risk(state)
    assert "from 1.0 % to <b>2 %</b>" in risk_change(state, d(2))


def test_risk_when_the_margin_limit_binds_says_what_is_really_at_risk():
    account = book(equity=d(10_000))

    free = risk(snapshot(books=(account,), risk_pct=d("0.5"), position_cap=d(1)))
    bound = risk(snapshot(books=(account,), risk_pct=d("2.0"), position_cap=d(1)))

    assert "that is a paper position of 10,000.00 USDT." in free
    assert "margin limit makes that a paper position of 10,000.00 USDT" in bound
    assert "risks 0.50 %; by risk alone it would be 40,000.00" in bound


def test_settings_when_shown_are_in_words():
    assert "0.6100" in threshold(snapshot())
    assert "without a proven edge" in edge(snapshot(allow_negative_edge=True))
    assert tripped(snapshot()) == ""
    assert tripped(snapshot(books=(book(breakers=("a", "b")),))) == "paper: a, b"
