"""Who may speak. Decided once, before any handler, for every kind of update."""

from dataclasses import dataclass
from enum import Enum, auto

from bot.context import Role, TelegramConfig
from engine.ports import Clock

TOO_OLD_S = 60.0
IN_THE_FUTURE_S = 120.0
CALLS_PER_MINUTE = 60.0
CALLS_BURST = 15.0
STRANGER_REPORT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sent an update and where; None and "" where an update does not say.

    `direct` is true for a message written now and for a button press, false for edited messages,
    channel posts, inline queries and everything else, which nobody may act with.
    """

    user_id: int | None
    name: str
    chat_id: int | None
    chat_type: str
    direct: bool


class Verdict(Enum):
    """What becomes of an update."""

    OWNER = auto()
    VIEWER = auto()
    STRANGER = auto()
    """Silence, and counted."""
    IGNORED = auto()
    """From somebody who may speak, but not in this way."""
    TOO_MANY = auto()


class Doorman:
    """Judges callers: numeric id listed AND private chat AND, if set, the chat id."""

    def __init__(self, config: TelegramConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._tokens: dict[int, tuple[float, float]] = {}
        self._reported_at: float | None = None
        self._unreported = 0
        self.strangers = 0

    def judge(self, caller: Caller) -> Verdict:
        """Return whether the caller may speak; counts strangers."""
        role = self._role(caller)
        if role is None or caller.user_id is None:
            self.strangers += 1
            self._unreported += 1
            return Verdict.STRANGER
        if not caller.direct:
            return Verdict.IGNORED
        return Verdict.OWNER if role is Role.OWNER else Verdict.VIEWER

    def has_budget(self, user_id: int) -> bool:
        """Take one call of a person's budget; False when it is used up."""
        now = self._clock.monotonic()
        left, at = self._tokens.get(user_id, (CALLS_BURST, now))
        left = min(CALLS_BURST, left + (now - at) * CALLS_PER_MINUTE / 60.0)
        granted = left >= 1.0
        self._tokens[user_id] = (left - 1.0 if granted else left, now)
        return granted

    def stranger_report(self) -> int:
        """Return how many strangers' updates to tell the owner of, 0 within an hour of the last."""
        now = self._clock.monotonic()
        recent = self._reported_at is not None and now - self._reported_at < STRANGER_REPORT_S
        if recent or not self._unreported:
            return 0
        count, self._unreported = self._unreported, 0
        self._reported_at = now
        return count

    def _role(self, caller: Caller) -> Role | None:
        config = self._config
        if caller.chat_type != "private" or caller.chat_id is None:
            return None
        # A private chat has its user's id; anything else is no chat of theirs.
        if caller.chat_id != (config.chat_id or caller.user_id):
            return None
        if caller.user_id in config.owners:
            return Role.OWNER
        return Role.VIEWER if caller.user_id in config.viewers else None


def is_late(sent_ms: int, now_ms: int) -> bool:
    """Return whether a message is too old, or from too far in the future, to be obeyed."""
    age_s = (now_ms - sent_ms) / 1000
    return age_s > TOO_OLD_S or age_s < -IN_THE_FUTURE_S
