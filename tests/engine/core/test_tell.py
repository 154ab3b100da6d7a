"""Records and notices."""

from engine.core.tell import (
    alarm,
    ask_snapshot,
    equity_seen,
    mode_notice,
    protection_notice,
    remembered,
    setting,
)
from engine.domain.effects import TakeSnapshot
from engine.domain.events import Instant
from engine.domain.notices import AlarmKind, Priority
from tests.builders import d
from tests.engine.core.samples import running, trade


def test_alarm_when_told_again_has_the_same_id_whenever_it_is_told():
    first = alarm(AlarmKind.BLIND, "x", "text", Instant(1, 1.0)).notice
    second = alarm(AlarmKind.BLIND, "x", "text", Instant(2, 2.0)).notice

    assert first.notice_id == second.notice_id == "blind:x"
    assert first.priority is Priority.CRITICAL


def test_protection_notice_when_in_trouble_is_critical():
    now = Instant(1, 1.0)
    good = protection_notice(trade(), now, confirmed=True, detail="").notice
    bad = protection_notice(trade(), now, confirmed=False, detail="").notice

    assert (good.priority, bad.priority) == (Priority.FILL, Priority.CRITICAL)
    assert good.notice_id != bad.notice_id


def test_snapshot_when_asked_often_is_asked_once_and_remembered():
    _, _, book = running()
    book.snapshot_asked_s = None
    first = Instant(0, 10.0)

    assert ask_snapshot(book, "a", first) == [TakeSnapshot(book.book, "a")]
    assert ask_snapshot(book, "b", Instant(0, 12.9)) == []
    assert book.snapshot_wanted == "b"
    assert ask_snapshot(book, "b", Instant(0, 13.0)) == [TakeSnapshot(book.book, "b")]
    assert book.snapshot_wanted == ""


def test_wanted_snapshot_when_the_gap_is_over_is_asked_by_the_timer():
    story, _, book = running()
    book.snapshot_asked_s = story.wall
    ask_snapshot(book, "later", story.now)

    assert story.snapshots_asked(story.later(2.5)) == 0
    assert story.snapshots_asked(story.later(0.75)) == 1


def test_records_when_built_carry_what_they_are_about():
    story, state, book = running(trade())

    assert remembered(trade()).entry.memory == trade().memory
    assert (setting("k", "v").entry.key, setting("k", "v").entry.value) == ("k", "v")
    seen = equity_seen(state, book, story.now).entry
    assert (seen.wallet, seen.equity, seen.at_ms) == (d(10_000), d(10_000), story.ms)
    notice = mode_notice(state, "text", "anna", "7", story.now).notice
    assert (notice.requested_by, notice.notice_id) == ("anna", "mode:7")
