"""The whole machine in one loop: the embedded exchange on loopback, and the bot against it.

`Rig` is the exchange's side and the test's hands on it, `Bot` one instance of the bot: the real
adapter, the real core, the real database on disk. The exchange lives on when a bot is killed.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.guards import Guards
from bot.machine import Machine, Parts
from bot.venue_link import VenueLink
from engine.core.config import EngineConfig
from engine.domain.errors import VenueError
from engine.domain.order import Book, Purpose
from engine.domain.signal import Mode
from engine.domain.snapshot import BookView, PositionView
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.limits import RateBudget
from engine.exchange.binance.market_data import BinanceMarketData
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.venue import BinanceVenue
from engine.exchange.paper.venue import PaperConfig, PaperVenue
from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.fault_actions import Action
from engine.exchange.sim.faults import FaultRule
from engine.exchange.sim.server import SimServer, SimUrls
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.tick import Tick
from engine.exchange.sim.wire.security import ApiKey
from engine.ports import Clock
from engine.risk.exits import ExitPolicy
from engine.risk.limits import RiskLimits
from engine.risk.threshold import ThresholdRule
from engine.runtime.clock import LoopClock
from engine.scanner.scanner import ScannerConfig
from storage import tables
from storage.database import Database
from storage.journal import SqlJournal
from storage.migrate import migrate_open
from tests.system.history import History
from tests.system.idle_loop import held_time
from tests.system.scripted import CrashPoint, Notices, Script, SureScorer, TimelessJournal

START_MS = 1_790_000_040_000
SPEED = 20.0
ACCOUNT = "ours"
BTC, ETH, SOL = SYMBOLS = "BTCUSDT", "ETHUSDT", "SOLUSDT"
NAKED_LIMIT_S = 10.0
_KEY, _SECRET = "key", "secret"
_LOOK_EVERY_S = 0.1


async def until(
    condition: Callable[[], bool], within_s: float = 30.0, what: str | Callable[[], str] = ""
) -> None:
    """Let the loop run until the condition holds, for at most so much loop time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not condition():
        if loop.time() > deadline:
            words = what() if callable(what) else what or condition
            raise AssertionError(f"not within {within_s:g} s: {words}")
        await asyncio.sleep(_LOOK_EVERY_S)


async def always(condition: Callable[[], bool], for_s: float) -> None:
    """Check that the condition holds at every look for so much loop time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + for_s
    while loop.time() < end:
        assert condition()
        await asyncio.sleep(_LOOK_EVERY_S)


@dataclass
class Bot:
    """One instance of the bot."""

    machine: Machine
    account: BinanceVenue
    rest: BinanceRest
    database: Database
    notices: Notices
    _stack: AsyncExitStack

    @property
    def live(self) -> BookView:
        """What the bot believes of its live account."""
        books = self.machine.engine.snapshot(self.machine.clock.instant()).books
        return next(book for book in books if book.book is Book.LIVE)

    @property
    def positions(self) -> dict[str, PositionView]:
        """Live positions the bot shows, foreign ones included."""
        shown = self.machine.engine.snapshot(self.machine.clock.instant()).positions
        return {one.symbol: one for one in shown if one.book is Book.LIVE}

    def is_protected(self, symbol: str) -> bool:
        """Whether the bot believes a position of its own to be protected."""
        position = self.positions.get(symbol)
        return position is not None and position.ours and position.protected

    def is_flat(self, symbol: str) -> bool:
        """Whether the bot holds nothing and the symbol is free again."""
        return symbol not in self.positions and not self.live.pending and not self.live.unknown

    @property
    def blind(self) -> frozenset[str]:
        """Symbols without a live series."""
        return self.machine.engine.snapshot(self.machine.clock.instant()).blind

    def task(self, name: str) -> asyncio.Task[Any]:
        """A background task of the machine by its name."""
        return next(task for task in self.machine.tasks._tasks if task.get_name() == name)

    def is_free(self, symbol: str) -> bool:
        """Whether no round trip of the symbol is under way, its cleaning up included."""
        return symbol not in self.machine.engine._state.books[Book.LIVE].trades

    async def intent_states(self, purpose: Purpose) -> dict[str, str]:
        """Where the journal says the intents of a purpose stand, by client order id."""
        columns = select(tables.intents.c.client_id, tables.intents.c.state)
        with held_time():
            async with self.database.read() as connection:
                rows = await connection.execute(
                    columns.where(tables.intents.c.purpose == purpose.value)
                )
                return {row.client_id: row.state for row in rows}

    async def kill(self) -> None:
        """End at once: nothing is flushed, said or sent any more."""
        with held_time():
            await self.machine.tasks.close()
        await self._stack.aclose()

    async def stop(self) -> None:
        """End cleanly."""
        await self.machine.stop()
        await self._stack.aclose()


@dataclass
class Rig:
    """The exchange, and everything a test does to it."""

    server: SimServer
    exchange: Exchange
    market: SyntheticMarket
    clock: SimClock
    urls: SimUrls
    script: Script
    history: History
    folder: Path
    limits: RiskLimits
    exits: ExitPolicy
    config: dict[str, Any]
    bots: list[Bot] = field(default_factory=list)
    crash: CrashPoint = field(default_factory=CrashPoint)
    shape: Callable[[Parts, Clock], Awaitable[Parts]] | None = None
    """Changes what the next instance is built from."""

    # --- the bot -------------------------------------------------------------------------------

    async def start_bot(self, *, ready: bool = True) -> Bot:
        """Start an instance on the one database; waits until it may trade unless told not to."""
        self.crash = CrashPoint()
        while True:
            bot = await self._open_bot()
            self.bots.append(bot)
            try:
                await bot.machine.start(None, lambda _done, _total: None)
                break
            except VenueError:  # its process would end here and be started again
                await bot.kill()
        Guards(bot.machine, _link_of(bot)).start()
        if ready:
            await until(lambda: bot.live.ready and self._is_prepared(bot), what="ready to trade")
        return bot

    @staticmethod
    def _is_prepared(bot: Bot) -> bool:
        book = bot.machine.engine._state.books[Book.LIVE]
        return set(SYMBOLS) <= book.prepared.keys()

    async def _open_bot(self) -> Bot:
        stack = AsyncExitStack()
        loop = asyncio.get_running_loop()
        number = len(self.bots) + 1
        rng = random.Random(number)
        clock = LoopClock(
            loop.time, exchange_ms=self.clock.now_ms(), wall_ms=START_MS, speed=self.clock.speed
        )
        venue = BinanceConfig.custom(self.urls.rest, api_key=_KEY, api_secret=_SECRET)
        venue = replace(venue, **self.config)
        rest = BinanceRest(venue, clock, budget=RateBudget(clock), server=ServerClock(clock))
        stack.push_async_callback(rest.close)
        account = BinanceVenue(venue, clock, rest, rng=rng)
        database = Database(str(self.folder / "trade.db"))
        with held_time():
            await database.open()
            await migrate_open(database)
        stack.push_async_callback(database.close)
        notices = Notices()
        parts = Parts(
            link=VenueLink("sim", clock, rest, BinanceMarketData(venue, clock, rest), account),
            journal=TimelessJournal(SqlJournal(database), lambda: self.crash),
            notifier=notices,
            scorer=SureScorer(),
            paper=PaperVenue(clock, rng, PaperConfig()),
            config=self._engine_config(number),
            scanner=ScannerConfig(),
            rng=rng,
            may_enter=lambda: True,
        )
        if self.shape is not None:
            parts = await self.shape(parts, clock)
        return Bot(Machine(parts), account, rest, database, notices, stack)

    def _engine_config(self, epoch: int) -> EngineConfig:
        return EngineConfig(
            detector=self.script.detector,
            books=(Book.PAPER, Book.LIVE),
            epoch=epoch,
            mode=Mode.LIVE,
            speed=self.clock.speed,
            allow_negative_edge=True,
            limits=self.limits,
            exits=self.exits,
            threshold=ThresholdRule(fixed=0.5),
        )

    def let_die(
        self, bot: Bot, number: int | None, begun: Callable[[], bool] = lambda: True
    ) -> CrashPoint:
        """Let the bot die at a later step of its journal; None only counts the steps."""
        self.crash = CrashPoint(number, begun)
        self.crash.tasks = bot.machine.tasks._tasks
        return self.crash

    async def enter(self, bot: Bot, symbol: str = BTC, **wish: Any) -> None:
        """Let a Setup arise and wait until its position is protected."""
        self.script.want(symbol, **wish)
        await until(lambda: bot.is_protected(symbol), what=f"{symbol} protected")

    async def signal(self, symbol: str = BTC, **wish: Any) -> None:
        """Let a Setup arise and wait until it was raised."""
        before = len(self.script.raised)
        self.script.want(symbol, **wish)
        await until(lambda: len(self.script.raised) > before, what=f"a Setup in {symbol}")

    # --- the exchange --------------------------------------------------------------------------

    def arm(self, action: Action, operation: str, **rule: Any) -> int:
        """Inject a fault."""
        return self.server.faults.arm(FaultRule(action, operation, **rule))

    @property
    def struck(self) -> int:
        """How many faults have struck."""
        return sum(self.server.faults.struck.values())

    def trade_at(self, symbol: str, ratio: str) -> None:
        """Let the market print one trade at a share of its price, then go on as before."""
        tick = next(rules.tick_size for rules in self.market.rules if rules.symbol == symbol)
        last = Decimal(self.price(symbol, ratio))
        moved = Tick(bid=last - tick, ask=last + tick, last=last, mark=last, path=(last,))
        self.exchange.on_tick(symbol, moved, self.now_ms)

    def by_hand(self, symbol: str, side: str, quantity: str, **params: str) -> Mapping[str, Any]:
        """Let the operator trade on the exchange's own page."""
        self.exchange.quote(symbol, self.market.tick(symbol))
        order = {"symbol": symbol, "side": side, "type": "MARKET", "quantity": quantity, **params}
        return self.exchange.place_order(ACCOUNT, order, self.now_ms)

    def cancel_stops_by_hand(self, symbol: str) -> int:
        """Let somebody cancel the stops of a symbol; returns how many there were."""
        stops = [one for one in self.resting(symbol) if one["orderType"] == "STOP_MARKET"]
        for stop in stops:
            self.exchange.cancel_algo(ACCOUNT, {"algoId": str(stop["algoId"])}, self.now_ms)
        return len(stops)

    def resting(self, symbol: str | None = None) -> list[Mapping[str, Any]]:
        """Conditional orders that rest at the exchange."""
        rows = self.exchange.open_algos(ACCOUNT, {}, self.now_ms)
        return [row for row in rows if symbol in {None, row["symbol"]}]

    def held(self, symbol: str) -> Decimal:
        """Signed quantity the account holds according to the exchange."""
        rows = self.exchange.position_risk_v3(ACCOUNT, {}, self.now_ms)
        held = [Decimal(row["positionAmt"]) for row in rows if row["symbol"] == symbol]
        return sum(held, Decimal(0))

    @property
    def wallet(self) -> Decimal:
        """The account's wallet according to the exchange."""
        return Decimal(self.exchange.account_v3(ACCOUNT, {}, self.now_ms)["totalWalletBalance"])

    def price(self, symbol: str, ratio: str = "1") -> str:
        """A share of the last price, on the tick grid."""
        tick = next(rules.tick_size for rules in self.market.rules if rules.symbol == symbol)
        return str(self.market.tick(symbol).last * Decimal(ratio) // tick * tick)

    @property
    def now_ms(self) -> int:
        """Exchange time."""
        return max(self.clock.now_ms(), self.market.now_ms)

    @property
    def wall_s(self) -> float:
        """Wall time, on the loop's clock."""
        return asyncio.get_running_loop().time()

    @staticmethod
    def rest_calls(bot: Bot, kind: str) -> int:
        """How many REST requests the bot has made of a kind."""
        return bot.rest.counters.by_kind[kind]

    # --- verdicts ------------------------------------------------------------------------------

    def books_agree(self, bot: Bot) -> bool:
        """Whether the bot's live book equals the exchange's account to 1e-8."""
        rows = self.exchange.position_risk_v3(ACCOUNT, {}, self.now_ms)
        theirs = {row["symbol"]: Decimal(row["positionAmt"]) for row in rows}
        theirs = {symbol: qty for symbol, qty in theirs.items() if qty}
        ours = {symbol: one.qty * int(one.direction) for symbol, one in bot.positions.items()}
        return ours == theirs and abs(bot.live.wallet - self.wallet) <= Decimal("1e-8")

    def longest_naked_s(self, *, spare: frozenset[str] = frozenset()) -> float:
        """Longest unprotected stretch so far in wall seconds, by the exchange's history."""
        return self.history.longest_naked_s(self.now_ms, self.clock.speed, spare=spare)

    def assert_lawful(self, *, spare: frozenset[str] = frozenset()) -> None:
        """Every signal was entered at most once and nothing of ours was naked for 10 s.

        Args:
            spare: symbols with positions of other people, which nobody protects.
        """
        assert self.history.most_entries_of_a_signal() <= 1
        assert self.longest_naked_s(spare=spare) <= NAKED_LIMIT_S


def _link_of(bot: Bot) -> VenueLink:
    return bot.machine._parts.link


@asynccontextmanager
async def rig(
    folder: Path,
    *,
    speed: float = SPEED,
    limits: Mapping[str, Any] | None = None,
    exits: ExitPolicy | None = None,
    seed: int = 1,
    warm_minutes: int = 60,
    **config: Any,
) -> AsyncIterator[Rig]:
    """Start the exchange; bots are started by the test and killed at the end.

    Args:
        folder: where the bots' one database lies.
        speed: exchange seconds per wall second.
        limits: changed risk limits.
        exits: when trades are left by time; very late unless given.
        seed: of the market and of chance faults.
        warm_minutes: candles the market begins with.
        config: changed fields of the adapter's configuration.
    """
    loop = asyncio.get_running_loop()
    market = SyntheticMarket(4, seed=seed, start_ms=START_MS, warm_minutes=warm_minutes)
    clock = SimClock(loop.time, epoch_ms=START_MS, speed=speed)
    exchange = Exchange(market.rules)
    keys = {_KEY: ApiKey(ACCOUNT, _SECRET)}
    server = SimServer(exchange, market, clock, keys=keys, rng=random.Random(seed))
    urls = await server.start()
    built = Rig(
        server,
        exchange,
        market,
        clock,
        urls,
        Script(),
        History(exchange.ledger, ACCOUNT),
        folder,
        RiskLimits(cool_down_ms=0, **(limits or {})),
        exits or ExitPolicy(time_candles=100_000, stagnation_candles=100_000),
        config,
    )
    try:
        yield built
    finally:
        for bot in built.bots:
            await bot.kill()
        await server.stop()
