"""Figures of a comparison."""

from decimal import Decimal

import pytest

from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from tests.bot.notice_kit import closed_trade
from tests.bot.parity.kit import matched, one_sided, parity, trades


@pytest.mark.parametrize(
    ("direction", "paid", "bps"),
    [(Direction.LONG, "100.1", 10.0), (Direction.SHORT, "100.1", -10.0)],
)
def test_entry_when_it_was_worse_than_the_replays_is_positive(direction, paid, bps):
    pair = trades(
        live=closed_trade(direction=direction, entry_price=Decimal(paid)),
        replay=closed_trade(direction=direction, entry_price=Decimal(100)),
    )

    assert pair.entry_bps == pytest.approx(bps)


def test_result_when_both_traded_is_the_difference_in_r():
    pair = trades(live=closed_trade(gross=Decimal(30)), replay=closed_trade(gross=Decimal(10)))

    assert pair.r_difference == pytest.approx(20 / float(closed_trade().risk))
    assert pair.same_reason
    other = trades(replay=closed_trade(reason=ExitReason.TIME), live=closed_trade())
    assert not other.same_reason


def test_pair_when_one_side_did_not_trade_has_no_differences():
    pair = trades(replay=None)

    assert (pair.entry_bps, pair.r_difference, pair.same_reason) == (None, None, False)


@pytest.mark.parametrize(
    ("fields", "equal"),
    [
        ({}, True),
        ({"matched": ()}, True),
        ({"missed": (one_sided(),)}, False),
        ({"extra": (one_sided(),)}, False),
        ({"excused": (one_sided(),)}, True),
        ({"excused": (one_sided(),), "matched": ()}, False),
        ({"setups_equal": 2}, False),
        ({"setups_equal": 2, "exact": False}, True),
        ({"matched": (matched(score=0.6 + 1e-12),)}, False),
        ({"matched": (matched(score=0.6 + 1e-12),), "exact": False}, True),
        ({"matched": (matched(score=float("nan")),)}, False),
    ],
)
def test_verdict_when_anything_differs_or_nothing_was_compared_is_not_equal(fields, equal):
    assert parity(**fields).is_equal is equal


def test_medians_when_trades_exist_are_over_those_on_both_sides():
    found = parity(
        matched=(
            matched(score=0.7, trades=trades(live=closed_trade(gross=Decimal(30)))),
            matched(trades=trades(live=None)),
        )
    )

    assert len(found.traded) == 1
    assert found.median_entry_bps == 0.0
    assert found.median_r_difference is not None
    assert found.largest_score_difference == pytest.approx(0.1)
    bare = parity(matched=())
    assert (bare.median_entry_bps, bare.median_r_difference) == (None, None)
    assert bare.largest_score_difference == 0.0
