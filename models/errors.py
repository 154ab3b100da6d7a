"""Errors of research.

ResearchError
  TooLittleData         not enough rows for what was asked
  WorkersUnreachable    nobody there to do the work: wrong address, nothing answers, gone midway
  WorkerLost            a piece of work that ends every worker that tries it
"""

from engine.domain.errors import EngineError


class ResearchError(EngineError):
    """A data set or training that cannot be made, with the reason."""


class TooLittleData(ResearchError):  # noqa: N818 - named for what it is
    """Not enough rows for what was asked; says how many there are and how many it takes."""


class WorkersUnreachable(ResearchError):  # noqa: N818
    """Nobody is there to do the work; says who was asked for."""


class WorkerLost(ResearchError):  # noqa: N818
    """A piece of work ended every worker that tried it; names the piece."""
