from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.preferences import (
    Kind,
    Loudness,
    PreferenceBook,
    Preferences,
    QuietHours,
    is_question,
    kind_of,
)
from engine.domain.errors import JournalError
from engine.domain.signal import Rule
from tests.bot.front_kit import MemoryState
from tests.bot.notice_kit import (
    alarm,
    exit_notice,
    fill_notice,
    life,
    mode_changed,
    protection,
    refused,
    signal_notice,
)
from tests.builders import signal

UTC, TOKYO = ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")
PLAIN = Preferences(digest_hour=20)
NIGHT = Preferences(digest_hour=20, quiet=QuietHours(22 * 60, 7 * 60))
HOUR_MS = 3_600_000


def asking():
    return signal_notice(verdict=refused(signal(), Rule.APPROVAL, "waiting"))


@given(start=st.integers(0, 1439), length=st.integers(1, 1439), after=st.integers(0, 1439))
def test_quiet_hours_when_they_span_midnight_or_not_last_as_long_as_said(start, length, after):
    hours = QuietHours(start, (start + length) % 1440)

    assert hours.hold((start + after) % 1440) == (after < length)


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-1, 5), (0, 1440)])
def test_quiet_hours_when_impossible_are_refused(start, end):
    with pytest.raises(ValueError, match="quiet hours"):
        QuietHours(start, end)


def test_kinds_when_every_notice_is_looked_at_are_all_used():
    notices = (signal_notice(), fill_notice(), protection(), exit_notice(), mode_changed(), life())

    assert [kind_of(notice) for notice in notices] == list(Kind)
    assert kind_of(alarm()) is Kind.NEWS


def test_loudness_when_a_kind_is_off_or_silent_is_that():
    chosen = PLAIN.with_loudness(Kind.FILLS, Loudness.OFF).with_loudness(
        Kind.EXITS, Loudness.SILENT
    )

    assert chosen.of(fill_notice(), 0, UTC) is Loudness.OFF
    assert chosen.of(exit_notice(), 0, UTC) is Loudness.SILENT
    assert chosen.of(life(), 0, UTC) is Loudness.ON
    assert PLAIN.of(fill_notice(), 0, UTC) is Loudness.ON


def test_loudness_when_it_is_quiet_in_the_operators_zone_is_silent():
    assert NIGHT.of(life(), 23 * HOUR_MS, UTC) is Loudness.SILENT
    assert NIGHT.of(life(), 12 * HOUR_MS, UTC) is Loudness.ON
    assert NIGHT.of(life(), 14 * HOUR_MS, TOKYO) is Loudness.SILENT


def test_loudness_when_critical_is_aloud_whatever_was_chosen():
    deaf = NIGHT.with_loudness(Kind.NEWS, Loudness.OFF).with_loudness(Kind.STOPS, Loudness.OFF)

    assert deaf.of(alarm(), 23 * HOUR_MS, UTC) is Loudness.ON


def test_question_when_signals_are_off_is_asked_all_the_same():
    off = PLAIN.with_loudness(Kind.SIGNALS, Loudness.OFF)

    assert is_question(asking())
    assert not is_question(signal_notice())
    assert off.of(asking(), 0, UTC) is Loudness.SILENT
    assert off.of(signal_notice(), 0, UTC) is Loudness.OFF


async def test_choices_when_changed_are_there_after_a_restart():
    store = MemoryState()
    chosen = NIGHT.with_loudness(Kind.SIGNALS, Loudness.SILENT)
    await PreferenceBook(store, "1", PLAIN).change(chosen)

    again = PreferenceBook(store, "1", PLAIN)
    heard = []
    again.subscribe(heard.append)
    await again.load()

    assert again.current == chosen
    assert heard == [chosen]


async def test_choices_when_they_cannot_be_stored_do_not_change():
    store = MemoryState()
    store.broken = True
    book = PreferenceBook(store, "1", PLAIN)

    with pytest.raises(JournalError):
        await book.change(NIGHT)

    assert book.current is PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "{}",
        "[]",
        '{"loudness":{"signals":"loud"},"quiet":null,"digest_hour":8}',
        '{"loudness":{},"quiet":[5],"digest_hour":8}',
        '{"loudness":{},"quiet":[5,5],"digest_hour":8}',
        '{"loudness":{},"quiet":null,"digest_hour":99}',
    ],
)
async def test_choices_when_unreadable_stay_at_the_default(text):
    store = MemoryState()
    store.values["preferences:1"] = text
    book = PreferenceBook(store, "1", PLAIN)

    await book.load()

    assert book.current is PLAIN


async def test_zone_when_chosen_is_kept_and_one_that_is_gone_falls_back():
    store = MemoryState()
    await PreferenceBook(store, "1", PLAIN).change(replace(PLAIN, zone="Asia/Tokyo"))
    again = PreferenceBook(store, "1", PLAIN)
    await again.load()
    assert again.current.zone == "Asia/Tokyo"

    store.values["preferences:1"] = store.values["preferences:1"].replace("Tokyo", "Atlantis")
    await again.load()
    assert again.current.zone is None


async def test_choices_when_a_kind_is_new_tell_it():
    store = MemoryState()
    store.values["preferences:1"] = '{"loudness":{"news":"off"},"quiet":null,"digest_hour":null}'
    book = PreferenceBook(store, "1", PLAIN)

    await book.load()

    assert book.current.loudness[Kind.SIGNALS] is Loudness.ON
    assert book.current.loudness[Kind.NEWS] is Loudness.OFF
    assert book.current.digest_hour is None


async def test_language_when_chosen_is_kept_and_one_that_is_gone_falls_back():
    store = MemoryState()
    await PreferenceBook(store, "1", PLAIN).change(replace(PLAIN, language="de"))
    again = PreferenceBook(store, "1", PLAIN)
    await again.load()
    assert again.current.language == "de"

    store.values["preferences:1"] = store.values["preferences:1"].replace('"de"', '"tlh"')
    later = PreferenceBook(store, "1", PLAIN)
    await later.load()
    assert later.current.language == "en"


async def test_language_when_an_older_version_stored_the_choices_is_the_default():
    store = MemoryState()
    store.values["preferences:1"] = '{"loudness":{},"quiet":null,"digest_hour":8}'
    book = PreferenceBook(store, "1", replace(PLAIN, language="de"))

    await book.load()

    assert (book.current.digest_hour, book.current.language) == (8, "de")
