"""What cannot be compared is named, and so is what was assumed."""

from dataclasses import replace

import pytest

from bot.parity import reasons
from bot.parity.candles import Candles
from engine.domain.signal import Mode
from tests.bot.parity.kit import journalled
from tests.bot.parity.test_replay import LOADED, run
from tests.bot.parity.test_run import PLAIN, at, moved, named, period, recorded
from tests.builders import MINUTE, START_MS, score


def excuse(one, candles: Candles = PLAIN, runs=(), end: int = 1_000) -> str:
    runs = runs or (run(),)
    return reasons.excuse(one, runs, candles, LOADED, START_MS + end * MINUTE)


def test_excuse_when_everything_is_there_is_none():
    assert excuse(named(at(500))) == ""


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (journalled(at(500), score=score(scorer="lgbm:1")), "scored by lgbm:1"),
        (named(at(500, "ETHUSDT")), "no candles of ETHUSDT"),
        (named(at(300)), "only 300 of the 400 minutes"),
        (named(at(500), at_ms=START_MS + 1_000 * MINUTE), "after the end of the candles"),
    ],
)
def test_excuse_when_plain_candles_cannot_show_it_says_why(one, why):
    assert why in excuse(one)


def test_excuse_when_recorded_is_only_that_nothing_was():
    runs = (run(epoch=1), run(epoch=2, at=600))
    one, late = named(at(300), at_ms=START_MS + 5), named(at(700), at_ms=START_MS + 700 * MINUTE)

    assert excuse(one, recorded(r1=START_MS + 10), runs) == ""
    assert excuse(one, recorded(r1=START_MS + 4), runs) == "after the recording ended"
    assert excuse(late, recorded(r1=START_MS), runs) == "start 2 was not recorded"


def test_notes_when_asked_name_downtime_commands_and_other_scorers():
    runs = (run(), run(epoch=2, at=100))
    known = period(
        runs=runs,
        ends={1: START_MS + 60 * MINUTE},
        commands=(moved(Mode.SIGNALS, 5), moved(Mode.PAPER, 6)),
        setups=(journalled(at(500), score=score(scorer="lgbm:9")),),
    )

    notes = reasons.notes_of(runs, runs[:1], PLAIN, known, LOADED)

    assert "Commands repeated at their times: SetMode ×2." in notes
    assert "Starts 2 were not recorded." in notes
    assert "Down for about 40 min before start 2." in notes
    assert any("lgbm:9" in note for note in notes)
    assert any(note.startswith("Plain candles") for note in notes)


def test_start_when_young_may_not_have_seen_yet():
    runs = [replace(run(), speed=20.0)]

    assert reasons.is_starting(runs, START_MS + 19 * MINUTE)
    assert not reasons.is_starting(runs, START_MS + 20 * MINUTE)
    assert not reasons.is_starting(runs, START_MS - 1)
