"""What the machinery around the core has to tell at once; the core tells its own alarms."""

from engine.domain.notices import AlarmKind, AlarmNotice
from engine.ports import Clock, Notifier

_HOUR_MS = 3_600_000


class Alarms:
    """Critical notices of one start.

    Args:
        notifier: takes them.
        clock: stamps them.
        epoch: number of this start; keeps their ids apart from other starts'.
    """

    def __init__(self, notifier: Notifier, clock: Clock, epoch: int) -> None:
        self._notifier = notifier
        self._clock = clock
        self._epoch = epoch
        self._hour_told = -1

    def tell(self, kind: AlarmKind, key: str, text: str) -> None:
        """Tell something, once for a `key` and this start."""
        notice_id = f"{key}:{self._epoch}"
        at_ms = self._clock.exchange_ms()
        self._notifier.notify(AlarmNotice(notice_id=notice_id, at_ms=at_ms, kind=kind, text=text))

    def journal_fails(self, reason: str) -> None:
        """Tell that records cannot be written, at most once an hour: they are retried for ever."""
        hour = self._clock.wall_ms() // _HOUR_MS
        if hour == self._hour_told:
            return
        self._hour_told = hour
        text = f"The journal cannot be written: {reason}. No entries; open positions stay managed."
        self.tell(AlarmKind.DATABASE, f"journal:{hour}", text)
