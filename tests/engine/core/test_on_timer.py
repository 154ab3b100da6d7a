"""What time alone brings about."""

import json

from engine.core.on_timer import THRESHOLD_HISTORY
from engine.domain.commands import Mute
from engine.domain.effects import EquitySeen, SettingChanged
from tests.builders import MINUTE, setup
from tests.stories.story import Story


def started(**config) -> Story:
    story = Story(**config)
    story.start()
    return story


def test_tick_when_nothing_is_open_is_quiet_within_a_minute():
    story = started()
    story.later(0.25)

    assert story.later(10) == []


def test_tick_when_an_hour_ends_stores_the_score_history():
    story = started()
    story.signal(setup())
    effects = story.jump(61 * MINUTE)

    [stored] = [
        one for one in story.entries(SettingChanged, effects) if one.key == THRESHOLD_HISTORY
    ]
    data = json.loads(stored.value)
    assert data["used"] == 1
    assert sum(count for _, counts in data["hours"] for _, count in counts) == 1


def test_tick_when_the_minute_changes_records_equity_of_every_ready_book():
    story = started()

    effects = story.jump(MINUTE)

    assert {one.book for one in story.entries(EquitySeen, effects)} == set(story.config.books)


def test_tick_when_offers_and_mutes_are_over_forgets_them():
    story = started(approval=True)
    story.signal(setup())
    story.command(
        Mute(command_id="m", requested_by="me", symbol="ETHUSDT", until_ms=story.ms + MINUTE)
    )
    state = story.engine._state
    assert (len(state.takeable), len(state.muted)) == (1, 1)

    story.jump(16 * MINUTE)

    assert (len(state.takeable), len(state.muted)) == (0, 0)
