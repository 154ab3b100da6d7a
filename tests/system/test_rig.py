"""The rig itself: a healthy day, and proof that its judge convicts."""

from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, rig, until


@on_idle_loop
async def test_machine_when_exchange_behaves_enters_protects_and_leaves(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)

        assert len(world.history.entries(BTC)) == 1
        assert world.held(BTC) > 0
        assert world.books_agree(bot)

        world.trade_at(BTC, "0.97")
        await until(lambda: bot.is_flat(BTC) and world.books_agree(bot))

        assert world.held(BTC) == 0
        assert world.resting() == []
        assert [one.trade.reason.value for one in bot.notices.exits()] == ["stop"]
        assert world.longest_naked_s() < 1.0
        world.assert_lawful()
