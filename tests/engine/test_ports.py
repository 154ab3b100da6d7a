import asyncio
from contextlib import suppress

from engine.ports import CALL_KIND, CallKind, calls_counted_as


def test_call_kind_when_a_block_ends_even_badly_is_what_it_was_before():
    with calls_counted_as(CallKind.SCHEDULED):
        with suppress(RuntimeError), calls_counted_as(CallKind.POSITION_GUARD):
            assert CALL_KIND.get() is CallKind.POSITION_GUARD
            raise RuntimeError
        assert CALL_KIND.get() is CallKind.SCHEDULED
    assert CALL_KIND.get() is None


async def test_call_kind_when_tasks_run_side_by_side_does_not_leak_between_them():
    async def call(kind: CallKind) -> CallKind | None:
        with calls_counted_as(kind):
            await asyncio.sleep(0)
            return CALL_KIND.get()

    kinds = [CallKind.SCHEDULED, CallKind.RECOVERY]

    assert await asyncio.gather(*(call(kind) for kind in kinds)) == kinds
