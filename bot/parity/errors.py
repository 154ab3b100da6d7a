"""What stops a comparison."""

from engine.domain.errors import EngineError


class ParityError(EngineError):
    """Journal and candles cannot be compared; the text says what is missing and what to do."""
