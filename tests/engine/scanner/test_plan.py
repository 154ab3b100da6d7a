import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scanner.plan import plan_shards


@given(st.integers(0, 700), st.integers(1, 200))
def test_plan_when_dealt_covers_each_symbol_once_within_the_limit(count, per_shard):
    symbols = [f"S{i}USDT" for i in range(count)]

    shards = plan_shards(symbols, per_shard)

    dealt = [symbol for shard in shards for symbol in shard.symbols]
    sizes = [len(shard.symbols) for shard in shards]
    assert sorted(dealt) == sorted(symbols)
    assert all(size <= per_shard for size in sizes)
    assert len(shards) == -(-count // per_shard)
    assert not sizes or max(sizes) - min(sizes) <= 1


def test_plan_when_named_spells_streams_in_lower_case():
    (shard,) = plan_shards(["BTCUSDT"], 50)

    assert shard.streams == ("btcusdt@kline_1m",)


def test_plan_when_limit_is_not_positive_refuses():
    with pytest.raises(ValueError, match="was 0"):
        plan_shards(["A"], 0)
