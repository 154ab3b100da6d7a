import asyncio

from engine.exchange.binance.counters import CallCounters
from engine.ports import CallKind, calls_counted_as


def test_count_when_nobody_names_it_is_startup_and_later_recovery() -> None:
    counters = CallCounters()
    counters.count("get v1/klines")
    counters.start_up_is_over()
    counters.count("get v1/klines")
    assert counters.by_kind == {
        "startup": 1,
        "scheduled": 0,
        "position_guard": 0,
        "recovery": 1,
    }
    assert counters.by_endpoint["get v1/klines"] == 2


def test_count_when_inside_a_block_has_its_kind_also_in_child_tasks() -> None:
    counters = CallCounters()

    async def call() -> None:
        counters.count("x")

    async def main() -> None:
        with calls_counted_as(CallKind.SCHEDULED):
            async with asyncio.TaskGroup() as group:
                group.create_task(call())
            with calls_counted_as(CallKind.POSITION_GUARD):
                await call()
            await call()
        await call()

    asyncio.run(main())
    assert counters.by_kind == {
        "startup": 1,
        "scheduled": 2,
        "position_guard": 1,
        "recovery": 0,
    }
