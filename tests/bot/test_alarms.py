from bot.alarms import Alarms
from engine.domain.notices import AlarmKind, AlarmNotice, Notice, Priority
from tests.fake_clock import FakeClock


class Told:
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)


def test_alarm_when_told_is_critical_and_named_by_key_and_start():
    told = Told()

    Alarms(told, FakeClock(), 7).tell(AlarmKind.ACCOUNT, "key", "Paused.")

    (notice,) = told.notices
    assert isinstance(notice, AlarmNotice)
    assert (notice.notice_id, notice.text) == ("key:7", "Paused.")
    assert notice.priority is Priority.CRITICAL


def test_journal_trouble_when_it_lasts_is_told_once_an_hour():
    told, clock = Told(), FakeClock()
    alarms = Alarms(told, clock, 7)

    for _ in range(5):
        alarms.journal_fails("the disk is full")
    assert len(told.notices) == 1

    clock.advance(3_600)
    alarms.journal_fails("the disk is full")
    assert len(told.notices) == 2
    assert len({notice.notice_id for notice in told.notices}) == 2
