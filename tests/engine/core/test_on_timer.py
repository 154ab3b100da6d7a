"""What time alone brings about."""

import json

from engine.core.on_timer import THRESHOLD_HISTORY
from engine.domain.commands import Mute
from engine.domain.effects import EquitySeen, SettingChanged, SetupSeen
from engine.domain.events import FeedBlind, SetupsScored
from engine.domain.notices import AlarmKind, AlarmNotice
from tests.builders import MINUTE, START_MS, score, setup
from tests.stories.story import Story, proved_by


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


def test_setup_when_its_score_never_comes_is_journalled_stale_and_forgotten():
    """Setups without a score stayed in `awaiting` for ever."""
    story = Story()
    story.start()
    found = proved_by(setup(), START_MS)
    story.script.setups["BTCUSDT"] = [found]
    story.ms = found.proved_at_ms
    story.close()
    awaiting = story.engine._state.awaiting
    assert len(awaiting) == 1

    effects = story.jump(10_000)
    assert len(awaiting) == 1
    effects = story.jump(1)

    assert awaiting == {}
    [seen] = story.entries(SetupSeen, effects)
    assert (seen.setup, seen.score, seen.fate) == (found, None, "stale")
    assert story.view().counters.stale == 1
    late = story.feed(SetupsScored((score(of=found),)))
    assert story.entries(SetupSeen, late) == []


def test_tick_when_a_held_symbol_stays_blind_tells_it():
    story = started()
    story.enter(setup())
    story.feed(FeedBlind(frozenset({"BTCUSDT"}), "mute stream"))

    story.later(30)

    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.BLIND)
