"""Structured logs with every secret taken out of records and tracebacks."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

_HIDDEN = "***"
_CHATTY = (
    "httpx",
    "httpcore",
    "telegram",
    "apscheduler",
    "aiohttp.access",
    "alembic",
    "websockets",
)
# Bot tokens appear inside request URLs that HTTP libraries put into exception texts.
_BOT_TOKEN = re.compile(r"\d{3,12}:[A-Za-z0-9_-]{20,}")
_QUERY_SECRET = re.compile(r"(?i)(signature|listenKey|token|secret)=[^&\s\"']+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Redactor:
    """Replaces known secrets and secret-looking texts in anything that is logged."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted((s for s in secrets if len(s) >= 6), key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return `text` without secrets and without control or direction characters."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        text = _BOT_TOKEN.sub(_HIDDEN, text)
        text = _QUERY_SECRET.sub(lambda match: f"{match.group(1)}={_HIDDEN}", text)
        return _CONTROL.sub(" ", text)

    def __call__(
        self,
        _logger: object,
        _method: str,
        event: MutableMapping[str, Any],
    ) -> Mapping[str, Any]:
        """Clean every value of a structlog event."""
        return {key: self._clean_value(value) for key, value in event.items()}

    def _clean_value(self, value: Any) -> Any:  # noqa: ANN401 - log values are anything
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, int | float | bool | None):
            return value
        return self.clean(str(value))


def configure_logging(
    *, secrets: Iterable[str], as_json: bool, level: str, stream: TextIO | None = None
) -> None:
    """Set up structlog and the standard library's logging once, at the composition root.

    Args:
        secrets: texts that must never appear.
        as_json: one JSON object a line, for hosted platforms; otherwise readable lines.
        level: lowest level shown, e.g. "INFO".
        stream: where to write, standard error by default.
    """
    redactor = Redactor(secrets)
    renderer: Any = structlog.processors.JSONRenderer() if as_json else _console(stream)
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redactor,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:-1],
            redactor,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These write a line for each request, with the token in the URL, or for each plug-in.
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _console(stream: TextIO | None) -> structlog.dev.ConsoleRenderer:
    colours = (stream or sys.stderr).isatty()
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=_plain_traceback)


def _plain_traceback(stream: TextIO, exc_info: Any) -> None:  # noqa: ANN401
    structlog.dev.plain_traceback(stream, exc_info)
