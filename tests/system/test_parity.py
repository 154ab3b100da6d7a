"""The bot on the embedded exchange, recorded; then `parity`: every signal must match."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from bot.engine_config import engine_config
from bot.machine import Parts
from bot.parity.outcome import Parity
from bot.parity.run import ParityOrder, run_parity
from bot.recording import open_recorder
from bot.run_facts import begun
from bot.scorer_choice import threshold_seed
from bot.settings import Settings
from engine.domain.commands import Command, Mute, Pause, Resume, SetMode, SetRisk, SetThreshold
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.ports import Clock
from models.heuristic import HeuristicScorer
from models.scorer import LoadedScorer
from storage.candles import write_candles
from storage.recording import read_recording, recording_files
from storage.tape_rows import FOLDER
from tests.system.idle_loop import held_time, on_idle_loop
from tests.system.rig import BTC, Bot, Rig, rig

MINUTE_S = 60.0
LOADED = LoadedScorer(HeuristicScorer(), "for the test")
SETTINGS = Settings.load(
    _env_file=None, recipes="sweep_bos_retest,ob_retest", max_cost_pct_of_r=60.0
)


def recorded(setting: Rig) -> None:
    """Let every instance of the bot be the real one, with its candles recorded."""

    async def shape(parts: Parts, clock: Clock) -> Parts:
        epoch = parts.config.epoch
        config = engine_config(
            SETTINGS,
            books=(Book.PAPER, Book.LIVE),
            epoch=epoch,
            speed=clock.speed,
            mode=Mode.PAPER,
            allow_negative_edge=False,
            scorer=LOADED.scorer.name,
            seed=threshold_seed(LOADED, 4),
        )
        recorder = await open_recorder(setting.folder / FOLDER, epoch, clock.instant, print)
        return replace(
            parts,
            scorer=LOADED.scorer,
            config=config,
            begun=begun(
                SETTINGS,
                epoch=epoch,
                speed=clock.speed,
                scorer=LOADED.scorer.name,
                symbols=4,
                allow_negative_edge=False,
            ),
            recorder=recorder,
        )

    setting.shape = shape


async def live(setting: Rig, minutes: float) -> None:
    """Let so much exchange time pass."""
    await asyncio.sleep(minutes * MINUTE_S / setting.clock.speed)


async def say(bot: Bot, command: Command) -> None:
    receipt = await bot.machine.commands.submit(command)
    assert receipt.accepted, receipt.detail


async def compared(setting: Rig, *data: Path, **period: int) -> Parity:
    order = ParityOrder(journal=str(setting.folder / "trade.db"), data=data, **period)
    with held_time():
        return await run_parity(order, LOADED, lambda _text, _done: None)


def ids(number: int) -> dict[str, str]:
    return {"command_id": f"test:{number}", "requested_by": "owner"}


@on_idle_loop
async def test_parity_when_the_bot_was_commanded_and_killed_matches_every_signal(tmp_path):
    async with rig(tmp_path, speed=60.0, seed=5) as setting:
        recorded(setting)
        bot = await setting.start_bot(ready=False)
        await live(setting, 70)
        await say(bot, SetRisk(risk_pct=Decimal("0.5"), **ids(1)))
        await say(bot, SetThreshold(threshold=0.3, per_day=200, **ids(2)))
        await live(setting, 50)
        await say(bot, Pause(**ids(3)))
        now_ms = bot.machine.clock.exchange_ms()
        await say(bot, Mute(symbol=BTC, until_ms=now_ms + 3_600_000, **ids(4)))
        await live(setting, 50)
        await bot.kill()
        await live(setting, 12)
        bot = await setting.start_bot(ready=False)
        await say(bot, Resume(**ids(5)))
        await live(setting, 40)
        await say(bot, SetMode(mode=Mode.SIGNALS, **ids(6)))
        await live(setting, 40)
        await bot.stop()

        found = await compared(setting, tmp_path / FOLDER)
        later_ms = bot.machine.clock.exchange_ms() - 90 * 60_000
        part = await compared(setting, tmp_path / FOLDER, since_ms=later_ms)

    assert found.missed == found.extra == ()
    assert found.is_equal
    assert found.exact
    assert len(found.matched) >= 8
    assert found.largest_score_difference == 0.0
    # A kill costs the last minute of the recording and what the journal had not yet written.
    late = [one for one in found.excused if one.why != "after the recording ended"]
    assert late == []
    assert found.setups_equal == found.setups > len(found.matched)
    assert any("SetThreshold ×1" in note for note in found.notes)
    assert any("Down for about" in note for note in found.notes)
    assert part.missed == part.extra == ()
    assert 0 < len(part.matched) < len(found.matched)


@on_idle_loop
async def test_parity_when_candles_differ_misses_signals_and_says_which(tmp_path):
    async with rig(tmp_path, speed=60.0, seed=5, warm_minutes=600) as setting:
        recorded(setting)
        bot = await setting.start_bot(ready=False)
        await live(setting, 150)
        await bot.stop()
        equal = await compared(setting, tmp_path / FOLDER)
        recording = read_recording(recording_files(tmp_path / FOLDER))
        plain = tmp_path / "plain" / "candles.parquet"
        write_candles(recording.candles, plain)
        assumed = await compared(setting, plain.parent)
        shifted = recording.candles.with_columns(
            [pl.col(name) * 1.5 for name in ("open", "high", "low", "close")]
        ).with_columns(pl.col("low") * 0.98)
        other = tmp_path / "other" / "candles.parquet"
        write_candles(shifted, other)
        wrong = await compared(setting, other.parent)

    assert equal.is_equal
    assert equal.matched
    assert not assumed.exact
    assert assumed.is_equal
    assert [one.setup_id for one in assumed.matched] == [one.setup_id for one in equal.matched]
    assert any("Plain candles" in note for note in assumed.notes)
    assert not wrong.is_equal
    assert wrong.missed
    assert all(one.why for one in (*wrong.missed, *wrong.extra))
