"""Errors of a download.

DownloadError
  SourceUnreachable   the network or the server failed; the same request may work later
  DumpRefused         the server answered, and what it sent cannot be used
"""

from engine.domain.errors import EngineError


class DownloadError(EngineError):
    """History that could not be had, with the reason."""


class SourceUnreachable(DownloadError):  # noqa: N818 - named for what it is
    """The network or the server failed; the same request may work later."""


class DumpRefused(DownloadError):  # noqa: N818
    """The server answered, and what it sent cannot be used."""
