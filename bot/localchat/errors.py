"""Errors of the local chat: one root, and the two kinds a peer can be told about."""

from __future__ import annotations


class LocalChatError(Exception):
    """Root of everything the local chat raises on purpose."""


class BotApiError(LocalChatError):
    """A Bot API request was refused; becomes `{"ok": false, ...}` on the wire.

    Attributes:
        code: HTTP status and `error_code` of the answer.
        description: Telegram's text, prefix included (`Bad Request: ...`).
        retry_after: whole seconds to wait, only with 429.
    """

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class OperatorRequestError(LocalChatError):
    """A request on the operator's side was wrong; becomes `{"error": ...}` with `status`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def bad_request(reason: str) -> BotApiError:
    """Telegram's 400 with its usual prefix."""
    return BotApiError(400, f"Bad Request: {reason}")


def too_many_requests(retry_after: int) -> BotApiError:
    """Telegram's 429; `retry_after` in whole seconds."""
    return BotApiError(
        429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after
    )


def conflict() -> BotApiError:
    """Telegram's 409 for the older of two pollers."""
    return BotApiError(
        409,
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    )
