from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.ledger import Fact, Ledger
from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, dec

INFINITE = Decimal("Infinity")


def fact(at_s: float, kind: str, qty: object = 0, *, ref: int = 1, **changes: object) -> Fact:
    base = {"account": "a", "symbol": SYMBOL, "side": "BOTH"}
    return Fact(int(at_s * 1000), kind=kind, ref=ref, qty=dec(qty), **{**base, **changes})  # type: ignore[arg-type]


def ledger(*facts: Fact) -> Ledger:
    book = Ledger()
    for each in facts:
        book.append(each)
    return book


def longest(book: Ledger, until_s: float) -> float:
    return book.naked_seconds(int(until_s * 1000))[SYMBOL].longest_s


def test_naked_time_when_the_stop_comes_later_is_the_gap() -> None:
    book = ledger(fact(10, "fill", 2), fact(11.5, "stop_confirmed", -2))
    assert longest(book, 100) == 1.5


def test_naked_time_when_the_stop_is_too_small_goes_on() -> None:
    book = ledger(
        fact(10, "fill", 2),
        fact(11, "stop_confirmed", -1),
        fact(14, "stop_confirmed", -1, ref=2),
    )
    assert longest(book, 100) == 4


def test_naked_time_when_the_stop_is_on_the_wrong_side_is_not_covered() -> None:
    book = ledger(fact(10, "fill", 2), fact(11, "stop_confirmed", 2))
    assert longest(book, 20) == 10


def test_naked_time_when_a_close_position_stop_stands_is_covered_whole() -> None:
    book = ledger(fact(10, "fill", -5), fact(12, "stop_confirmed", INFINITE), fact(20, "fill", -5))
    assert longest(book, 100) == 2


def test_naked_time_when_the_stop_is_cancelled_starts_again() -> None:
    book = ledger(
        fact(10, "fill", 2),
        fact(11, "stop_confirmed", -2),
        fact(20, "stop_gone"),
        fact(23, "stop_confirmed", -2, ref=2),
    )
    naked = book.naked_seconds(100_000)[SYMBOL]
    assert (naked.total_s, naked.longest_s) == (4, 3)


def test_naked_time_when_replaced_before_cancelling_has_no_gap() -> None:
    book = ledger(
        fact(10, "stop_confirmed", -2),
        fact(10, "fill", 2),
        fact(20, "stop_confirmed", -2, ref=2),
        fact(21, "stop_gone"),
    )
    assert longest(book, 100) == 0


def test_naked_time_when_the_position_closes_ends() -> None:
    book = ledger(fact(10, "fill", 2), fact(13, "fill", -2))
    assert longest(book, 100) == 3


def test_naked_time_when_still_open_is_counted_to_the_end() -> None:
    assert longest(ledger(fact(10, "fill", 2)), 17) == 7


def test_naked_time_when_accounts_and_symbols_differ_is_kept_apart() -> None:
    book = ledger(
        fact(10, "fill", 2),
        fact(10, "fill", 2, symbol=OTHER, account="b"),
        fact(12, "fill", -2),
    )
    assert book.naked_seconds(20_000)[OTHER].longest_s == 10
    assert set(book.naked_seconds(20_000, "a")) == {SYMBOL}
    assert book.summary(20_000)["longest_naked_s"] == 10
    assert book.summary(20_000, "a")["longest_naked_s"] == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["fill", "stop_confirmed", "stop_gone"]),
            st.integers(-5, 5),
            st.integers(1, 3),
        ),
        max_size=40,
    )
)
def test_exposures_when_any_history_is_replayed_stay_within_the_position(
    steps: list[tuple[str, int, int]],
) -> None:
    facts = [fact(n, kind, qty, ref=ref) for n, (kind, qty, ref) in enumerate(steps)]
    held = Decimal(0)
    for given_fact, after in zip(facts, ledger(*facts).exposures(), strict=True):
        held += given_fact.qty if given_fact.kind == "fill" else 0
        assert after.position_qty == held
        assert 0 <= after.protected_qty <= abs(held)
        assert after.naked_qty == abs(held) - after.protected_qty


def test_summary_when_incomes_are_booked_sums_them_by_type() -> None:
    book = ledger(
        fact(1, "order_placed", 1, label="mine"),
        fact(1, "order_placed", 1, label="autoclose-5"),
        fact(1, "income", "1.5", label="REALIZED_PNL"),
        fact(1, "income", "-0.25", label="COMMISSION"),
        fact(2, "income", "-0.25", label="COMMISSION"),
        fact(2, "income", "0.1", label="FUNDING_FEE"),
    )
    summary = book.summary()
    assert summary["until_ms"] == 2000
    assert (summary["orders"], summary["liquidations"], summary["fills"]) == (2, 1, 0)
    assert (summary["realised_pnl"], summary["commission"]) == ("1.5", "-0.5")
    assert (summary["funding"], summary["net"]) == ("0.1", "1.1")
    assert summary["longest_naked_s"] == 0


def test_summary_when_nothing_happened_is_all_zero() -> None:
    summary = Ledger().summary()
    assert summary["net"] == "0"
    assert summary["naked_s"] == {}


def test_facts_when_read_cannot_change_the_history() -> None:
    book = ledger(fact(1, "fill", 1))
    assert isinstance(book.facts, tuple)
    with pytest.raises(AttributeError):
        book.facts[0].qty = dec(2)  # type: ignore[misc]
