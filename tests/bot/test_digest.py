from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from telegram.error import NetworkError

from bot.desk import AskPnl, Period, PnlView
from bot.desk_model import ModelEvidence
from bot.digest import DailyDigest, DigestSchedule, WeeklyDigest
from bot.language import spoken
from tests.bot.chat_kit import MemoryStore
from tests.bot.evidence_kit import evidence
from tests.bot.fake_desk import FakeDesk
from tests.bot.front_kit import PICTURE, front
from tests.bot.pnl_kit import book_pnl
from tests.fake_clock import FakeClock


class Outgoing:
    """A sender that takes down what it is given, or fails."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.broken = False

    async def send(self, chat_id: int, text: str, **how: Any) -> int:
        if self.broken:
            raise NetworkError("cut")
        self.sent.append({"text": text, **how})
        return 1


def digest(clock: FakeClock, store: MemoryStore, out: Outgoing) -> DailyDigest:
    desk = FakeDesk(pnl_view=PnlView(Period.DAY, (book_pnl(),)))
    chat = front(desk, clock, zone=ZoneInfo("Asia/Tokyo"))
    return DailyDigest(chat, out, store, 11)  # type: ignore[arg-type]


async def test_digest_when_due_is_sent_once_a_day_also_over_restarts():
    clock, store, out = FakeClock(), MemoryStore(), Outgoing()

    await digest(clock, store, out).deliver()
    await digest(clock, store, out).deliver()
    assert len(out.sent) == 1
    assert out.sent[0]["picture"] == PICTURE
    assert "Daily digest" in out.sent[0]["text"]

    clock.advance(86_400)
    await digest(clock, store, out).deliver()
    assert len(out.sent) == 2


async def test_digest_when_it_cannot_be_sent_is_not_marked_as_sent():
    clock, store, out = FakeClock(), MemoryStore(), Outgoing()
    out.broken = True
    await digest(clock, store, out).deliver()

    out.broken = False
    await digest(clock, store, out).deliver()

    assert len(out.sent) == 1


async def test_digest_when_the_store_is_broken_is_not_sent_again_and_again():
    store, out = MemoryStore(), Outgoing()
    store.broken = True

    await digest(FakeClock(), store, out).deliver()

    assert out.sent == []


async def test_schedule_when_started_waits_for_the_hour_in_the_operators_zone():
    desk = FakeDesk()
    chat = front(desk, zone=ZoneInfo("Asia/Tokyo"), digest_hour=20)
    schedule = DigestSchedule(chat, _nothing, _nothing)
    schedule.start()
    job, weekly = schedule._scheduler.get_jobs()

    assert job.next_run_time.hour == 20
    assert str(job.next_run_time.tzinfo) == "Asia/Tokyo"
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    assert (weekly.next_run_time.weekday(), weekly.next_run_time.hour) == (6, 20)
    schedule.set_hour(7)
    assert {j.next_run_time.hour for j in schedule._scheduler.get_jobs()} == {7}
    schedule.stop()
    schedule.stop()


async def test_schedule_when_another_zone_is_chosen_keeps_its_hour_there():
    chat = front(zone=ZoneInfo("Asia/Tokyo"), digest_hour=20)
    schedule = DigestSchedule(chat, _nothing, _nothing)
    schedule.start()

    await chat.preferences.change(replace(chat.preferences.current, zone="America/New_York"))

    job, _weekly = schedule._scheduler.get_jobs()
    assert job.next_run_time.hour == 20
    assert str(job.next_run_time.tzinfo) == "America/New_York"
    schedule.stop()


async def test_schedule_when_no_hour_is_set_has_nothing_to_do():
    schedule = DigestSchedule(front(digest_hour=None), _nothing, _nothing)
    schedule.start()

    assert schedule._scheduler.get_jobs() == []
    schedule.stop()


async def test_weekly_digest_when_due_is_sent_once_a_week_of_the_operators_calendar():
    clock, store, out = FakeClock(), MemoryStore(), Outgoing()
    desk = FakeDesk(pnl_view=PnlView(Period.WEEK, (book_pnl(),)))
    weekly = WeeklyDigest(front(desk, clock), out, store, 11)  # type: ignore[arg-type]

    clock.advance(86_400)  # from a Sunday to a Monday
    await weekly.deliver()
    clock.advance(86_400)
    await weekly.deliver()
    assert len(out.sent) == 1
    assert "Weekly digest" in out.sent[0]["text"]
    assert desk.asked == [AskPnl(Period.WEEK), ModelEvidence]

    clock.advance(6 * 86_400)
    await weekly.deliver()
    assert len(out.sent) == 2


async def test_weekly_digest_when_a_model_works_says_how_it_fares_and_drifts():
    store, out = MemoryStore(), Outgoing()
    desk = FakeDesk(pnl_view=PnlView(Period.WEEK, (book_pnl(),)), evidence=evidence())
    weekly = WeeklyDigest(front(desk, FakeClock()), out, store, 11)  # type: ignore[arg-type]

    await weekly.deliver()

    text = out.sent[0]["text"]
    assert "<b>Model lgbm:abababab</b>" in text
    assert "against the training: 1 drifted, 1 stable" in text


async def _nothing() -> None:
    raise AssertionError("not now")


async def test_digest_when_german_is_chosen_is_written_and_drawn_in_german():
    clock, out, drawn_in = FakeClock(), Outgoing(), []

    async def draw(_curves: object) -> bytes:
        drawn_in.append(spoken())
        return PICTURE

    desk = FakeDesk(pnl_view=PnlView(Period.DAY, (book_pnl(),)))
    chat = replace(front(desk, clock, language="de"), draw_equity=draw)
    await DailyDigest(chat, out, MemoryStore(), 11).deliver()  # type: ignore[arg-type]

    assert "Tagesbericht" in out.sent[0]["text"]
    assert drawn_in == ["de"]
    assert spoken() == "en"
