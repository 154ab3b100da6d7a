"""Grouped results."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.position import ClosedTrade, ExitReason
from engine.domain.setup import Direction
from storage.pnl import Grouping, pnl_groups, score_bucket
from tests.storage import samples

LOSS = samples.closed(
    "k2", gross=Decimal("-50.00"), reason=ExitReason.STOP, direction=Direction.SHORT, score=None
)


def test_groups_when_no_trade_is_given_are_none() -> None:
    assert pnl_groups([], Grouping.ALL) == ()


def test_group_when_all_trades_are_taken_sums_exactly() -> None:
    (group,) = pnl_groups([samples.closed(), LOSS], Grouping.ALL)
    assert (group.trades, group.wins) == (2, 1)
    assert group.gross == Decimal("45.10")
    assert group.net == Decimal("45.10") - Decimal("10.10") - Decimal("0.10")
    assert group.net_rs == (1.8, -1.102)
    assert group.mean_r == pytest.approx(0.349)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (Grouping.SYMBOL, ["BTCUSDT"]),
        (Grouping.REASON, ["stop", "target"]),
        (Grouping.SCORE, ["0.40-0.45", "unscored"]),
        (Grouping.DIRECTION, ["long", "short"]),
        (Grouping.DAY, ["1749945600000"]),
    ],
)
def test_groups_when_grouped_have_sorted_keys(by: Grouping, keys: list[str]) -> None:
    assert [group.key for group in pnl_groups([LOSS, samples.closed()], by)] == keys


@given(st.lists(st.decimals(-1000, 1000, places=8), max_size=20))
def test_groups_when_split_any_way_sum_to_the_whole(results: list[Decimal]) -> None:
    trades: list[ClosedTrade] = [
        samples.closed(f"k{n}", gross=gross, score=abs(float(gross)) / 1001)
        for n, gross in enumerate(results)
    ]
    whole = sum((trade.net for trade in trades), Decimal(0))
    for by in Grouping:
        groups = pnl_groups(trades, by)
        assert sum((group.net for group in groups), Decimal(0)) == whole
        assert sum(group.trades for group in groups) == len(trades)


@pytest.mark.parametrize(
    ("score", "bucket"), [(0.0, "0.00-0.05"), (0.499, "0.45-0.50"), (1.0, "0.95-1.00")]
)
def test_score_bucket_when_at_the_edges_stays_inside(score: float, bucket: str) -> None:
    assert score_bucket(score) == bucket
