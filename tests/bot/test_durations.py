from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.durations import parse_duration_ms, words


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", 90_000),
        ("30m", 1_800_000),
        (" 4H ", 14_400_000),
        ("2d", 172_800_000),
        ("1.5h", 5_400_000),
    ],
)
def test_duration_when_well_written_is_milliseconds(text, ms):
    assert parse_duration_ms(text) == ms


@pytest.mark.parametrize("text", ["", "4", "h", "-1h", "0s", "4 h x", "1e3s", "٣m", "nan"])
def test_duration_when_unclear_says_what_is_allowed(text):
    with pytest.raises(ValueError, match="write a number and s, m, h or d"):
        parse_duration_ms(text)


@given(st.text())
def test_duration_when_anything_is_given_raises_nothing_else(text):
    with suppress(ValueError):
        assert parse_duration_ms(text) >= 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min"), (4_800, "1 h 20 min"), (90_061, "1 d 1 h"), (7, "7 s")],
)
def test_words_when_told_are_the_two_largest_units(seconds, text):
    assert words(seconds) == text
