"""What the operator wants to be told, how loudly and when; kept over restarts.

Critical notices are beyond choice: they are always told aloud.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import structlog

from bot.language import ENGLISH, languages
from bot.seen import StateStore
from bot.zones import find_zone
from engine.domain.notices import (
    ExitNotice,
    FillNotice,
    ModeNotice,
    Notice,
    Priority,
    ProtectionNotice,
    SignalNotice,
)
from engine.domain.signal import RiskRefused, Rule

log = structlog.get_logger(__name__)

_DAY_MINUTES = 24 * 60


class Kind(StrEnum):
    """Kinds of notices that can be chosen one by one."""

    SIGNALS = "signals"
    FILLS = "fills"
    STOPS = "stops"
    EXITS = "exits"
    CHANGES = "changes"
    NEWS = "news"


class Loudness(StrEnum):
    """How a kind is told."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the operator's day, `start` included, `end` not; they may span midnight."""

    start: int
    end: int

    def __post_init__(self) -> None:
        both = (self.start, self.end)
        if not all(0 <= minute < _DAY_MINUTES for minute in both) or self.start == self.end:
            raise ValueError(f"quiet hours from {self.start} to {self.end} min of the day")

    def hold(self, minute: int) -> bool:
        """Return whether a minute of the day is quiet."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


def _all_on() -> Mapping[Kind, Loudness]:
    return MappingProxyType(dict.fromkeys(Kind, Loudness.ON))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The operator's choices.

    Attributes:
        digest_hour: full hour of the operator's day, None for no digests.
        language: code of the chat's language.
        zone: IANA name of the operator's time zone, None for the one of the settings.
    """

    digest_hour: int | None
    language: str = ENGLISH
    zone: str | None = None
    loudness: Mapping[Kind, Loudness] = field(default_factory=_all_on)
    quiet: QuietHours | None = None

    def with_loudness(self, kind: Kind, loudness: Loudness) -> "Preferences":
        """Return the choices with one kind told otherwise."""
        return replace(self, loudness=MappingProxyType({**self.loudness, kind: loudness}))

    def of(self, notice: Notice, wall_ms: int, zone: ZoneInfo) -> Loudness:
        """Return how to tell a notice at this moment.

        Critical notices and questions that wait for an answer are never off, nor critical ones
        silent.
        """
        if notice.priority is Priority.CRITICAL:
            return Loudness.ON
        chosen = self.loudness[kind_of(notice)]
        if chosen is Loudness.OFF and is_question(notice):
            chosen = Loudness.SILENT
        if chosen is Loudness.ON and self.is_quiet(wall_ms, zone):
            return Loudness.SILENT
        return chosen

    def is_quiet(self, wall_ms: int, zone: ZoneInfo) -> bool:
        """Return whether a moment lies in the quiet hours of the operator's zone."""
        moment = datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone(zone)
        return self.quiet is not None and self.quiet.hold(moment.hour * 60 + moment.minute)


def kind_of(notice: Notice) -> Kind:
    """Return the kind a notice is chosen by."""
    match notice:
        case SignalNotice():
            return Kind.SIGNALS
        case FillNotice():
            return Kind.FILLS
        case ProtectionNotice():
            return Kind.STOPS
        case ExitNotice():
            return Kind.EXITS
        case ModeNotice():
            return Kind.CHANGES
        case _:
            return Kind.NEWS


def is_question(notice: Notice) -> bool:
    """Return whether a signal waits for the operator's Take."""
    verdict = notice.verdict if isinstance(notice, SignalNotice) else None
    return isinstance(verdict, RiskRefused) and verdict.rule is Rule.APPROVAL


class PreferenceBook:
    """The choices of now: read at the start, stored before they hold."""

    def __init__(self, store: StateStore, bot_id: str, default: Preferences) -> None:
        self._store = store
        self._key = f"preferences:{bot_id}"
        self._listeners: list[Callable[[Preferences], None]] = []
        self.current = default

    def subscribe(self, listener: Callable[[Preferences], None]) -> None:
        """Tell a listener of every change."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read what was chosen; what cannot be read is logged and left at the default.

        Raises:
            JournalError: the store failed.
        """
        text = await self._store.get(self._key)
        if not text:
            return
        try:
            self._set(_loaded(orjson.loads(text), self.current))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("preferences.unreadable", reason=str(error))

    async def change(self, preferences: Preferences) -> None:
        """Choose anew.

        Raises:
            JournalError: it could not be stored, so nothing has changed.
        """
        await self._store.put(self._key, _dumped(preferences))
        self._set(preferences)

    def _set(self, preferences: Preferences) -> None:
        self.current = preferences
        for listener in self._listeners:
            listener(preferences)


def _dumped(chosen: Preferences) -> str:
    quiet = [chosen.quiet.start, chosen.quiet.end] if chosen.quiet else None
    values = {
        "loudness": {kind.value: told.value for kind, told in chosen.loudness.items()},
        "quiet": quiet,
        "digest_hour": chosen.digest_hour,
        "language": chosen.language,
        "zone": chosen.zone,
    }
    return orjson.dumps(values).decode()


def _known_zone(name: str | None) -> str | None:
    if name is not None and find_zone(name) != name:
        log.error("preferences.zone_unknown", zone=name)
        return None
    return name


def _loaded(values: dict[str, Any], default: Preferences) -> Preferences:
    told = values["loudness"]
    hour = values["digest_hour"]
    if hour is not None and not 0 <= int(hour) <= 23:
        raise ValueError(f"digest hour {hour}")
    # A kind that a former version did not know is told.
    loudness = {kind: Loudness(told.get(kind.value, Loudness.ON)) for kind in Kind}
    language = values.get("language", default.language)
    return Preferences(
        language=language if language in languages() else default.language,
        zone=_known_zone(values.get("zone")),
        loudness=MappingProxyType(loudness),
        quiet=QuietHours(*map(int, values["quiet"])) if values["quiet"] else None,
        digest_hour=None if hour is None else int(hour),
    )
