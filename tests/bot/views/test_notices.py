from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.localchat.content.html_text import parse_html
from bot.views.notices import fills_text, notice_text, strangers, when
from engine.domain.notices import AlarmKind, Notice
from engine.domain.order import Side
from engine.domain.position import ExitReason
from tests.bot.notice_kit import (
    alarm,
    exit_notice,
    fill_notice,
    life,
    mode_changed,
    protection,
    signal_notice,
)
from tests.builders import d

UTC = ZoneInfo("UTC")


def told(notice: Notice) -> str:
    return parse_html(notice_text(notice, UTC)).text


def test_fill_when_told_gives_size_price_fee_and_levels():
    assert told(fill_notice()) == (
        "✅ Bought 1 BTCUSDT at 100.02\npaper · 100.02 USDT · fee 0.05 USDT\n"
        "Stop 98.00 · target 104.00"
    )


def test_fills_when_several_are_summed_at_their_average():
    text = fills_text(
        [fill_notice(1, qty=1, price="100.00"), fill_notice(2, qty=3, price="100.04")]
    )

    assert "Bought 4 <b>BTCUSDT</b> at 100.03 in 2 fills" in text
    assert "400.12 USDT · fee 0.10" in text


def test_exit_when_told_gives_reason_result_costs_and_time():
    assert told(exit_notice()) == (
        "🟩 BTCUSDT LONG target hit\n+1.89 USDT net · +1.87 R\n100.02 → 104.00 · held 42 min\n"
        "gross +1.99 · costs 0.10 · paper"
    )


def test_exit_when_the_risk_is_unknown_invents_no_r():
    assert "R unknown" in told(exit_notice(risk=d(0)))


@pytest.mark.parametrize("reason", list(ExitReason))
def test_exit_when_for_any_reason_is_told(reason: ExitReason):
    assert "BTCUSDT" in told(exit_notice(reason=reason))


def test_exit_when_it_lost_is_marked_red():
    assert told(exit_notice(gross=d(-1))).startswith("🟥")


def test_averages_when_they_have_endless_digits_are_shown_on_the_tick():
    assert "100.01 → 104.00" in told(exit_notice(entry_price=d("100.0133333333333333")))
    both = exit_notice(entry_price=d("0.5853585885"), exit_price=d("0.5873419240"))
    assert "0.58536 → 0.58734" in told(both)


def test_protection_when_confirmed_is_short_and_when_not_says_what_to_do():
    assert told(protection(detail="stop 98.00 rests")) == "🛡 BTCUSDT: stop 98.00 rests"
    assert told(protection()) == "🛡 BTCUSDT: stop confirmed at the exchange"
    trouble = told(protection(confirmed=False, detail="rejected <-2021>"))
    assert trouble.startswith("🔴 BTCUSDT (paper) is not protected: rejected <-2021>")
    assert "/close BTCUSDT" in trouble


def test_alarm_when_it_is_good_news_is_green():
    assert told(alarm(kind=AlarmKind.SEEING, text="All seen.")) == "🟢 All seen."
    assert told(alarm(text="a<b & c")) == "🔴 a<b & c"


def test_changes_when_told_name_who_made_them():
    assert told(mode_changed()) == "Mode paper → signals.\nby ada, mode signals"
    assert told(life()) == "Started in paper mode."


def test_notice_when_its_text_is_endless_fits_into_a_message():
    assert len(notice_text(alarm(text="<x>\n" * 3000), UTC)) <= 4096


def test_signal_when_told_as_text_is_its_caption():
    assert "BTCUSDT LONG" in told(signal_notice())


def test_strangers_when_reported_are_counted():
    assert strangers(1).startswith("1 message from")
    assert when(life(), UTC) == "22:14"


@pytest.mark.parametrize(
    ("at", "planned", "side", "line"),
    [
        ("100.80", "100.00", Side.BUY, "0.40 R worse than planned at 100.00"),
        ("99.40", "100.00", Side.BUY, "0.30 R better than planned at 100.00"),
        ("95.00", "96.00", Side.SELL, "0.50 R worse than planned at 96.00"),
        ("100.05", "100.00", Side.BUY, ""),
        ("100.80", "0", Side.BUY, ""),
    ],
)
def test_fill_when_it_is_far_from_the_plan_says_how_far_in_r(at, planned, side, line):
    notice = fill_notice(1, qty=1, price=at)
    notice = replace(notice, planned_price=d(planned), fill=replace(notice.fill, side=side))

    text = fills_text([notice])

    assert line in text
    assert ("planned" in text) is bool(line)
