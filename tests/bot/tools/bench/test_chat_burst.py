import pytest

from bot.tools.bench import chat_burst
from bot.tools.bench.chat_burst import BurstFigures, burst_rows, run_burst


def test_rows_when_told_say_what_must_be_reached():
    told = BurstFigures(alarms_s=(0.02, 1.5), told=300, messages=31, refused=0, grown_mb=4.0)

    rows = {row.what: row for row in burst_rows(told)}

    assert rows["burst, slowest critical notice"].value == 1.5
    assert all(row.reached in {True, None} for row in rows.values())
    assert "told in 31 messages" in rows["burst, signals told"].load


def test_rows_when_signals_are_missing_or_telegram_refused_do_not_reach():
    told = BurstFigures(alarms_s=(6.0,), told=299, messages=31, refused=1, grown_mb=4.0)

    reached = {row.what: row.reached for row in burst_rows(told)}

    assert reached["burst, slowest critical notice"] is False
    assert reached["burst, signals told"] is False
    assert reached["burst, refused by the chat (429)"] is False


async def test_burst_when_small_is_told_whole(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chat_burst, "SIGNALS", 12)
    monkeypatch.setattr(chat_burst, "ALARMS", 2)
    monkeypatch.setattr(chat_burst, "MINUTE_S", 0.5)
    monkeypatch.setattr(chat_burst, "_WAVES", (0.0,))
    monkeypatch.setattr(chat_burst, "_WAVE_S", 0.3)

    told = await run_burst(tmp_path)

    assert told.told == 12
    assert len(told.alarms_s) == 2
    assert max(told.alarms_s) < 5.0
    assert told.refused == 0
