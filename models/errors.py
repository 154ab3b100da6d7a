"""Errors of research.

ResearchError
  TooLittleData         not enough rows for what was asked
"""

from engine.domain.errors import EngineError


class ResearchError(EngineError):
    """A data set or training that cannot be made, with the reason."""


class TooLittleData(ResearchError):  # noqa: N818 - named for what it is
    """Not enough rows for what was asked; says how many there are and how many it takes."""
