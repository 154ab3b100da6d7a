"""Errors of a download.

DownloadError
  SourceUnreachable   the network or the server failed; the same request may work later
  RequestRefused      the server refused the request itself; the same one will not work
  DumpRefused         the server answered, and what it sent cannot be used
"""

from engine.domain.errors import EngineError


class DownloadError(EngineError):
    """History that could not be had, with the reason."""


class SourceUnreachable(DownloadError):  # noqa: N818 - named for what it is
    """The network or the server failed; the same request may work later."""


class RequestRefused(DownloadError):  # noqa: N818
    """The server refused the request itself; the same one will not work.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class DumpRefused(DownloadError):  # noqa: N818
    """The server answered, and what it sent cannot be used."""
