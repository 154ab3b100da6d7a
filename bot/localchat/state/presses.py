"""Buttons the operator pressed and the bot has not answered yet."""

from __future__ import annotations

from typing import Final

MAX_OPEN: Final = 200
ANSWER_WITHIN_S: Final = 30.0


class OpenPresses:
    """Callback queries by id; one is answered at most once and within 30 s.

    Telegram documents no figure for "query is too old"; half a minute is on the strict side of
    what is seen in practice, so that a bot that answers late is found out.
    """

    def __init__(self, *, first_id: int = 1) -> None:
        self._next_id = first_id
        self._asked_at: dict[str, float] = {}

    def open(self, now: float) -> str:
        """A new query id; `now` is monotonic seconds."""
        query_id = str(self._next_id)
        self._next_id += 1
        self._asked_at[query_id] = now
        if len(self._asked_at) > MAX_OPEN:
            self._asked_at.pop(next(iter(self._asked_at)))
        return query_id

    def close(self, query_id: str, now: float) -> bool:
        """Whether the query was open and young enough; it is closed in any case."""
        asked_at = self._asked_at.pop(query_id, None)
        return asked_at is not None and now - asked_at <= ANSWER_WITHIN_S
