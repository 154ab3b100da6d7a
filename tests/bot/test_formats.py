from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formats import (
    at,
    bold,
    clip,
    compact,
    day,
    decimals_of,
    esc,
    fit,
    gain,
    guess_decimals,
    in_r,
    money,
    on,
    pct,
    plain,
    price,
    qty,
    signed_pct,
    table,
    weekday,
)
from bot.language import speaking
from bot.localchat.content.html_text import parse_html

NASTY = st.text(alphabet="_*[]()<>&\"'`~#+-=|{}.!/abc ü币\n\u202e\x00", max_size=200)


@given(NASTY)
def test_escaped_text_when_parsed_by_the_chat_is_the_text_without_control_characters(text: str):
    shown = parse_html(f"[{esc(text)}]").text

    assert shown[1:-1] == "".join(c for c in text if c == "\n" or c.isprintable())


@given(st.lists(NASTY, max_size=30), st.integers(200, 1024))
def test_clipped_html_when_parsed_is_valid_and_short(lines: list[str], limit: int):
    text = "\n".join(
        bold(line) if i % 2 else f"<pre>{esc(line)}</pre>" for i, line in enumerate(lines)
    )

    clipped = clip(text, limit)

    assert len(clipped) <= limit
    parse_html(clipped)


def test_clip_when_one_line_is_too_long_keeps_its_beginning():
    clipped = clip("<b>" + "x&amp;" * 400 + "</b>", 300)

    assert clipped.startswith("x")
    assert clipped.endswith("… cut")
    assert len(clipped) <= 300
    parse_html(clipped)


@given(NASTY)
def test_plain_when_given_our_html_is_what_was_escaped(text: str):
    html = f"[<b>{esc(text)}</b>]"

    assert plain(html) == parse_html(html).text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("-0.001"), "+0.00"), (0, "+0.00"), (12.345, "+12.35"), (Decimal(-1234), "-1,234.00")],
)
def test_gain_when_shown_has_a_sign_and_no_negative_zero(value: Decimal, shown: str):
    assert gain(value) == shown


def test_numbers_when_shown_are_short():
    assert money(Decimal("-0.001")) == "0.00"
    assert price(Decimal("1234.5"), 2) == "1,234.50"
    assert qty(Decimal(100)) == "100"
    assert qty(Decimal("0.500")) == "0.5"
    assert pct(0.345) == "34.5 %"
    assert signed_pct(-0.00001) == "+0.00 %"
    assert in_r(-0.04) == "+0.0 R"
    assert [compact(v) for v in (3.2e9, 1.25e6, 900.0, 12_300.0)] == [
        "3.2 B",
        "1.2 M",
        "900",
        "12.3 k",
    ]


def test_day_when_german_is_spoken_has_german_names():
    moment = date(2026, 3, 1)

    assert [weekday(moment), day(moment)] == ["Sun", "1 Mar"]
    with speaking("de"):
        assert [weekday(moment), day(moment)] == ["So", "1. Mär"]


def test_cut_when_german_is_spoken_says_so_in_german():
    with speaking("de"):
        assert fit("head", ["x" * 90] * 9, limit=200).endswith("\n… und 8 weitere")
        assert clip("a\n" * 90, 80).endswith("\n… gekürzt")


@pytest.mark.parametrize(
    ("value", "decimals"),
    [(98_000.0, 0), (150.25, 2), (1.5, 4), (0.00001234, 9), (0.5, 5), (0.0, 2)],
)
def test_decimals_when_guessed_show_five_digits(value: float, decimals: int):
    assert guess_decimals(value) == decimals


def test_decimals_when_on_the_tick_grid_are_exact():
    assert decimals_of(Decimal("98.00")) == 2
    assert decimals_of(Decimal(98)) == 0
    assert decimals_of(Decimal("NaN")) == 0


def test_times_when_shown_are_in_the_operators_zone():
    noon_utc = 1_750_075_200_000  # 2025-06-16 12:00 UTC

    assert at(noon_utc, ZoneInfo("Europe/Berlin")) == "14:00"
    assert at(noon_utc, ZoneInfo("UTC"), seconds=True) == "12:00:00"
    assert on(noon_utc, ZoneInfo("Asia/Tokyo")) == "16 Jun 21:00"


def test_table_when_cells_differ_lines_up():
    assert (
        table([("BTC", "+1"), ("1000PEPE", "-20")], "<>") == "<pre>BTC       +1\n1000PEPE -20</pre>"
    )
    assert table([], "<>") == "<pre></pre>"


def test_fit_when_blocks_do_not_fit_says_how_many_were_left_out():
    text = fit("head", ["x" * 50] * 10, limit=260, hint="/more")

    assert len(text) <= 260
    assert text.endswith("… and 7 more. /more")
