"""Random trouble at the venue; afterwards belief and truth agree and nothing was ever doubled."""

import random
from decimal import Decimal

import pytest

from engine.domain.commands import CloseAll
from engine.domain.effects import ScoreSetups, SubmitOrder
from engine.domain.events import CandleClosed, CommandGiven, Origin, SetupsScored, Ticked
from engine.domain.order import Purpose
from engine.domain.setup import Direction
from engine.risk.limits import RiskLimits
from tests.builders import MINUTE, START_MS, candle, d, score, setup
from tests.stories.chaos_venue import ChaosVenue
from tests.stories.story import Story, proved_by

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
TICKS_A_MINUTE = 240
LONGEST_NAKED_S = 15.0
"""With faults on every retry; the 7 s rule plus unanswered exits of 3 s each."""

LOOSE = RiskLimits(
    cool_down_ms=MINUTE,
    loss_streak=10_000,
    reject_budget=10_000,
    daily_loss_ratio=Decimal("0.99"),
    drawdown_ratio=Decimal("0.99"),
)


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
        self.story.ms = START_MS + MINUTE

    def run(self, minutes: int, *, signals: bool = True) -> None:
        for _ in range(minutes):
            for _ in range(TICKS_A_MINUTE):
                self.tick()
            self.minute(signals=signals)

    def tick(self) -> None:
        story, venue = self.story, self.venue
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
    assert chaos.story.view().positions == ()
