"""The recorder: nothing twice, nothing lost but the last minute, and never in the way."""

import asyncio
from pathlib import Path

import pytest

from bot import recording
from bot.recording import CandleRecorder, open_recorder
from bot.tape import Tape
from storage.recording import append_recording, hour_file, read_recording, recording_files
from tests.bot.test_tape import closed, now, told

FULL = Path("/dev/full")


async def test_recorder_when_it_writes_goes_on_where_the_disk_ended(tmp_path: Path):
    recorder = await open_recorder(tmp_path, 1, now, pytest.fail)
    told(recorder.tape, closed(0), closed(1))
    await recorder.close()

    second = await open_recorder(tmp_path, 2, now, pytest.fail)
    told(second.tape, closed(1), closed(2))
    await second.close()

    found = read_recording(recording_files(tmp_path)).candles
    assert found.select("run", "seq").rows() == [(1, 1), (1, 2), (2, 1)]


async def test_recorder_when_the_disk_refuses_keeps_everything_and_says_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    said: list[str] = []
    recorder = CandleRecorder(tmp_path, Tape(1, {}), now, said.append)
    told(recorder.tape, closed(0))

    def full(*_given: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(recording, "append_recording", full)
        await recorder.write()
        await recorder.write()
    assert len(said) == 1
    assert "no space left" in said[0]
    await recorder.write()

    assert len(read_recording(recording_files(tmp_path)).candles) == 1


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
async def test_recorder_when_the_disk_is_really_full_loses_nothing(tmp_path: Path):
    said: list[str] = []
    recorder = CandleRecorder(tmp_path, Tape(1, {}), now, said.append)
    told(recorder.tape, closed(0))
    file = hour_file(tmp_path, now().exchange_ms)
    file.parent.mkdir()
    file.with_name(file.name + ".partial").symlink_to(FULL)

    await recorder.write()
    assert "No space left on device" in said[0]
    await recorder.write()

    assert len(read_recording(recording_files(tmp_path)).candles) == 1


async def test_recorder_when_cancelled_while_writing_finishes_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(folder, rows, marks):
        loop.call_soon_threadsafe(started.set)
        append_recording(folder, rows, marks)

    monkeypatch.setattr(recording, "append_recording", slow)
    recorder = CandleRecorder(tmp_path, Tape(1, {}), now, pytest.fail)
    told(recorder.tape, closed(0))
    writing = asyncio.create_task(recorder.write())
    await started.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    told(recorder.tape, closed(1))
    await recorder.close()

    assert len(read_recording(recording_files(tmp_path)).candles) == 2


async def test_recorder_when_the_recording_is_of_another_database_sets_it_aside(tmp_path: Path):
    folder = tmp_path / "candles"
    first = await open_recorder(folder, 4, now, pytest.fail)
    told(first.tape, closed(0))
    await first.close()

    second = await open_recorder(folder, 1, now, pytest.fail)
    told(second.tape, closed(0))
    await second.close()

    assert read_recording(recording_files(folder)).candles["run"].to_list() == [1]
    aside = read_recording(recording_files(tmp_path / "candles.1"))
    assert aside.candles["run"].to_list() == [4]
