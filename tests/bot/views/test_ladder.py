from bot.views.ladder import (
    Check,
    checklist,
    edge,
    ladder,
    live_last_question,
    live_question,
    risk,
    risk_change,
    threshold,
    tripped,
)
from engine.domain.order import Book
from engine.domain.signal import Mode
from tests.bot.fake_desk import book, snapshot
from tests.builders import d


def test_ladder_when_shown_marks_the_present_mode_only():
    text = ladder(snapshot(mode=Mode.SIGNALS))

    assert text.count("▸") == 1
    assert "▸ <b>signals</b>" in text


def test_checks_when_shown_have_three_marks():
    assert [Check("x", passed).mark for passed in (True, False, None)] == ["✓", "✗", "?"]


def test_checklist_when_all_is_well_fails_nothing_and_admits_what_it_cannot_know():
    checks = checklist(snapshot(books=(book(), book(Book.LIVE))))

    assert not [check for check in checks if check.passed is False]
    assert any("withdraw no" in check.text for check in checks if check.passed is None)


def test_question_when_money_is_real_says_so_in_both_steps():
    state = snapshot(books=(book(Book.LIVE),), allow_negative_edge=True)

    first = live_question(state, checklist(state), venue="Binance", real_money=True)
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


def test_settings_when_shown_are_in_words():
    assert "0.6100" in threshold(snapshot())
    assert "without a proven edge" in edge(snapshot(allow_negative_edge=True))
    assert tripped(snapshot()) == ""
    assert tripped(snapshot(books=(book(breakers=("a", "b")),))) == "paper: a, b"
