"""Payloads of buttons: plain words for what is harmless, one-time tokens for what is not.

A token is 128 random bits. It is bound to the person, to the command with its arguments and to
the state that person was shown; it lives 60 s of wall time and works once.
"""

import base64
import random
from collections.abc import Hashable
from dataclasses import dataclass

from bot.language import _
from engine.domain.commands import Command
from engine.ports import Clock

LIFETIME_S = 60.0
MAX_DATA_BYTES = 64
_MAX_OPEN = 200
_TOKEN_BYTES = 16
_MARK = "!"


class StaleButton(Exception):  # noqa: N818 - it is no error of the program
    """A confirmation that must not be carried out; the text says why, for the person."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a token stands for.

    `command` is carried out with the id of the press, unless `step` names a further question.
    `shown` is the state the person was shown.
    """

    command: Command
    shown: Hashable
    step: str = ""


@dataclass(frozen=True, slots=True)
class _Open:
    user_id: int
    expires_s: float
    confirmation: Confirmation


class Nonces:
    """The open questions. In memory on purpose: a restart makes every old button old."""

    def __init__(self, rng: random.Random, clock: Clock) -> None:
        """Args: rng: `random.SystemRandom()` in production; clock: for expiry in wall time."""
        self._rng = rng
        self._clock = clock
        self._open: dict[str, _Open] = {}

    def issue(self, user_id: int, confirmation: Confirmation) -> str:
        """Return the callback data of a new one-time button."""
        self._forget_expired()
        raw = self._rng.getrandbits(8 * _TOKEN_BYTES).to_bytes(_TOKEN_BYTES, "big")
        token = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        expires_s = self._clock.monotonic() + LIFETIME_S
        self._open[token] = _Open(user_id, expires_s, confirmation)
        return _MARK + token

    def burn(self, data: str, user_id: int) -> Confirmation:
        """Return what the button stands for; it works no second time.

        Raises:
            StaleButton: unknown, used, expired, or shown to somebody else.
        """
        token = data.removeprefix(_MARK)
        question = self._open.get(token)
        if question is None or question.user_id != user_id:
            raise StaleButton(_("This button is old or was used. Ask again with the command."))
        del self._open[token]
        if self._clock.monotonic() > question.expires_s:
            raise StaleButton(_("This button is older than 60 s. Ask again with the command."))
        return question.confirmation

    def withdraw(self, data: str, user_id: int) -> None:
        """Forget a question that was answered with no."""
        token = data.removeprefix(_MARK)
        question = self._open.get(token)
        if question is not None and question.user_id == user_id:
            del self._open[token]

    def _forget_expired(self) -> None:
        now = self._clock.monotonic()
        self._open = {t: q for t, q in self._open.items() if now <= q.expires_s}
        while len(self._open) >= _MAX_OPEN:
            del self._open[next(iter(self._open))]


def is_token(data: str) -> bool:
    """Return whether callback data is a one-time token."""
    return data.startswith(_MARK)


def pack(action: str, *args: str) -> str | None:
    """Return callback data of a harmless button, None when it does not fit into 64 bytes."""
    data = ":".join((action, *args))
    return data if len(data.encode()) <= MAX_DATA_BYTES else None


def unpack(data: str) -> tuple[str, tuple[str, ...]]:
    """Return the action and its arguments; both may be anything, the data came from outside."""
    action, *args = data.split(":")
    return action, tuple(args)
