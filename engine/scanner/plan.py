"""How symbols are spread over connections."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """The symbols of one connection."""

    name: str
    symbols: tuple[str, ...]

    @property
    def streams(self) -> tuple[str, ...]:
        """Stream names of the connection; the venue wants them in lower case."""
        return tuple(f"{symbol.lower()}@kline_1m" for symbol in self.symbols)


def plan_shards(symbols: Sequence[str], per_shard: int) -> tuple[ShardPlan, ...]:
    """Spread symbols evenly over as few connections of at most `per_shard` as possible.

    Symbols arrive most traded first and are dealt out like cards, so that no connection carries
    all the busy ones.

    Raises:
        ValueError: `per_shard` is below 1.
    """
    if per_shard < 1:
        raise ValueError(f"symbols per shard was {per_shard}, must be at least 1")
    count = -(-len(symbols) // per_shard)
    return tuple(ShardPlan(f"shard-{i + 1}", tuple(symbols[i::count])) for i in range(count))
