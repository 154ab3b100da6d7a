import pytest

from engine.domain.errors import VenueBusy, VenueRejected
from engine.exchange.binance.classify import RateLimited, TooManyOrders
from engine.exchange.binance.limits import ORDER, RateBudget
from engine.exchange.binance.refusals import heeded
from tests.engine.exchange.binance.virtual import START_MS, loop_clock, run_virtual


def test_heeded_when_rate_limited_pauses_and_tells_for_how_long() -> None:
    async def main() -> tuple[float, float]:
        budget = RateBudget(loop_clock())
        error = RateLimited("429", 42.0, banned=False)
        assert heeded(error, budget, START_MS, 1.0) is error
        return budget.quiet_for_s, error.retry_after_s

    assert run_virtual(main) == (42.0, 42.0)


def test_heeded_when_banned_silences_orders_until_the_named_end() -> None:
    async def main() -> float:
        budget = RateBudget(loop_clock(speed=20.0))
        error = RateLimited(f"banned until {START_MS + 2_000_000}", 5.0, banned=True)
        heeded(error, budget, START_MS, 20.0)
        with pytest.raises(VenueBusy) as caught:
            await budget.acquire(0, ORDER, orders=1)
        return caught.value.retry_after_s

    assert run_virtual(main) == pytest.approx(100.0)


def test_heeded_when_orders_are_limited_holds_orders_but_not_reads() -> None:
    async def main() -> float:
        budget = RateBudget(loop_clock())
        heeded(TooManyOrders("-1015", 10.0), budget, START_MS, 1.0)
        with pytest.raises(VenueBusy):
            await budget.acquire(0, ORDER, orders=1)
        return budget.quiet_for_s

    assert run_virtual(main) == 0.0


def test_heeded_when_anything_else_changes_nothing() -> None:
    async def main() -> float:
        budget = RateBudget(loop_clock())
        heeded(VenueRejected(-2019, "margin"), budget, START_MS, 1.0)
        await budget.acquire(0, ORDER, orders=1)
        return budget.quiet_for_s

    assert run_virtual(main) == 0.0
