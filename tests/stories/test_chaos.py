"""Random trouble at the venue; afterwards belief and truth agree and nothing was ever doubled."""

import random
from decimal import Decimal

import pytest

from engine.domain.commands import CloseAll
from engine.domain.effects import (
    Effect,
    FillSeen,
    OrderSeen,
    ScoreSetups,
    SettingChanged,
    SubmitOrder,
    TradeEnded,
    TradeOpened,
    TradeVoided,
)
from engine.domain.events import (
    CandleClosed,
    CommandGiven,
    Origin,
    SetupsScored,
    StateRestored,
    Ticked,
    UniverseChanged,
)
from engine.domain.order import Book, OrderRequest, Purpose
from engine.domain.setup import Direction
from engine.domain.signal import Mode
from engine.risk.limits import RiskLimits
from tests.builders import MINUTE, START_MS, candle, d, instrument, score, setup
from tests.stories.chaos_venue import ChaosVenue
from tests.stories.story import Story, proved_by

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
TICKS_A_MINUTE = 240
LONGEST_NAKED_S = 10.0
"""The order law, kept with faults on every retry: exits and stops are both sent after 7 s."""

LOOSE = RiskLimits(
    cool_down_ms=1000,
    loss_streak=10_000,
    reject_budget=10_000,
    daily_loss_ratio=Decimal("0.99"),
    drawdown_ratio=Decimal("0.99"),
)


def booked(chaos: "Chaos") -> Decimal:
    """Return the profit the bot has booked."""
    return sum((trade.gross for trade in chaos.story.closed()), Decimal(0))


def remembered(log: list[Effect]) -> tuple[StateRestored, list[OrderRequest]]:
    """Return what a journal of these effects gives back, and the entries left open."""
    memories, fills, entries, settings, ended = {}, [], {}, {}, []
    for effect in log:
        if isinstance(effect, SubmitOrder) and effect.intent.signal_key:
            entries[effect.intent.request.client_id] = effect.intent
        match getattr(effect, "entry", None):
            case TradeOpened(memory):
                memories[memory.trade_key] = memory
            case TradeVoided(_, key):
                memories.pop(key, None)
            case TradeEnded(trade):
                memories.pop(trade.trade_key.partition("#")[0], None)
                ended.append(trade)
            case FillSeen(book, key, one):
                fills.append((key, (book, one)))
            case OrderSeen(_, order) if order.status.is_final:
                entries.pop(order.client_id, None)
            case SettingChanged(key, value):
                settings[key] = value
            case _:
                pass
    open_ = [one for one in entries.values() if one.trade_key in memories]
    kept = tuple(pair for key, pair in fills if key in memories)
    past = StateRestored(settings, tuple(memories.values()), tuple(open_), kept, tuple(ended))
    return past, [one.request for one in open_]


class Chaos:
    """A story whose venue answers by itself."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.story = Story(limits=LOOSE, books=(Story().book,))
        self.story.start(SYMBOLS)
        self.venue = ChaosVenue(random.Random(seed + 1))
        self.venue.prices = dict.fromkeys(SYMBOLS, d(100))
        self.entries: dict[str, Decimal] = {}
        self.naked_since: dict[str, float] = {}
        self.worst_naked_s = 0.0
        self.ticks = 0
        self.story.ms = START_MS + MINUTE

    def run(self, minutes: int, *, signals: bool = True) -> None:
        for _ in range(minutes):
            while self.ticks < TICKS_A_MINUTE:
                self.tick()
            self.ticks = 0
            self.minute(signals=signals)

    def tick(self) -> None:
        story, venue = self.story, self.venue
        self.ticks += 1
        story.wall += 0.25
        story.ms += 250
        venue.wall, venue.ms = story.wall, story.ms
        for symbol in SYMBOLS:
            step = d(round(self.rng.gauss(0, 0.08), 2))
            venue.move(symbol, max(venue.prices[symbol] + step, d(10)))
        for event in venue.due():
            self.feed(event)
        self.feed(Ticked())
        self.watch_nakedness()

    def feed(self, event) -> None:
        effects = self.story.feed(event)
        for effect in effects:
            if isinstance(effect, SubmitOrder):
                request = effect.intent.request
                if request.purpose is Purpose.ENTRY:
                    assert effect.intent.trade_key not in self.entries, "an entry was sent twice"
                    self.entries[effect.intent.trade_key] = request.qty
                else:
                    assert request.reduce_only
        self.venue.take(effects)
        for effect in effects:
            if isinstance(effect, ScoreSetups):
                scores = tuple(score(0.6, of=one) for one in effect.setups)
                self.feed(SetupsScored(scores))

    def minute(self, *, signals: bool) -> None:
        story = self.story
        for symbol in SYMBOLS:
            price = float(self.venue.prices[symbol])
            opened = story.candles[symbol] + MINUTE
            story.candles[symbol] = opened
            if signals and self.rng.random() < 0.5:
                direction = self.rng.choice(list(Direction))
                found = setup(symbol, direction, entry=price, risk=1.0)
                story.script.setups[symbol] = [proved_by(found, opened)]
            row = candle(price, symbol=symbol, open_time_ms=opened, spread=0.0)
            self.feed(CandleClosed(row, Origin.LIVE, story.wall))

    def watch_nakedness(self) -> None:
        for symbol in SYMBOLS:
            if self.venue.guarded(symbol):
                self.naked_since.pop(symbol, None)
                continue
            since = self.naked_since.setdefault(symbol, self.story.wall)
            self.worst_naked_s = max(self.worst_naked_s, self.story.wall - since)

    def crash(self) -> None:
        """Kill the bot; a new one starts from what the journal had, and from the venue."""
        old = self.story
        past, open_entries = remembered(old.log)
        self.venue.crash(open_entries)
        self.story = Story(
            limits=LOOSE, books=(Book.PAPER,), epoch=old.config.epoch + 1, mode=Mode.PAPER
        )
        self.story.wall, self.story.ms = old.wall, old.ms
        self.story.candles = dict(old.candles)
        self.story.log = list(old.log)  # the journal survives
        self.feed(past)
        instruments = tuple(instrument(symbol) for symbol in SYMBOLS)
        self.feed(UniverseChanged(instruments, dict.fromkeys(SYMBOLS, 5e7), {}))

    def held(self) -> dict[str, Decimal]:
        positions = self.story.view().positions
        return {one.symbol: one.qty * int(one.direction) for one in positions}

    def truth(self) -> dict[str, Decimal]:
        return {key: one.qty for key, one in self.venue.holdings.items() if one.qty}


@pytest.mark.parametrize("seed", range(6))
def test_book_when_the_venue_is_in_chaos_and_heals_agrees_with_it(seed):
    chaos = Chaos(seed)
    chaos.run(12)

    chaos.venue.chance = 0.0
    chaos.run(2, signals=False)

    assert len(chaos.entries) > 3
    assert chaos.worst_naked_s <= LONGEST_NAKED_S
    assert chaos.held() == chaos.truth()
    assert all(chaos.venue.guarded(symbol) for symbol in SYMBOLS)
    for client_id, filled in chaos.venue.entry_filled.items():
        sent = next(one for one in chaos.story.sent(Purpose.ENTRY) if one.client_id == client_id)
        assert filled <= sent.qty

    chaos.feed(CommandGiven(CloseAll(command_id="end", requested_by="test")))
    chaos.run(1, signals=False)
    assert chaos.truth() == {}
    assert chaos.venue.resting == {}
    assert abs(booked(chaos) - (chaos.venue.wallet - 10_000)) < Decimal("1e-8")
    assert chaos.story.view().positions == ()


@pytest.mark.parametrize("seed", range(20, 24))
def test_book_when_the_bot_is_killed_again_and_again_agrees_with_the_venue(seed):
    chaos = Chaos(seed)
    for _ in range(10):
        chaos.run(1)
        for _ in range(chaos.rng.randrange(12)):  # somewhere in the life of a fresh entry
            chaos.tick()
        chaos.crash()

    chaos.venue.chance = 0.0
    chaos.run(2, signals=False)

    assert len(chaos.entries) > 3
    assert chaos.worst_naked_s <= LONGEST_NAKED_S
    assert chaos.held() == chaos.truth()
    assert all(chaos.venue.guarded(symbol) for symbol in SYMBOLS)
    chaos.feed(CommandGiven(CloseAll(command_id="end", requested_by="test")))
    chaos.run(1, signals=False)
    assert chaos.truth() == {}
    assert chaos.venue.resting == {}
    assert abs(booked(chaos) - (chaos.venue.wallet - 10_000)) < Decimal("1e-8")
