"""How many REST calls were made, by what they were for."""

from collections import Counter

from engine.ports import CALL_KIND, CallKind


class CallCounters:
    """Counts REST calls by kind and by endpoint; `calls_counted_as` of the ports sets the kind."""

    def __init__(self) -> None:
        self._by_kind: Counter[CallKind] = Counter()
        self.by_endpoint: Counter[str] = Counter()
        self._otherwise = CallKind.STARTUP

    def start_up_is_over(self) -> None:
        """Count what nobody named as recovery from now on."""
        self._otherwise = CallKind.RECOVERY

    def count(self, endpoint: str) -> None:
        """Count one call."""
        self._by_kind[CALL_KIND.get() or self._otherwise] += 1
        self.by_endpoint[endpoint] += 1

    @property
    def by_kind(self) -> dict[str, int]:
        """Calls of every kind, 0 included, in a fixed order."""
        return {kind.value: self._by_kind[kind] for kind in CallKind}
