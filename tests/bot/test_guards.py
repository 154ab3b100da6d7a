"""Tests of bot/guards.py: a scripted account beside a real engine and schedule."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from bot.guards import GUARD_EVERY_MS, KEY_PAUSES_S, POSITIONS_EVERY_S, WALLET_READ, Guards
from bot.schedule import Job
from engine.domain.commands import Pause
from engine.domain.errors import VenueUnreachable
from engine.domain.events import BalanceChanged, Instant, PositionReported
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.exchange.binance.codec_account import Income, KeyPermissions
from engine.ports import CALL_KIND, CallKind
from engine.runtime.clock import LoopClock
from tests.builders import d, venue_position
from tests.virtual_loop import run_virtual


class Account:
    """Answers with what a test says; `asked` remembers the kind each call was counted as."""

    def __init__(self) -> None:
        self.told = d(100)
        self.while_asked: Callable[[], None] = lambda: None
        self.failing = False
        self.may = KeyPermissions(
            trade_futures=True,
            withdraw=False,
            transfer=False,
            universal_transfer=True,
            ip_restricted=False,
        )
        self.asked: list[str] = []
        self.periods: list[tuple[int, int]] = []
        self.entries: tuple[Income, ...] = ()

    async def wallet(self) -> Decimal:
        self.asked.append(f"wallet {CALL_KIND.get()}")
        self.while_asked()
        return self.told

    async def key_permissions(self) -> KeyPermissions:
        self.asked.append(f"key {CALL_KIND.get()}")
        if self.failing:
            raise VenueUnreachable("down")
        return self.may

    async def income(self, since_ms: int, until_ms: int):
        self.asked.append(f"income {CALL_KIND.get()}")
        self.periods.append((since_ms, until_ms))
        return self.entries

    async def positions(self):
        self.asked.append("positions")
        if self.failing:
            raise VenueUnreachable("down")
        return (venue_position("BTCUSDT", 2),)


class Reconciler:
    def __init__(self) -> None:
        self.guarded: list[str] = []

    async def guard(self, positions) -> None:
        self.guarded.append(f"{len(positions)} {CALL_KIND.get()}")


class World:
    """A machine reduced to what guards touch."""

    def __init__(
        self,
        loop_time,
        *,
        account: bool = True,
        speed: float = 1.0,
        ledger: bool = False,
        venue: str = "sim",
    ) -> None:
        self.clock = LoopClock(loop_time, exchange_ms=0, wall_ms=0, speed=speed)
        self.account = Account() if account else None
        self.reconciler = Reconciler()
        self.positions: tuple[SimpleNamespace, ...] = ()
        self.wallet = d(100)
        self.mail: list[object] = []
        self.refreshed: list[str] = []
        self.tasks: dict[str, Callable] = {}
        self.pending = 0
        self.alarms: list[tuple[object, ...]] = []
        self.commands: list[Pause] = []
        self.once: list[Awaitable[None]] = []
        self.mode = Mode.SIGNALS
        link = SimpleNamespace(account=self.account, name=venue)
        self.guards = Guards(self._machine(), link, self._closed if ledger else None)

    def _machine(self):
        async def listings() -> None:
            self.refreshed.append(f"listings {CALL_KIND.get()}")

        async def volumes() -> None:
            self.refreshed.append(f"volumes {CALL_KIND.get()}")

        return SimpleNamespace(
            clock=self.clock,
            engine=SimpleNamespace(snapshot=self.snapshot),
            books={Book.LIVE: SimpleNamespace(reconciler=self.reconciler)},
            mailbox=SimpleNamespace(put=self.mail.append),
            scanner=SimpleNamespace(refresh_listings=listings, refresh_volumes=volumes),
            tasks=SimpleNamespace(restarting=self.tasks.__setitem__, once=self._once),
            alarms=SimpleNamespace(tell=lambda *told: self.alarms.append(told)),
            commands=SimpleNamespace(submit=self._submit),
            epoch=7,
        )

    def _once(self, _name: str, work: Awaitable[None]) -> None:
        self.once.append(work)

    async def _submit(self, command: Pause) -> None:
        self.commands.append(command)

    async def _closed(self, _book, _since_ms, _until_ms):
        return ()

    def snapshot(self, _now: Instant):
        books = (
            SimpleNamespace(book=Book.PAPER, wallet=d(7), pending=5, unknown=5),
            SimpleNamespace(book=Book.LIVE, wallet=self.wallet, pending=self.pending, unknown=0),
        )
        return SimpleNamespace(positions=self.positions, books=books, mode=self.mode)

    def open(self, book: Book = Book.LIVE) -> None:
        self.positions = (SimpleNamespace(book=book, symbol="BTCUSDT"),)

    async def work(self, seconds: float) -> None:
        """Let everything that was started run for so much wall time."""
        running = [asyncio.ensure_future(work()) for work in self.tasks.values()]
        await asyncio.sleep(seconds)
        assert not any(task.done() for task in running), "a guard ended"
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def in_world(story, **world) -> World:
    """Run a story in virtual time and return its world."""

    async def play() -> World:
        made = World(asyncio.get_running_loop().time, **world)
        await story(made)
        return made

    return run_virtual(play())


def for_seconds(seconds: float, *, opened: Book | None = None):
    async def story(world: World) -> None:
        if opened is not None:
            world.open(opened)
        world.guards.start()
        await world.work(seconds)

    return story


def test_guards_when_there_is_no_account_keep_only_the_public_timetable():
    world = in_world(for_seconds(86_400), account=False)

    assert set(world.tasks) == {"schedule"}
    assert len(world.refreshed) == 12 + 4
    assert world.guards.schedule.calls[Job.ACCOUNT] == 0
    assert world.guards.schedule.calls[Job.CONDITIONALS] == 0


def test_guards_when_a_day_passes_ask_at_most_96_times_and_count_it_as_scheduled():
    world = in_world(for_seconds(86_400))

    asked = len(world.refreshed) + len(world.reconciler.guarded) + len(world.account.asked)
    assert asked == sum(world.guards.schedule.calls.values())
    assert 80 < asked <= 96
    kinds = {line.split()[-1] for line in (*world.refreshed, *world.reconciler.guarded)}
    assert kinds == {CallKind.SCHEDULED.value}


def test_guards_when_a_live_position_is_open_compare_stops_every_five_minutes():
    world = in_world(for_seconds(3 * GUARD_EVERY_MS / 1000 + 1, opened=Book.LIVE))

    assert world.reconciler.guarded == ["1 position_guard"] * 3


def test_guards_when_the_market_runs_fast_compare_stops_by_its_time():
    world = in_world(for_seconds(GUARD_EVERY_MS / 1000 / 20 + 1, opened=Book.LIVE), speed=20.0)

    assert world.reconciler.guarded.count("1 position_guard") == 1


@pytest.mark.parametrize("opened", [None, Book.PAPER])
def test_guards_when_no_live_position_is_open_ask_nothing_more(opened):
    world = in_world(for_seconds(1_000, opened=opened))

    assert [line for line in world.reconciler.guarded if "position_guard" in line] == []
    assert world.account.asked == ["wallet scheduled"]
    assert world.mail == []


def test_positions_when_one_is_open_are_reported_every_thirty_seconds():
    world = in_world(for_seconds(2 * POSITIONS_EVERY_S + 1, opened=Book.LIVE))

    at = [event.event_time_ms for event in world.mail if isinstance(event, PositionReported)]
    assert at == [30_000, 60_000]
    assert {(e.book, e.position.qty) for e in world.mail} == {(Book.LIVE, d(2))}


def test_guard_when_the_venue_is_down_goes_on_without_ending():
    async def story(world: World) -> None:
        world.account.failing = True
        await for_seconds(2 * POSITIONS_EVERY_S + 1, opened=Book.LIVE)(world)

    world = in_world(story)

    assert world.account.asked == ["positions"] * 2
    assert world.mail == []


def test_wallet_when_it_agrees_tells_nothing():
    world = in_world(for_seconds(16 * 60))

    assert world.account.asked == ["wallet scheduled"]
    assert world.mail == []


def test_wallet_when_it_differs_is_taken_over():
    async def story(world: World) -> None:
        world.account.told = d("99.5")
        await for_seconds(16 * 60)(world)

    world = in_world(story)

    assert world.mail == [BalanceChanged(Book.LIVE, d("99.5"), WALLET_READ, 900_000)]


def test_wallet_when_a_push_came_meanwhile_is_not_taken_over():
    async def story(world: World) -> None:
        def pushed() -> None:
            world.wallet = d(101)

        world.account.told = d(100)
        world.account.while_asked = pushed
        await for_seconds(16 * 60)(world)

    assert in_world(story).mail == []


HOUR = 3_600


def test_ledger_when_a_day_passes_is_compared_every_three_hours():
    world = in_world(for_seconds(24 * HOUR), ledger=True)

    assert world.account.asked.count("income scheduled") == 7  # the first check marks a beginning
    assert world.guards.schedule.calls[Job.INCOME] == 8
    assert world.guards.ledger.agrees
    lengths = {until - since for since, until in world.account.periods}
    assert lengths == {3 * HOUR * 1000}


def test_ledger_when_it_differs_is_remembered():
    async def story(world: World) -> None:
        world.account.entries = (Income("FUNDING_FEE", d("-1.5"), "USDT", 0),)
        await for_seconds(4 * HOUR)(world)

    world = in_world(story, ledger=True)

    assert (world.guards.ledger.ours, world.guards.ledger.venue) == (0, d("-1.5"))
    assert not world.guards.ledger.agrees


@pytest.mark.parametrize("pending", [0, 1])
def test_ledger_when_an_order_is_pending_waits(pending):
    async def story(world: World) -> None:
        world.pending = pending
        await for_seconds(4 * HOUR)(world)

    world = in_world(story, ledger=True)

    assert len(world.account.periods) == 1 - pending


async def test_key_when_it_can_only_trade_is_asked_once_at_the_start_and_left_alone():
    world = World(asyncio.get_running_loop().time, venue="binance")
    world.guards.start()

    (check,) = world.once
    await check

    assert world.account is not None
    assert world.account.asked == [f"key {CallKind.STARTUP}"]
    assert (world.alarms, world.commands) == ([], [])


@pytest.mark.parametrize(
    ("power", "word"), [("withdraw", "may withdraw"), ("transfer", "may transfer")]
)
async def test_key_when_it_can_move_money_away_alarms_and_pauses_entries(power: str, word: str):
    world = World(asyncio.get_running_loop().time, venue="binance")
    assert world.account is not None
    world.account.may = replace(world.account.may, **{power: True})
    world.guards.start()

    (check,) = world.once
    await check

    ((_kind, _key, text),) = world.alarms
    assert word in str(text)
    (pause,) = world.commands
    assert word in pause.reason
    assert pause.command_id == "key-7"


def key_story(story: Callable[[World, "asyncio.Task[None]"], Awaitable[None]]) -> World:
    """Begin in live mode at an exchange that does not answer, then tell the story."""

    async def run() -> World:
        world = World(asyncio.get_running_loop().time, venue="binance")
        assert world.account is not None
        world.account.failing, world.mode = True, Mode.LIVE
        world.guards.start()
        (check,) = world.once
        task = asyncio.ensure_future(check)
        await story(world, task)
        await task
        return world

    return run_virtual(run())


def test_key_when_it_is_unread_in_live_mode_is_asked_again_until_it_answers():
    async def story(world: World, _task: object) -> None:
        await asyncio.sleep(sum(KEY_PAUSES_S[:2]) + 1)
        assert world.account is not None
        world.account.failing = False
        world.account.may = replace(world.account.may, withdraw=True)

    world = key_story(story)

    assert world.account is not None
    assert world.account.asked == [f"key {CallKind.STARTUP}", *[f"key {CallKind.RECOVERY}"] * 3]
    (pause,) = world.commands
    assert "may withdraw" in pause.reason


def test_key_when_it_is_never_answered_in_live_mode_is_given_up_and_told_once():
    async def story(_world: World, task: "asyncio.Task[None]") -> None:
        await asyncio.sleep(sum(KEY_PAUSES_S) - 1)
        assert not task.done()

    world = key_story(story)

    assert world.account is not None
    assert len(world.account.asked) == 1 + len(KEY_PAUSES_S)
    ((_kind, _key, text),) = world.alarms
    assert text == ("What the API key may do cannot be read: down. Live mode goes on unchecked.")
    assert world.commands == []


def test_key_when_live_mode_is_left_is_not_asked_again():
    async def story(world: World, _task: object) -> None:
        await asyncio.sleep(1)
        world.mode = Mode.PAPER

    world = key_story(story)

    assert world.account is not None
    assert len(world.account.asked) == 1
    assert world.alarms == []


async def test_key_when_it_cannot_be_read_out_of_live_mode_changes_nothing():
    world = World(asyncio.get_running_loop().time, venue="binance")
    assert world.account is not None
    world.account.failing = True
    world.guards.start()

    (check,) = world.once
    await check

    assert (world.alarms, world.commands) == ([], [])


@pytest.mark.parametrize("venue", ["sim", "binance-demo"])
def test_key_when_no_real_money_is_behind_it_is_not_asked_about(venue: str):
    world = World(lambda: 0.0, venue=venue)
    world.guards.start()

    assert world.once == []
