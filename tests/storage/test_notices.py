"""The outbox: nothing lost, nothing told twice."""

from pathlib import Path

from sqlalchemy import select, update

from engine.domain.notices import (
    AlarmKind,
    AlarmNotice,
    ExitNotice,
    FillNotice,
    LifeNotice,
    ModeNotice,
    Notice,
    Priority,
    ProtectionNotice,
    SignalNotice,
)
from engine.domain.order import Book, Purpose
from engine.domain.signal import Mode
from storage.database import Database
from storage.notices import Outbox, subject_of
from storage.tables import notices
from tests.storage import samples

SETUP_ID = samples.setup().setup_id


def _every_kind() -> list[Notice]:
    return [
        LifeNotice(notice_id="life", at_ms=1, text="started"),
        SignalNotice(
            notice_id="signal", at_ms=2, signal=samples.signal(), verdict=samples.refused()
        ),
        FillNotice(
            notice_id="fill",
            at_ms=3,
            book=Book.PAPER,
            fill=samples.fill(),
            purpose=Purpose.ENTRY,
            setup_id=SETUP_ID,
            stop_price=samples.D("99.00"),
            target_price=samples.D("102.00"),
        ),
        ProtectionNotice(
            notice_id="stop",
            at_ms=4,
            book=Book.PAPER,
            symbol="BTCUSDT",
            setup_id=SETUP_ID,
            confirmed=True,
            detail="",
        ),
        ExitNotice(notice_id="exit", at_ms=5, trade=samples.closed()),
        AlarmNotice(notice_id="alarm", at_ms=6, kind=AlarmKind.BLIND, text="3 symbols are blind"),
        ModeNotice(notice_id="mode", at_ms=7, mode=Mode.PAPER, text="paper", requested_by="77"),
    ]


async def _pending(outbox: Outbox) -> list[str]:
    return [queued.notice.notice_id for queued in await outbox.pending()]


async def test_pending_when_every_kind_waits_is_sorted_by_urgency(database: Database) -> None:
    outbox = Outbox(database)
    assert await outbox.put(_every_kind()) == 7
    queued = await outbox.pending()
    expected = ["alarm", "fill", "stop", "exit", "signal", "life", "mode"]
    assert [one.notice.notice_id for one in queued] == expected
    by_id = {notice.notice_id: notice for notice in _every_kind()}
    assert all(by_id[one.notice.notice_id] == one.notice for one in queued)
    assert await outbox.pending(limit=1) == queued[:1]


async def test_put_when_notice_is_known_adds_nothing(database: Database) -> None:
    outbox = Outbox(database)
    assert await outbox.put(_every_kind()) == 7
    await outbox.sent("life", 5)
    assert await outbox.put(_every_kind()) == 0
    assert await outbox.put([]) == 0
    assert "life" not in await _pending(outbox)


async def test_failed_when_repeated_counts_attempts_and_keeps_it(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.put(_every_kind()[:1])
    await outbox.failed("life", "429")
    await outbox.failed("life", "502")
    assert [queued.attempts for queued in await outbox.pending()] == [2]


async def test_dropped_when_folded_leaves_the_queue(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.put(_every_kind())
    await outbox.dropped("signal", "digest")
    assert "signal" not in await _pending(outbox)


async def test_backlog_when_notices_wait_counts_them_by_priority(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.put(_every_kind())
    await outbox.sent("alarm", 9)
    assert await outbox.backlog() == {
        Priority.FILL: 2,
        Priority.EXIT: 1,
        Priority.SIGNAL: 1,
        Priority.INFO: 2,
    }


async def test_message_about_when_setup_was_told_is_its_first_message(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.put(_every_kind())
    assert await outbox.message_about(SETUP_ID) is None
    await outbox.sent("fill", 12)
    await outbox.sent("signal", 11)
    assert await outbox.message_about(SETUP_ID) == 11


async def test_outbox_when_process_restarts_still_holds_what_was_not_sent(
    database_path: Path,
) -> None:
    first = Database(str(database_path))
    await Outbox(first).put(_every_kind())
    await Outbox(first).sent("alarm", 1)
    await first.close()

    second = Database(str(database_path))
    assert await _pending(Outbox(second)) == ["fill", "stop", "exit", "signal", "life", "mode"]
    await second.close()


async def test_pending_when_another_version_wrote_a_notice_drops_only_that(
    database: Database,
) -> None:
    outbox = Outbox(database)
    await outbox.put(_every_kind()[:2])
    async with database.write() as connection:
        foreign = '{"_": "HoloNotice", "notice_id": "life"}'
        await connection.execute(
            update(notices).where(notices.c.notice_id == "life").values(notice=foreign)
        )
    assert await _pending(outbox) == ["signal"]
    async with database.read() as connection:
        states = dict(
            (await connection.execute(select(notices.c.notice_id, notices.c.state))).all()
        )
    assert states == {"life": "dropped", "signal": "queued"}


def test_subject_when_notice_is_about_no_setup_is_empty() -> None:
    subjects = [subject_of(notice) for notice in _every_kind()]
    assert subjects == ["", SETUP_ID, SETUP_ID, SETUP_ID, SETUP_ID, "", ""]


async def test_signals_when_told_await_their_outcome_until_it_is_shown(database: Database) -> None:
    outbox = Outbox(database)
    told, folded, queued = (
        SignalNotice(
            notice_id=name, at_ms=at_ms, signal=samples.signal(), verdict=samples.refused()
        )
        for name, at_ms in (("told", 20), ("folded", 21), ("queued", 22))
    )
    await outbox.put([told, folded, queued, *_every_kind()])
    await outbox.sent("told", 7)
    await outbox.sent("folded", 8, "digest")
    await outbox.sent("exit", 9)

    (waiting,) = await outbox.unsettled(10, 50)
    assert (waiting.notice, waiting.message_id) == (told, 7)
    assert await outbox.unsettled(21, 50) == ()

    await outbox.settled("told", "")
    assert await outbox.unsettled(10, 50) == ()


async def test_signal_when_it_cannot_be_read_any_more_awaits_no_outcome(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.put(_every_kind())
    await outbox.sent("signal", 7)
    async with database.write() as connection:
        await connection.execute(update(notices).values(notice="{}"))

    assert await outbox.unsettled(0, 50) == ()
    assert await outbox.unsettled(0, 50) == ()
