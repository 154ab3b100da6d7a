import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.errors import VenueBusy
from engine.exchange.binance.limits import ACCOUNT, MARKET, ORDER, Limits, RateBudget
from tests.engine.exchange.binance.virtual import loop_clock, run_virtual

SMALL = Limits(weight_per_minute=100, orders_per_ten_s=10, orders_per_minute=20)


def test_acquire_when_budget_is_free_does_not_wait() -> None:
    async def main() -> tuple[float, float]:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        await budget.acquire(70, MARKET)
        return clock.monotonic(), budget.used_ratio

    assert run_virtual(main) == (0.0, 0.7)


def test_acquire_when_share_is_used_waits_until_the_minute_has_passed() -> None:
    async def main() -> float:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        await budget.acquire(60, MARKET)
        await asyncio.sleep(10)
        await budget.acquire(10, MARKET)
        await budget.acquire(20, MARKET)
        return clock.monotonic()

    assert run_virtual(main) == pytest.approx(60.0)


def test_acquire_when_market_data_used_its_share_leaves_room_for_orders() -> None:
    async def main() -> float:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        await budget.acquire(70, MARKET)
        await budget.acquire(15, ACCOUNT)
        await budget.acquire(10, ORDER, orders=1)
        return clock.monotonic()

    assert run_virtual(main) == 0.0


def test_acquire_when_patience_is_short_says_busy_and_charges_nothing() -> None:
    async def main() -> tuple[float, float, float]:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        await budget.acquire(95, ORDER)
        with pytest.raises(VenueBusy) as caught:
            await budget.acquire(1, ORDER)
        return clock.monotonic(), budget.used_ratio, caught.value.retry_after_s

    assert run_virtual(main) == (0.0, 0.95, 60.0)


def test_acquire_when_too_many_orders_says_busy() -> None:
    async def main() -> None:
        budget = RateBudget(loop_clock(), SMALL)
        for _ in range(7):  # 70 % of 10
            await budget.acquire(0, ORDER, orders=1)
        with pytest.raises(VenueBusy):
            await budget.acquire(0, ORDER, orders=1)

    run_virtual(main)


def test_acquire_when_weightless_never_waits_for_weight() -> None:
    async def main() -> float:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        budget.told_weight(100)
        await budget.acquire(0, ORDER, orders=1)
        return clock.monotonic()

    assert run_virtual(main) == 0.0


def test_told_weight_when_others_share_our_address_counts_them_once() -> None:
    async def main() -> tuple[float, float, float]:
        budget = RateBudget(loop_clock(), SMALL)
        await budget.acquire(10, MARKET)
        budget.told_weight(50)
        first = budget.used_ratio
        budget.told_weight(50)
        budget.told_weight(5)  # the venue's minute began anew; ours is the last 60 s
        second = budget.used_ratio
        await asyncio.sleep(61)
        return first, second, budget.used_ratio

    assert run_virtual(main) == (0.5, 0.5, 0.0)


def test_told_orders_when_the_venue_counts_more_holds_back() -> None:
    async def main() -> None:
        budget = RateBudget(loop_clock(), SMALL)
        budget.told_orders(ten_s=7)
        with pytest.raises(VenueBusy):
            await budget.acquire(0, ORDER, orders=1)
        budget.told_orders(minute=14)
        with pytest.raises(VenueBusy):
            await budget.acquire(0, ORDER, orders=1)

    run_virtual(main)


def test_refused_when_banned_sends_nothing_before_the_end() -> None:
    async def main() -> float:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        budget.refused(600.0, banned=True)
        for need in (ORDER, ACCOUNT, MARKET):
            with pytest.raises(VenueBusy) as caught:
                await budget.acquire(1, need)
            assert caught.value.retry_after_s == pytest.approx(600.0)
        await asyncio.sleep(601)
        await budget.acquire(1, ORDER)
        return budget.quiet_for_s

    assert run_virtual(main) == 0.0


def test_refused_when_not_banned_lets_orders_go_on_after_a_second() -> None:
    async def main() -> None:
        budget = RateBudget(loop_clock(), SMALL)
        budget.refused(30.0, banned=False)
        with pytest.raises(VenueBusy):
            await budget.acquire(0, ORDER, orders=1)
        await asyncio.sleep(1.0)
        await budget.acquire(0, ORDER, orders=1)
        with pytest.raises(VenueBusy):
            await budget.acquire(1, ACCOUNT)

    run_virtual(main)


def test_orders_refused_when_told_holds_orders_for_the_short_window_only() -> None:
    async def main() -> None:
        budget = RateBudget(loop_clock(), SMALL)
        budget.orders_refused()
        await budget.acquire(1, ORDER)  # a cancel counts no order
        with pytest.raises(VenueBusy):
            await budget.acquire(0, ORDER, orders=1)
        await asyncio.sleep(10.0)
        await budget.acquire(0, ORDER, orders=1)

    run_virtual(main)


def test_refused_when_repeated_doubles_the_pause_until_a_success() -> None:
    async def main() -> list[float]:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        pauses = []
        for _ in range(5):
            budget.refused(1.0, banned=False)
            pauses.append(budget.quiet_for_s)
            await asyncio.sleep(budget.quiet_for_s)
        budget.relax()
        budget.refused(1.0, banned=False)
        return [*pauses, budget.quiet_for_s]

    assert run_virtual(main) == pytest.approx([10.0, 20.0, 40.0, 60.0, 60.0, 10.0])


def test_refused_when_a_shorter_pause_follows_keeps_the_longer() -> None:
    async def main() -> float:
        budget = RateBudget(loop_clock(), SMALL)
        budget.refused(600.0, banned=True)
        budget.refused(1.0, banned=False)
        return budget.quiet_for_s

    assert run_virtual(main) == pytest.approx(600.0)


def test_acquire_when_one_request_exceeds_its_share_goes_through_alone() -> None:
    async def main() -> float:
        clock = loop_clock()
        await RateBudget(clock, SMALL).acquire(90, MARKET)
        return clock.monotonic()

    assert run_virtual(main) == 0.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0, 20)), min_size=1, max_size=40))
def test_acquire_when_any_load_never_exceeds_the_share_in_any_minute(
    load: list[tuple[int, float]],
) -> None:
    async def main() -> list[tuple[float, int]]:
        clock = loop_clock()
        budget = RateBudget(clock, SMALL)
        sent: list[tuple[float, int]] = []
        for weight, pause in load:
            await budget.acquire(weight, MARKET)
            sent.append((clock.monotonic(), weight))
            await asyncio.sleep(pause)
        return sent

    sent = run_virtual(main)
    for at, _ in sent:
        assert sum(weight for when, weight in sent if at <= when < at + 60 - 1e-6) <= 70
