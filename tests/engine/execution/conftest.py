"""A venue whose answers a test scripts, and a journal in memory."""

import asyncio
import random
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from engine.domain.account import VenueSnapshot
from engine.domain.errors import JournalError
from engine.domain.order import (
    Book,
    Fill,
    Intent,
    IntentState,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
)
from engine.execution.executor import Executor
from engine.execution.settlement import Settlement
from engine.runtime.clock import LoopClock
from engine.runtime.tasks import Supervisor


def intent(purpose: Purpose = Purpose.ENTRY, client_id: str = "smc1-E-abcdefghijklmn-0") -> Intent:
    kind = {
        Purpose.ENTRY: OrderType.LIMIT,
        Purpose.STOP: OrderType.STOP_MARKET,
        Purpose.TARGET: OrderType.TAKE_PROFIT_MARKET,
        Purpose.EXIT: OrderType.MARKET,
    }[purpose]
    request = OrderRequest(
        client_id=client_id,
        symbol="AUSDT",
        side=Side.BUY if purpose is Purpose.ENTRY else Side.SELL,
        order_type=kind,
        qty=Decimal(3),
        purpose=purpose,
        reduce_only=purpose is not Purpose.ENTRY,
    )
    return Intent(book=Book.LIVE, trade_key="setup-1", request=request, created_ms=100_000)


def order(of: Intent, status: OrderStatus = OrderStatus.NEW, filled: int = 0) -> Order:
    request = of.request
    return Order(
        client_id=request.client_id,
        venue_id="77",
        symbol=request.symbol,
        side=request.side,
        order_type=request.order_type,
        status=status,
        qty=request.qty,
        filled_qty=Decimal(filled),
        reduce_only=request.reduce_only,
        event_time_ms=0,
        conditional=request.is_conditional,
    )


def fill(of: Intent, trade_id: int, venue_id: str = "77", client_id: str = "") -> Fill:
    return Fill(
        symbol=of.request.symbol,
        client_id=client_id,
        venue_id=venue_id,
        trade_id=trade_id,
        side=of.request.side,
        qty=Decimal(1),
        price=Decimal(10),
        fee=Decimal("0.005"),
        fee_asset="USDT",
        realised_pnl=Decimal(0),
        is_maker=False,
        event_time_ms=0,
    )


SNAPSHOT = VenueSnapshot(taken_ms=0, wallet=Decimal(1000), positions=(), orders=(), conditionals=())


class ScriptedVenue:
    """Each call takes the next scripted answer; an exception is raised, a value returned."""

    def __init__(self) -> None:
        self.placed: list[OrderRequest] = []
        self.answers: dict[str, list[object]] = {}
        self.defaults: dict[str, object] = {"fills": (), "snapshot": SNAPSHOT, "query": None}
        self.calls: list[str] = []

    def script(self, method: str, *answers: object) -> None:
        self.answers.setdefault(method, []).extend(answers)

    async def _answer(self, method: str):
        self.calls.append(method)
        waiting = self.answers.get(method)
        answer = waiting.pop(0) if waiting else self.defaults.get(method)
        await asyncio.sleep(0.01)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def place(self, request):
        self.placed.append(request)
        return await self._answer("place")

    async def cancel(self, symbol, client_id, *, conditional):
        return await self._answer("cancel")

    async def query(self, symbol, client_id, *, conditional):
        return await self._answer("query")

    async def fills(self, symbol, since_ms):
        return await self._answer("fills")

    async def snapshot(self):
        return await self._answer("snapshot")

    async def conditionals(self):
        return await self._answer("conditionals")


class ScriptedJournal:
    """Keeps intents in memory; fails on request."""

    def __init__(self) -> None:
        self.intents: dict[str, IntentState] = {}
        self.keys: set[str] = set()
        self.broken = False
        self.order: list[str] = []

    async def save_intent(self, wish):
        if self.broken:
            raise JournalError("disk full")
        if wish.signal_key is not None:
            if wish.signal_key in self.keys:
                return False
            self.keys.add(wish.signal_key)
        self.intents[wish.request.client_id] = IntentState.PENDING
        self.order.append("saved")
        return True

    async def settle_intent(self, client_id, state, reason=""):
        if self.broken:
            raise JournalError("disk full")
        self.intents[client_id] = state


@pytest.fixture
def rig_of():
    """Build everything on the running loop: `rig = rig_of()` inside a coroutine."""

    def build():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop.time, exchange_ms=0, wall_ms=0, speed=1)
        tasks = Supervisor(clock, random.Random(1))
        venue, journal, events = ScriptedVenue(), ScriptedJournal(), []
        settlement = Settlement(Book.LIVE, venue, journal, clock, tasks, events.append)
        executor = Executor(Book.LIVE, venue, journal, tasks, settlement, events.append)
        return SimpleNamespace(
            clock=clock,
            tasks=tasks,
            venue=venue,
            journal=journal,
            events=events,
            executor=executor,
            settlement=settlement,
        )

    return build


def renamed(wish: Intent, client_id: str) -> Intent:
    return replace(wish, request=replace(wish.request, client_id=client_id))
