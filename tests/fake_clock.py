"""A clock that stands still until a test moves it."""

from engine.domain.events import Instant

START_MS = 1_750_000_020_000  # a whole minute


class FakeClock:
    """Implements `engine.ports.Clock`; `advance` moves all its faces together."""

    def __init__(self, exchange_ms: int = START_MS, speed: float = 1.0) -> None:
        self._exchange_ms = float(exchange_ms)
        self._monotonic = 1_000.0
        self.speed = speed

    def advance(self, wall_s: float) -> None:
        self._monotonic += wall_s
        self._exchange_ms += wall_s * 1000 * self.speed

    def exchange_ms(self) -> int:
        return int(self._exchange_ms)

    def wall_ms(self) -> int:
        return int(self._exchange_ms)

    def monotonic(self) -> float:
        return self._monotonic

    def instant(self) -> Instant:
        return Instant(self.exchange_ms(), self.monotonic())
