"""The engine as a whole: closed over its events, deterministic, readable from outside."""

from typing import get_args

import pytest

from engine.core.engine import Engine
from engine.domain.effects import WatchPrices
from engine.domain.events import AccountEvent, Event, FeedEvent, MarketEvent, Ticked
from engine.domain.order import Book, Purpose
from engine.domain.setup import Direction, Evidence, EvidenceKind
from tests.builders import setup
from tests.stories.story import Script, Story


def test_engine_knows_every_event():
    known = set(get_args(MarketEvent) + get_args(FeedEvent) + get_args(AccountEvent))
    known |= {one for one in get_args(Event) if isinstance(one, type)}

    assert known <= set(Engine(Story().config)._handlers)


def test_engine_when_fed_the_same_twice_answers_the_same():
    logs = []
    for _ in range(2):
        story = Story()
        story.start()
        story.enter(setup())
        story.later(5)
        logs.append(repr(story.log))
    assert logs[0] == logs[1]


def test_candles_and_evidence_when_the_symbol_is_known_can_be_read():
    found = (
        Evidence(
            kind=EvidenceKind.FVG, open_time_ms=1, direction=Direction.LONG, top=2.0, bottom=1.0
        ),
    )
    story = Story(evidence=lambda _detector: found)
    story.start()
    story.close(price=101.0)

    assert [one.close for one in story.engine.candles("BTCUSDT", 2)] == [100.0, 101.0]
    assert story.engine.candles("BTCUSDT", 1)[0].close == 101.0
    assert story.engine.evidence("BTCUSDT") == found
    assert story.engine.evidence("NOPEUSDT") == ()
    assert story.engine.candles("NOPEUSDT", 3) == ()


def test_watched_symbols_when_unchanged_are_not_repeated():
    story = Story()
    story.start()
    story.signal(setup())
    assert story.of(WatchPrices)[-1].symbols == {"BTCUSDT"}

    assert story.of(WatchPrices, story.feed(Ticked())) == []


def test_engine_when_an_event_is_unknown_fails_loudly():
    engine = Engine(Story().config)
    with pytest.raises(KeyError):
        engine.process(Script(), Story().now)


def test_open_symbols_when_asked_for_include_entries_without_a_fill_and_given_up_ones():
    story = Story()
    story.start()
    story.signal(setup())
    begun = story.ms
    assert story.engine.open_since(Book.PAPER) == {"BTCUSDT": begun}
    assert story.engine.open_since(Book.LIVE) == {}

    story.expire(story.last(Purpose.ENTRY))

    assert story.engine.open_since(Book.PAPER) == {"BTCUSDT": begun}
    assert Engine(Story(books=()).config).open_since(Book.PAPER) == {}
