"""The messages of the chat, bounded, with a revision counter that lets a reader catch up."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from bot.localchat.clock import ChatClock
from bot.localchat.content.messages import ChatMessage, Draft

MAX_MESSAGES: Final = 2000
MAX_NOTES: Final = 500


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader must hear of that is not a message: a deletion, a button's answer."""

    revision: int
    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after a revision.

    Attributes:
        revision: ask with this next time.
        reset: the reader's picture is too old or of another run; `messages` is everything.
        messages: new and changed ones in id order, in their present state.
        notes: in order; empty after a reset.
    """

    revision: int
    reset: bool
    messages: tuple[ChatMessage, ...]
    notes: tuple[Note, ...]


class ChatStore:
    """Owns the messages; every change raises `revision` by one and wakes the waiting readers.

    Message ids start at `first_id`: a bot keeps ids over a restart, and an edit meant for a
    message of the previous run must not hit a message of this one.
    """

    def __init__(
        self, clock: ChatClock, *, first_id: int = 1, capacity: int = MAX_MESSAGES
    ) -> None:
        self._clock = clock
        self._next_id = first_id
        self._capacity = capacity
        self._messages: dict[int, ChatMessage] = {}
        self._notes: deque[Note] = deque(maxlen=MAX_NOTES)
        self._forgotten_notes = 0
        self._changed = asyncio.Event()
        self.revision = 0
        self.pinned_id: int | None = None

    def get(self, message_id: int) -> ChatMessage | None:
        """The message, or None when it never was, was deleted or is no longer kept."""
        return self._messages.get(message_id)

    def after(self, message_id: int) -> list[ChatMessage]:
        """Messages with a higher id, in order."""
        return [m for m in self._messages.values() if m.message_id > message_id]

    def add(self, draft: Draft, *, sent_ms: int | None = None) -> ChatMessage:
        """Append a message; the oldest one leaves when the store is full."""
        message = ChatMessage(
            message_id=self._next_id,
            revision=self._advance(),
            sent_ms=self._clock.wall_ms() if sent_ms is None else sent_ms,
            sender=draft.sender,
            body=draft.body,
            file=draft.file,
            keyboard=draft.keyboard,
            reply_to=draft.reply_to,
            album=draft.album,
            silent=draft.silent,
        )
        self._next_id += 1
        self._messages[message.message_id] = message
        if len(self._messages) > self._capacity:
            self._forget(next(iter(self._messages)))
        return message

    def edit(self, changed: ChatMessage) -> ChatMessage:
        """Put a changed message in place of the one with its id, marked as edited now."""
        stored = replace(changed, revision=self._advance(), edited_ms=self._clock.wall_ms())
        self._messages[stored.message_id] = stored
        return stored

    def delete(self, message_id: int) -> None:
        """Remove a message and tell the readers."""
        self._forget(message_id)
        self.note("deleted", message_id)

    def pin(self, message_id: int | None) -> None:
        """Pin one message, or none."""
        self.pinned_id = message_id
        self.note("pinned", message_id)

    def note(self, kind: str, value: object) -> None:
        """Tell the readers something that is not a message."""
        if len(self._notes) == MAX_NOTES:
            self._forgotten_notes = self._notes[0].revision
        self._notes.append(Note(self._advance(), kind, value))

    def changes_since(self, revision: int) -> Changes:
        """Everything after `revision`, or everything there is when that cannot be told."""
        reset = not 0 < revision <= self.revision or revision < self._forgotten_notes
        floor = -1 if reset else revision
        return Changes(
            revision=self.revision,
            reset=reset,
            messages=tuple(m for m in self._messages.values() if m.revision > floor),
            notes=() if reset else tuple(n for n in self._notes if n.revision > revision),
        )

    async def wait_beyond(self, revision: int, seconds: float) -> None:
        """Return when something happened after `revision`, or after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while self.revision <= revision:
                    await self._changed.wait()
        except TimeoutError:
            return

    def wake(self) -> None:
        """End every wait now: the server is closing."""
        self._advance()

    def _advance(self) -> int:
        self.revision += 1
        self._changed.set()
        self._changed.clear()
        return self.revision

    def _forget(self, message_id: int) -> None:
        self._messages.pop(message_id, None)
        if self.pinned_id == message_id:
            self.pinned_id = None
