"""Market and feed events."""

from dataclasses import replace

import pytest

from engine.core import state as state_module
from engine.core.engine import Engine
from engine.domain.candle import Timeframe
from engine.domain.effects import ScoreSetups, SetupSeen, TradeOpened
from engine.domain.errors import InvalidCandles
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    FeedBlind,
    FeedSeeing,
    MarkMoved,
    Origin,
    PriceMoved,
    QuoteMoved,
    UniverseChanged,
)
from engine.domain.notices import AlarmNotice
from engine.domain.order import Purpose
from engine.domain.setup import Direction, Recipe
from engine.domain.signal import RiskRefused
from tests.builders import MINUTE, START_MS, candle, instrument, setup
from tests.engine.core.samples import running, trade
from tests.stories.story import Step, Story, proved_by


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def test_candle_when_its_symbol_is_unknown_is_ignored(story):
    assert story.feed(CandleClosed(candle(symbol="NOPEUSDT"), Origin.LIVE, 0.0)) == []


def test_candle_when_duplicate_or_late_is_dropped(story):
    story.close()
    steps = story.script.steps
    before = story.engine.candles("BTCUSDT", 10)

    for opened in (START_MS, START_MS + MINUTE):
        story.feed(CandleClosed(candle(open_time_ms=opened), Origin.LIVE, 0.0))

    assert story.script.steps == steps
    assert story.engine.candles("BTCUSDT", 10) == before


def test_candle_when_it_leaves_a_hole_starts_the_series_anew(story):
    late = candle(open_time_ms=START_MS + 10 * MINUTE)
    story.feed(CandleClosed(late, Origin.LIVE, 0.0))

    assert [one.open_time_ms for one in story.engine.candles("BTCUSDT", 10)] == [late.open_time_ms]


def test_candle_when_the_detector_cannot_read_it_resets_the_symbol_and_goes_on(story):
    class Broken:
        def step(self, *_row):
            raise InvalidCandles("bad row")

    market = story.engine._state.symbols["BTCUSDT"]
    market.detector = Broken()

    assert story.close() == []
    assert len(market.series) == 0
    assert not isinstance(market.detector, Broken)


@pytest.mark.parametrize("origin", [Origin.BACKFILL, Origin.FLAT])
def test_setup_when_its_candle_was_not_live_is_only_journalled(story, origin):
    story.script.setups["BTCUSDT"] = [proved_by(setup(), START_MS + MINUTE)]

    effects = story.close(origin=origin)

    assert story.of(ScoreSetups, effects) == []
    assert [one.fate for one in story.entries(SetupSeen, effects)] == ["stale"]
    counters = story.view().counters
    assert counters.stale == 1
    assert counters.candles_backfilled + counters.candles_flat == 1


def test_setup_when_preloaded_leaves_no_trace(story):
    story.script.setups["BTCUSDT"] = [setup()]

    assert story.close(origin=Origin.PRELOAD) == []
    assert story.view().counters.setups == 0


def test_setup_when_its_timeframe_is_not_wanted_is_not_scored(story):
    story.script.setups["BTCUSDT"] = [setup(timeframe=Timeframe.H1)]

    assert story.close() == []


def test_higher_timeframe_when_switched_on_is_stepped_once_complete():
    story = Story(alert_timeframes=frozenset({Timeframe.M1, Timeframe.M5}))
    rows = []
    original = story.script.factory

    def factory(symbol, timeframe, tick):
        detector = original(symbol, timeframe, tick)
        if timeframe is Timeframe.M5:
            step = detector.step
            detector.step = lambda *row: (rows.append(row), step(*row))[1]
        return detector

    object.__setattr__(story.config, "detector", factory)
    story.start(["BTCUSDT"])
    for price in range(101, 112):
        story.close(price=float(price))

    assert rows
    assert all(row[0] % Timeframe.M5.ms == 0 for row in rows)


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan")])
def test_price_when_it_is_no_price_is_ignored(story, price):
    story.enter(setup())
    story.feed(PriceMoved("BTCUSDT", price, 0))
    story.feed(MarkMoved("BTCUSDT", price, 0.0, 0, 0))

    assert story.position().mark_price == 100.0
    assert story.feed(PriceMoved("NOPEUSDT", 1.0, 0)) == []
    assert story.feed(QuoteMoved("NOPEUSDT", 1.0, 2.0, 0)) == []


def test_best_result_when_it_improves_is_remembered_in_steps(story):
    story.enter(setup())
    told = len(story.entries(TradeOpened))
    for price in (100.1, 100.2, 100.3, 100.4, 100.55, 100.2):
        story.feed(PriceMoved("BTCUSDT", price, 0))

    assert story.position().best_r == pytest.approx(0.275)
    assert len(story.entries(TradeOpened)) == told + 1


def test_symbol_when_it_leaves_the_universe_while_held_stays_managed(story):
    story.enter(setup())
    gone = UniverseChanged((instrument("ETHUSDT"),), {}, {"BTCUSDT": "volume 3 M"})

    story.feed(gone)

    assert story.held() > 0
    assert story.view().symbols == 1
    assert story.notices(AlarmNotice, lambda one: "volume 3 M" in one.text)
    assert story.signal(setup()) is None
    assert [one.fate for one in story.entries(SetupSeen)][-1] == "gone"


def test_symbol_when_it_leaves_the_universe_unheld_is_forgotten(story):
    story.feed(FeedBlind(frozenset({"BTCUSDT"}), "x"))
    story.feed(UniverseChanged((instrument("ETHUSDT"),), {}, {}))

    assert story.engine.candles("BTCUSDT", 5) == ()
    assert story.view().blind == frozenset()


def test_rules_when_they_change_reach_a_running_trade(story):
    story.enter(setup())
    coarse = replace(instrument(), step_size=instrument().step_size * 10)
    story.feed(UniverseChanged((coarse, instrument("ETHUSDT")), {}, {}))

    assert story.engine._state.books[story.book].trades["BTCUSDT"].instrument == coarse


def test_blindness_when_parts_heal_leaves_the_rest_blind(story):
    story.feed(FeedBlind(frozenset({"BTCUSDT", "ETHUSDT"}), "shard 1 stalled"))
    story.feed(FeedSeeing(frozenset({"BTCUSDT"})))

    assert story.view().blind == frozenset({"ETHUSDT"})


def test_contract_when_its_delisting_is_announced_is_not_entered_and_left_in_time(story):
    story.enter(setup())
    story.feed(PriceMoved("BTCUSDT", 101.0, 0))
    story.feed(ContractChanged("BTCUSDT", "TRADING", story.ms + 3_600_000, story.ms))
    story.feed(ContractChanged("NOPEUSDT", "TRADING", 0, 0))
    story.feed(ContractChanged("ETHUSDT", "SETTLING", story.ms + 10**12, story.ms))

    effects = story.later(0.25)

    assert len(story.sent(Purpose.EXIT, effects)) == 1
    refused = story.signal(setup("ETHUSDT"))
    assert isinstance(refused, RiskRefused)
    assert "SETTLING" in refused.detail


def test_setups_when_too_many_wait_for_scores_push_out_the_oldest(monkeypatch):
    monkeypatch.setattr(state_module, "_MOST_AWAITING", 2)
    story = Story()
    story.start()
    found = [setup(recipe=recipe) for recipe in list(Recipe)] + [setup(direction=Direction.SHORT)]
    assert len(found) > 2
    story.script.setups["BTCUSDT"] = found

    effects = story.close()

    assert list(story.engine._state.awaiting.values()) == found[-2:]
    pushed_out = [one.setup for one in story.entries(SetupSeen, effects)]
    assert pushed_out == found[:-2]


class Finder:
    """A detector that finds two things in every candle and no setup."""

    def step(self, *_row: float) -> Step:
        return Step((object(), object()), ())


def test_candle_when_it_proves_findings_counts_them():
    story = Story()
    story.config = replace(story.config, detector=lambda *_args: Finder())
    story.engine = Engine(story.config)
    story.start(("BTCUSDT",))
    story.close()

    assert story.view().counters.smc_events == 4


@pytest.mark.parametrize(
    ("opened_ago_ms", "best_r"), [(120_000, 1.0), (30_000, 0.5), (0, 0.0)], ids=str
)
def test_candle_when_the_trade_lived_through_it_only_in_part_counts_only_its_close(
    opened_ago_ms, best_r
):
    one = trade(1)
    story, _, _ = running(one)
    close_ms = story.candles["BTCUSDT"] + 2 * MINUTE
    one.remember(opened_ms=close_ms - opened_ago_ms)

    story.close(price=101.0, high=102.0)

    assert one.memory.best_r == best_r
