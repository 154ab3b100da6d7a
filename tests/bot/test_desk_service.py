"""Tests of bot/desk_service.py: answers from a journal and an engine set by hand."""

import asyncio
import random
from decimal import Decimal
from types import SimpleNamespace

import pytest

from bot.command_desk import CommandDesk
from bot.desk import (
    AskChart,
    AskJournal,
    AskOutcome,
    AskPnl,
    AskSignals,
    Outcome,
    Period,
    UnknownSymbol,
)
from bot.desk_preflight import PreflightFacts
from bot.desk_service import DeskService, command_text
from bot.desk_why import AskWhy
from engine.domain.commands import (
    ChangeModel,
    ClosePosition,
    ModelChange,
    Mute,
    Pause,
    Receipt,
    SetThreshold,
)
from engine.domain.effects import CommandAnswered, EquitySeen
from engine.domain.events import CommandGiven
from engine.domain.order import Book
from engine.domain.setup import Direction
from engine.domain.signal import Rule
from engine.risk.limits import RiskLimits
from engine.runtime.mailbox import Mailbox
from engine.scanner.universe import Universe
from models.heuristic import HeuristicScorer
from storage.queries import StoredSetup, StoredVerdict
from tests.bot import fake_desk
from tests.bot.fake_desk import health_figures, preflight_facts
from tests.builders import candle, instrument
from tests.fake_clock import FakeClock
from tests.storage import samples
from tests.virtual_loop import run_virtual

DAY = 86_400_000
NOW_MS = 20_000 * DAY + 3_600_000
"""One hour into a UTC day."""
ROLLBACK = ChangeModel(command_id="c", requested_by="ann", change=ModelChange.ROLLBACK, bundle="ab")


def stored(found=None, **fields) -> StoredSetup:
    found = found or samples.setup()
    values = {
        "score": samples.score(found),
        "fate": "signal",
        "at_ms": NOW_MS - 1000,
        "threshold": 0.3,
        "cost": samples.signal(found).cost,
        "verdicts": (),
        "closed": (),
    }
    return StoredSetup(setup=found, **(values | fields))


def verdict(*, approved: bool, rule: Rule | None = None) -> StoredVerdict:
    nothing = dict.fromkeys(
        (
            "book",
            "qty",
            "limit_price",
            "stop_price",
            "target_price",
            "risk_ratio",
            "risk",
            "margin",
        )
    )
    return StoredVerdict(
        at_ms=0, approved=approved, rule=rule, detail="", at_floor=False, **nothing
    )


async def facts() -> PreflightFacts:
    return preflight_facts(venue="sim")


class Journal:
    """Implements the questions a desk asks."""

    def __init__(self) -> None:
        self.trades = {Book.PAPER: (), Book.LIVE: ()}
        self.curve: tuple[EquitySeen, ...] = ()
        self.setups: tuple[StoredSetup, ...] = ()
        self.answered: tuple[tuple[int, CommandAnswered], ...] = ()
        self.since: list[int] = []

    async def closed_trades(self, book, since_ms, until_ms):
        self.since.append(since_ms)
        return tuple(t for t in self.trades[book] if since_ms <= t.closed_ms < until_ms)

    async def equity(self, _book, _since_ms, _until_ms, _most):
        return self.curve

    async def signals(self, limit):
        return self.setups[:limit]

    async def setup(self, setup_id):
        return next((s for s in self.setups if s.setup.setup_id == setup_id), None)

    async def commands(self, limit):
        return self.answered[:limit]


class Models:
    """Implements `bot.model_desk.ModelDesk` with words."""

    def __init__(self) -> None:
        self.obeyed: list[object] = []

    def view(self):
        return "view"

    async def evidence(self):
        return "evidence"

    async def propose(self, change):
        return f"proposal of {change}"

    async def obey(self, command):
        self.obeyed.append(command)
        return Receipt(command_id=command.command_id, accepted=True, detail="obeyed")


class Writer:
    """A journal that has stored everything once it is told to."""

    def __init__(self) -> None:
        self.stored = asyncio.Event()
        self.stored.set()

    async def flush(self) -> None:
        await self.stored.wait()


class World:
    def __init__(self) -> None:
        self.writer = Writer()
        self.journal = Journal()
        self.mailbox = Mailbox()
        self.positions = ()
        engine = SimpleNamespace(
            snapshot=lambda now: SimpleNamespace(
                positions=self.positions, now=now, risk_pct=Decimal("1.0")
            ),
            candles=lambda symbol, n: tuple(candle(symbol=symbol) for _ in range(n)),
            evidence=lambda symbol: (f"live evidence of {symbol}",),
        )
        symbols = (instrument("BTCUSDT", tick_size=Decimal("0.10")), instrument("ETHUSDT"))
        universe = Universe(symbols, {"BTCUSDT": 5.0}, {"XUSDT": "too young"})
        self.machine = SimpleNamespace(
            commands=CommandDesk(self.mailbox),
            engine=engine,
            clock=FakeClock(NOW_MS),
            scanner=SimpleNamespace(universe=universe),
            venues={Book.PAPER: None, Book.LIVE: None},
            loop=SimpleNamespace(scorer=HeuristicScorer()),
            limits=RiskLimits(),
            writer=self.writer,
        )
        health = health_figures(symbols=2)
        self.models = Models()
        self.desk = DeskService(
            self.machine,
            self.journal,
            random.Random(1),
            lambda: health,
            models=self.models,
            preflight=facts,
        )


@pytest.fixture
def world() -> World:
    return World()


async def test_submit_when_the_engine_answers_returns_its_receipt(world):
    command = Pause(command_id="c1", requested_by="ann")
    waiting = world.desk.submit(command)

    async def engine() -> None:
        (event,) = await world.mailbox.drain()
        assert event == CommandGiven(command)
        world.machine.commands.acknowledge(Receipt(command_id="c1", accepted=True, detail="ok"))

    receipt, _ = await asyncio.gather(waiting, engine())

    assert receipt == Receipt(command_id="c1", accepted=True, detail="ok")


async def obeyed(world: World) -> tuple[Receipt, float]:
    """Submit a command the engine obeys at once; returns its receipt and how long it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    waiting = loop.create_task(world.desk.submit(Pause(command_id="c1", requested_by="ann")))
    await world.mailbox.drain()
    world.machine.commands.acknowledge(Receipt(command_id="c1", accepted=True, detail="ok"))
    return await waiting, loop.time() - began


def test_submit_when_what_was_commanded_is_not_stored_yet_waits_for_it():
    async def story() -> float:
        world = World()
        world.writer.stored.clear()
        asyncio.get_running_loop().call_later(0.4, world.writer.stored.set)
        return (await obeyed(world))[1]

    assert run_virtual(story()) == pytest.approx(0.4)


def test_submit_when_a_change_of_the_model_is_not_stored_yet_waits_for_it():
    async def story() -> float:
        world, loop = World(), asyncio.get_running_loop()
        world.writer.stored.clear()
        loop.call_later(0.4, world.writer.stored.set)
        began = loop.time()
        await world.desk.submit(ROLLBACK)
        return loop.time() - began

    assert run_virtual(story()) == pytest.approx(0.4)


def test_submit_when_the_disk_is_in_trouble_answers_a_second_later():
    async def story() -> tuple[Receipt, float]:
        world = World()
        world.writer.stored.clear()
        return await obeyed(world)

    receipt, took_s = run_virtual(story())

    assert receipt.accepted
    assert took_s == pytest.approx(1.0)


async def test_pnl_when_asked_is_of_every_book_until_now(world):
    won = samples.closed("k1", closed_ms=NOW_MS)
    world.journal.trades[Book.PAPER] = (won,)

    paper, live = (await world.desk.pnl(AskPnl(Period.DAY))).books

    assert (paper.book, paper.total.count, live.book) == (Book.PAPER, 1, Book.LIVE)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, "told"),
        ({"verdicts": (verdict(approved=True),)}, "not filled"),
        ({"verdicts": (verdict(approved=False, rule=Rule.COST),)}, "cost"),
        ({"verdicts": (verdict(approved=False),)}, "refused"),
        ({"closed": (samples.closed(),), "verdicts": (verdict(approved=True),)}, "target +1.80 R"),
    ],
)
async def test_signals_when_listed_say_what_became_of_them(world, fields, outcome):
    world.journal.setups = (stored(**fields),)

    (row,) = (await world.desk.signals(AskSignals())).rows

    assert row.outcome == outcome
    assert (row.score, row.cost_r) == (0.41, 0.14)


async def test_signal_when_its_position_is_open_is_running(world):
    found = samples.setup()
    world.journal.setups = (stored(found, verdicts=(verdict(approved=True),)),)
    world.positions = (fake_desk.position(setup_id=found.setup_id),)

    (row,) = (await world.desk.signals(AskSignals())).rows

    assert row.outcome == "running"


async def test_outcome_when_asked_is_the_trade_or_whether_there_might_be_one(world):
    traded, missed, unknown = samples.setup("A"), samples.setup("B"), samples.setup("C")
    world.journal.setups = (
        stored(traded, verdicts=(verdict(approved=True),), closed=(samples.closed(),)),
        stored(missed, verdicts=(verdict(approved=False, rule=Rule.COST),)),
    )

    assert await world.desk.outcome(AskOutcome(traded.setup_id)) == Outcome(
        trade=samples.closed(), approved=True
    )
    assert await world.desk.outcome(AskOutcome(missed.setup_id)) == Outcome(rule=Rule.COST)
    assert await world.desk.outcome(AskOutcome(unknown.setup_id)) == Outcome()


async def test_signal_when_it_was_never_scored_shows_zero(world):
    world.journal.setups = (stored(score=None, cost=None),)

    (row,) = (await world.desk.signals(AskSignals())).rows

    assert (row.score, row.cost_r) == (0.0, 0.0)


async def test_why_when_asked_uses_the_risk_of_now_and_what_is_open(world):
    found = samples.setup()
    world.journal.setups = (stored(found),)
    world.positions = (fake_desk.position(setup_id=found.setup_id),)

    told = await world.desk.why(AskWhy("BTCUSDT"))

    assert told.setup == found
    assert told.running
    assert told.kelly is not None
    assert told.kelly.max_ratio == 0.01


async def test_chart_when_no_setup_is_named_shows_live_findings_and_the_position(world):
    world.positions = (fake_desk.position("BTCUSDT"),)

    chart = await world.desk.chart(AskChart("BTCUSDT", candles=3))

    assert len(chart.candles) == 3
    assert chart.evidence == ("live evidence of BTCUSDT",)
    assert chart.decimals == 1
    assert chart.position is world.positions[0]
    assert chart.direction is chart.zone is chart.entry is None


async def test_chart_when_a_setup_is_named_shows_its_zone_and_levels(world):
    found = samples.setup(direction=Direction.SHORT)
    world.journal.setups = (stored(found),)

    chart = await world.desk.chart(AskChart("BTCUSDT", setup_id=found.setup_id))

    assert chart.evidence == found.evidence
    assert chart.direction is Direction.SHORT
    assert (chart.entry, chart.stop, chart.target) == (found.entry, found.stop, found.target)
    assert chart.zone == (found.zone_bottom, found.zone_top)


async def test_chart_when_the_setup_is_forgotten_shows_the_symbol_as_it_is(world):
    chart = await world.desk.chart(AskChart("ETHUSDT", setup_id="gone"))

    assert chart.evidence == ("live evidence of ETHUSDT",)


@pytest.mark.parametrize(
    ("symbol", "said"),
    [
        ("BTCUSD", "BTCUSD is not scanned, did you mean BTCUSDT"),
        ("ZZZ", "^ZZZ is not scanned$"),
    ],
)
async def test_chart_when_the_symbol_is_unknown_offers_near_names(world, symbol, said):
    with pytest.raises(UnknownSymbol, match=said):
        await world.desk.chart(AskChart(symbol))


def test_universe_when_asked_tells_volumes_and_reasons(world):
    view = world.desk.universe()

    assert dict(view.scanned) == {"BTCUSDT": 5.0, "ETHUSDT": 0.0}
    assert view.excluded == {"XUSDT": "too young"}


async def test_model_when_asked_is_the_model_desks_business(world):
    receipt = await world.desk.submit(ROLLBACK)

    assert world.models.obeyed == [ROLLBACK]
    assert receipt.detail == "obeyed"
    assert world.desk.model() == "view"
    assert await world.desk.model_evidence() == "evidence"
    assert await world.desk.propose_model(ModelChange.RELOAD) == "proposal of reload"
    assert len(world.mailbox) == 0


async def test_health_when_asked_hands_on_the_figures(world):
    assert (await world.desk.health()).symbols == 2


async def test_journal_when_read_says_who_asked_for_what(world):
    command = ClosePosition(command_id="c", requested_by="ann", symbol="BTCUSDT")
    receipt = Receipt(command_id="c", accepted=False, detail="no such position")
    world.journal.answered = ((1, CommandAnswered(command, receipt, NOW_MS)),)

    (row,) = (await world.desk.journal(AskJournal())).rows

    assert (row.at_ms, row.who, row.accepted) == (NOW_MS, "ann", False)
    assert (row.what, row.detail) == ("ClosePosition BTCUSDT 100", "no such position")


def test_command_text_when_arguments_are_missing_leaves_them_out():
    who = {"command_id": "c", "requested_by": "ann"}

    assert command_text(Mute(symbol="BTCUSDT", until_ms=None, **who)) == "Mute BTCUSDT"
    assert command_text(SetThreshold(threshold=None, per_day=9, **who)) == "SetThreshold 9"


async def test_preflight_when_asked_is_what_the_venue_tells(world):
    assert (await world.desk.preflight()).venue == "sim"
