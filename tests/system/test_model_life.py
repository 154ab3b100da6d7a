"""The model changes, is rolled back, is challenged and judged in the whole running machine."""

from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from bot.model_desk import ModelDesk, follower, open_models
from bot.scorer_choice import choose_scorer, operator_path
from bot.settings import Settings
from engine.domain.commands import ChangeModel, ModelChange, SetShadow, SetThreshold
from engine.risk.exits import ExitPolicy
from models.label_rules import LabelRules
from models.scorer import LoadedScorer
from storage import tables
from tests.bot.model_kit import here, load_here, put
from tests.system.idle_loop import held_time, on_idle_loop
from tests.system.rig import BTC, ETH, SOL, Bot, rig, until

WHO = {"requested_by": "ada"}


def settings_of(folder: Path) -> Settings:
    return Settings.load(_env_file=None, data_dir=folder / "data")


async def models_of(bot: Bot, settings: Settings, loaded: LoadedScorer | None = None) -> ModelDesk:
    machine = bot.machine
    with held_time():
        stored = (await machine._parts.journal.restore()).settings
    return await open_models(
        settings,
        loaded or LoadedScorer(machine.loop.scorer, "there is no model"),
        machine,
        bot.database,
        stored,
        symbols=3,
        load=load_here,
        aside=here,
    )


async def rows(bot: Bot, table: Table) -> list[Any]:
    with held_time():
        await bot.machine.writer.flush()
        async with bot.database.read() as connection:
            return list((await connection.execute(select(table))).mappings())


async def change(models: ModelDesk, what: ModelChange, key: str) -> None:
    proposal = await models.propose(what)
    assert proposal.problem == ""
    command = ChangeModel(command_id=key, change=what, bundle=proposal.bundle, **WHO)
    receipt = await models.obey(command)
    assert receipt.accepted, receipt.detail


@on_idle_loop
async def test_reload_when_a_trade_is_open_scores_the_next_setup_and_leaves_the_trade(tmp_path):
    settings = settings_of(tmp_path)
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        models = await models_of(bot, settings)
        await world.enter(bot, BTC)
        score = bot.positions[BTC].score
        bundle = put(operator_path(settings))

        await change(models, ModelChange.RELOAD, "r1")
        await bot.machine.commands.submit(SetThreshold(command_id="t", threshold=0.0, **WHO))
        await world.signal(ETH)
        await until(lambda: bot.is_protected(ETH), what="entered on the model's score")

        seen = {row["symbol"]: row for row in await rows(bot, tables.setups)}
        assert (seen[BTC]["scorer"], seen[ETH]["scorer"]) == ("sure", f"lgbm:{bundle[:8]}")
        assert bot.positions[BTC].score == score == 0.8
        assert bot.positions[ETH].score == seen[ETH]["value"]
        commanded = [row["kind"] for row in await rows(bot, tables.commands)]
        assert "ChangeModel" in commanded
        assert models.view().scorer == f"lgbm:{bundle[:8]}"
        world.assert_lawful()


@on_idle_loop
async def test_rollback_when_the_bot_is_killed_afterwards_still_holds(tmp_path):
    settings = settings_of(tmp_path)
    good = put(operator_path(settings))
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        loaded = choose_scorer(settings)
        bot.machine.loop.scorer = loaded.scorer
        models = await models_of(bot, settings, loaded)
        put(operator_path(settings), threshold=0.2)
        await change(models, ModelChange.RELOAD, "r1")
        await change(models, ModelChange.ROLLBACK, "r2")
        assert bot.machine.loop.scorer.name == f"lgbm:{good[:8]}"

        await bot.kill()

        assert choose_scorer(settings).scorer.name == f"lgbm:{good[:8]}"


@on_idle_loop
async def test_reload_when_the_bundle_is_bad_leaves_everything_as_it_was(tmp_path):
    settings = settings_of(tmp_path)
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        models = await models_of(bot, settings)
        put(operator_path(settings))
        operator_path(settings).write_text("tree\n")

        proposal = await models.propose(ModelChange.RELOAD)
        await world.enter(bot, BTC)

        assert "has the hash" in proposal.problem
        assert models.view().scorer == "sure"
        assert {row["scorer"] for row in await rows(bot, tables.setups)} == {"sure"}


@on_idle_loop
async def test_challenger_when_it_scores_is_journalled_and_changes_no_decision(tmp_path):
    settings = settings_of(tmp_path)
    rival = put(operator_path(settings).parent / "next" / "lgbm_smc.txt")
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        models = await models_of(bot, settings)

        receipt = await models.obey(SetShadow(command_id="s", model="next", **WHO))
        await world.enter(bot, BTC)
        await until(lambda: bot.machine.shadow.scored == 1, what="scored beside")

        name = f"lgbm:{rival[:8]}"
        assert receipt.detail.startswith(f"{name} scores every setup beside")
        (setup,) = await rows(bot, tables.setups)
        (shadow,) = await rows(bot, tables.shadow_scores)
        assert (setup["scorer"], setup["value"]) == ("sure", 0.8)
        assert (shadow["scorer"], shadow["setup_id"]) == (name, setup["setup_id"])
        assert 0.25 <= shadow["probability"] <= 0.45
        stored = {row["key"]: row["value"] for row in await rows(bot, tables.settings)}
        assert stored["shadow"] == "next"

        again = await models_of(bot, settings)  # as after a restart
        assert again.view().shadow == name


@on_idle_loop
async def test_challenger_when_promoted_is_stored_no_more(tmp_path):
    settings = settings_of(tmp_path)
    put(operator_path(settings).parent / "next" / "lgbm_smc.txt")
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        models = await models_of(bot, settings)
        await models.obey(SetShadow(command_id="s1", model="next", **WHO))
        before = {row["key"]: row["value"] for row in await rows(bot, tables.settings)}
        put(operator_path(settings))

        await change(models, ModelChange.RELOAD, "r1")

        after = {row["key"]: row["value"] for row in await rows(bot, tables.settings)}
        assert (before["shadow"], after["shadow"]) == ("next", "")
        assert (await models_of(bot, settings)).view().shadow_problem == ""


@on_idle_loop
async def test_evidence_when_setups_have_ended_counts_them_traded_or_not(tmp_path):
    settings = settings_of(tmp_path)
    bundle = put(operator_path(settings))
    put(operator_path(settings).parent / "next" / "lgbm_smc.txt", threshold=0.2)
    async with rig(tmp_path, speed=300.0) as world:
        bot = await world.start_bot()
        loaded = choose_scorer(settings)
        bot.machine.loop.scorer = loaded.scorer
        models = await models_of(bot, settings, loaded)
        await models.obey(SetShadow(command_id="s", model="next", **WHO))
        followed = follower(bot.machine, bot.database)
        followed._rules = LabelRules(exits=ExitPolicy(time_candles=3, stagnation_candles=2))
        for symbol in (BTC, ETH, SOL):
            await world.signal(symbol)
        await until(lambda: bot.machine.shadow.scored == 3, what="scored beside")
        end_ms = world.now_ms + 8 * 60_000
        await until(lambda: world.now_ms > end_ms, what="their lives are over")

        with held_time():
            await bot.machine.writer.flush()
            await followed.sweep()
            await bot.machine.writer.flush()
            evidence = await models.evidence()

        assert evidence.scorer == f"lgbm:{bundle[:8]}"
        assert evidence.scored == 3
        assert evidence.calibrated is not None
        entered = [r for r in await rows(bot, tables.setup_outcomes) if r["net_r"] is not None]
        assert evidence.calibrated.count == len(entered) > 0
        assert evidence.rivalry is not None
        assert (evidence.rivalry.scored, evidence.rivalry.count) == (3, len(entered))
        assert evidence.drift[0].count == 3
        assert not evidence.calibrated.enough
