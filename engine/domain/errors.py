"""Errors of the engine.

EngineError
  MalformedMessage        a frame or reply that does not have the documented shape
  InvalidCandles          a candle file or series that breaks its contract
  VenueError
    VenueUnreachable      the network failed before the request can have had an effect
    VenueBusy             refused by limits or overload, definitely not executed; retry later
    OutcomeUnknown        the request may or may not have been executed
    VenueRejected         positive evidence that the venue refused the request
      CredentialsRefused  key, signature, IP or permission: nothing will work until it is mended
  JournalError            the database could not store what must be stored
    InstanceConflict      another running instance holds the database
  ScorerError             a model that cannot be used
"""


class EngineError(Exception):
    """Root of everything the engine raises on purpose."""


class MalformedMessage(EngineError):  # noqa: N818 - named for what it is, as the glossary does
    """A frame or reply that does not have the documented shape."""


class InvalidCandles(EngineError):  # noqa: N818
    """A candle file or series that breaks its contract."""


class VenueError(EngineError):
    """Something between us and the venue went wrong."""


class VenueUnreachable(VenueError):  # noqa: N818
    """The network failed before the request can have had an effect."""


class VenueBusy(VenueError):  # noqa: N818
    """Refused by limits or overload, definitely not executed.

    Attributes:
        retry_after_s: wall seconds to wait before the next request.
    """

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class OutcomeUnknown(VenueError):  # noqa: N818
    """The request may or may not have been executed; never resend an entry on it."""


class VenueRejected(VenueError):  # noqa: N818
    """Positive evidence that the venue refused the request.

    Attributes:
        code: the venue's error code, e.g. -2019.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class CredentialsRefused(VenueRejected):
    """Key, signature, IP or permission was refused."""


class JournalError(EngineError):
    """The database could not store what must be stored."""


class InstanceConflict(JournalError):  # noqa: N818
    """Another running instance holds the database."""


class ScorerError(EngineError):
    """A model that cannot be used, with the reason."""
