"""What the gate is told about a setup."""

from dataclasses import replace

import pytest

from engine.core.facts import gate_facts, symbol_cost, unit_cost
from engine.domain.candle import Timeframe
from engine.domain.events import QuoteMoved, UniverseChanged
from engine.domain.order import Book
from engine.domain.signal import Mode
from tests.builders import d, instrument, setup
from tests.stories.story import Story


def facts(story: Story, found=None):
    return gate_facts(story.engine._state, found or setup(), story.now, taken=False)


def started(**config) -> Story:
    story = Story(**config)
    story.start()
    return story


def test_facts_when_all_is_well_have_nothing_to_object():
    got = facts(started())

    assert (got.not_ready, got.not_tradable, got.busy, got.breakers, got.blind) == ("",) * 5
    assert got.quote_volume_24h == 50e6
    assert got.exposure is not None
    assert got.exposure.equity == 10_000
    assert got.breaker_state is not None
    assert got.breaker_state.high_water == 10_000
    assert got.min_notional == instrument().min_notional


def test_facts_when_no_orders_are_placed_have_no_exposure():
    got = facts(started(mode=Mode.SIGNALS))

    assert got.exposure is None
    assert got.breaker_state is None
    assert got.not_ready == ""


def test_facts_when_the_book_is_missing_say_so():
    got = facts(Story(mode=Mode.LIVE, books=(Book.PAPER,)))

    assert "live book is not connected" in got.not_ready


@pytest.mark.parametrize(
    ("change", "word"),
    [({"status": "SETTLING"}, "SETTLING"), ({"delivery_ms": 1_800_000_000_000}, "delisting")],
)
def test_facts_when_the_contract_ends_say_so(change, word):
    story = started()
    story.feed(UniverseChanged((replace(instrument(), **change),), {}, {}))

    assert word in facts(story).not_tradable


def test_facts_when_the_timeframe_only_alerts_say_so():
    assert "alerts only" in facts(started(), setup(timeframe=Timeframe.M5)).not_tradable


def test_facts_when_the_symbol_is_unknown_say_so():
    assert facts(started(), setup("NOPEUSDT")).not_tradable == "not in the universe"


def test_spread_when_quoted_is_the_quote_and_when_old_or_absurd_an_assumption():
    story = started()
    assert facts(story).spread == pytest.approx(0.02)
    story.feed(QuoteMoved("BTCUSDT", 99.95, 100.05, story.ms))
    assert facts(story).spread == pytest.approx(0.1)
    story.feed(QuoteMoved("BTCUSDT", 100.05, 99.95, story.ms))
    assert facts(story).spread == pytest.approx(0.02)
    story.feed(QuoteMoved("BTCUSDT", 99.95, 100.05, story.ms))
    story.jump(60_001)
    assert facts(story).spread == pytest.approx(0.02)


def test_cost_when_the_own_commission_is_known_uses_it():
    from engine.domain.events import SymbolPrepared
    from tests.builders import symbol_setup

    story = started()
    story.feed(SymbolPrepared(story.book, symbol_setup(taker_fee=d("0.0004"))))
    state = story.engine._state

    cost = symbol_cost(state, state.symbols["BTCUSDT"], setup(), story.now)

    assert cost.fee_ratio == pytest.approx(0.0008)
    assert unit_cost(cost, d(100)) == pytest.approx(d("0.11"))
