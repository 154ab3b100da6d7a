"""What is asked beside the event streams: the REST timetable and the guards of open positions."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import structlog

from bot.desk import StillWorking
from bot.ledger_check import LedgerCheck, LedgerResult, ReadTrades
from bot.machine import Machine
from bot.schedule import Job, Schedule
from bot.venue_link import VenueLink
from engine.domain.account import VenuePosition
from engine.domain.commands import Pause
from engine.domain.errors import VenueError
from engine.domain.events import BalanceChanged, PositionReported
from engine.domain.notices import AlarmKind
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.exchange.binance.codec_account import KeyPermissions
from engine.ports import CallKind, calls_counted_as

log = structlog.get_logger(__name__)

GUARD_EVERY_MS = 300_000
POSITIONS_EVERY_S = 30.0
_ZERO = Decimal(0)
KEY_PAUSES_S = (60, 120, 240, 480, 960, 1_920, 3_600, 3_600)
"""Between attempts to read what the API key may do: three hours in all, then it is told."""
WALLET_READ = "WALLET_READ"
"""Reason of a balance that was asked for, beside the venue's own words."""


class Guards:
    """Keeps the account honest while nothing seems to be wrong.

    * the timetable, at most 96 REST requests a day of exchange time;
    * the position guard: one openAlgoOrders request per 5 min while a live position is open;
    * positions over the WebSocket API every 30 s while one is open;
    * what the API key may do, once at the start: live mode is kept over restarts, and a key that
      can move money away pauses entries. Where it cannot be read while live mode is on, it is
      asked for again with growing pauses; the pre-flight asks anew before live mode is turned on.

    Args:
        machine: whose mailbox hears what is found.
        link: the venue.
        closed_trades: reads the journal's results, which are then held against the venue's every
            three hours; None leaves that out.
    """

    def __init__(
        self, machine: Machine, link: VenueLink, closed_trades: ReadTrades | None = None
    ) -> None:
        self._machine = machine
        self._link = link
        self.ledger: LedgerResult | None = None
        self._ledger_check = (
            LedgerCheck(machine.clock, link.account.income, closed_trades, self._is_flat)
            if link.account is not None and closed_trades is not None
            else None
        )
        self.schedule = Schedule(machine.clock, self._jobs())

    def start(self) -> None:
        """Begin in the background."""
        tasks = self._machine.tasks
        tasks.restarting("schedule", self.schedule.run)
        if self._link.account is not None:
            tasks.restarting("position-guard", self._guard_stops)
            tasks.restarting("position-check", self._check_positions)
            if self._link.name == "binance":
                tasks.once("key-check", self._check_key())

    def _jobs(self) -> dict[Job, Callable[[], Awaitable[None]]]:
        scanner = self._machine.scanner
        jobs: dict[Job, Callable[[], Awaitable[None]]] = {
            Job.LISTINGS: self._counted(scanner.refresh_listings),
            Job.TICKERS: self._counted(scanner.refresh_volumes),
        }
        if self._link.account is not None:
            jobs |= {
                Job.CONDITIONALS: self._counted(self._compare_stops),
                Job.ACCOUNT: self._counted(self._compare_wallet),
            }
        if self._ledger_check is not None:
            jobs[Job.INCOME] = self._counted(self._compare_ledger)
        return jobs

    @staticmethod
    def _counted(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def call() -> None:
            with calls_counted_as(CallKind.SCHEDULED):
                await job()

        return call

    def _live_symbols(self) -> set[str]:
        snapshot = self._machine.engine.snapshot(self._machine.clock.instant())
        return {position.symbol for position in snapshot.positions if position.book is Book.LIVE}

    async def _compare_stops(self) -> None:
        snapshot = self._machine.engine.snapshot(self._machine.clock.instant())
        await self._machine.books[Book.LIVE].reconciler.guard(snapshot.positions)

    async def _guard_stops(self) -> None:
        while True:
            await asyncio.sleep(GUARD_EVERY_MS / 1000 / self._machine.clock.speed)
            if self._live_symbols():
                with calls_counted_as(CallKind.POSITION_GUARD):
                    await self._quietly(self._compare_stops)

    async def _check_positions(self) -> None:
        while True:
            await asyncio.sleep(POSITIONS_EVERY_S)
            if self._live_symbols():
                await self._quietly(self._report_positions)

    async def _report_positions(self) -> None:
        account = self._link.account
        assert account is not None
        now_ms = self._machine.clock.exchange_ms()
        missing = self._live_symbols()
        for position in await account.positions():
            missing.discard(position.symbol)
            self._machine.mailbox.put(PositionReported(Book.LIVE, position, now_ms))
        # The venue tells only what is open: what it does not name, and we still believe in after
        # the answer, is gone there.
        for symbol in sorted(missing & self._live_symbols()):
            gone = VenuePosition(symbol=symbol, qty=_ZERO, entry_price=_ZERO)
            self._machine.mailbox.put(PositionReported(Book.LIVE, gone, now_ms))

    async def _check_key(self) -> None:
        may = await self._key_permissions()
        if may is None:
            return
        if not (may.withdraw or may.transfer):
            log.info("key.permissions", ip_restricted=may.ip_restricted)
            return
        what = "withdraw" if may.withdraw else "transfer to other accounts"
        reason = f"the API key may {what}"
        text = f"Paused: {reason}. Replace it by one that can only trade futures, then /resume."
        self._machine.alarms.tell(AlarmKind.ACCOUNT, "key", text)
        pause = Pause(
            command_id=f"key-{self._machine.epoch}", requested_by="key check", reason=reason
        )
        try:
            await self._machine.commands.submit(pause)
        except StillWorking:
            log.warning("key.pause_unanswered")

    async def _key_permissions(self) -> KeyPermissions | None:
        """Ask until it is answered; None once live mode is off or patience has run out."""
        account = self._link.account
        assert account is not None
        kind, unread = CallKind.STARTUP, ""
        for pause_s in (*KEY_PAUSES_S, None):
            try:
                with calls_counted_as(kind):
                    return await account.key_permissions()
            except VenueError as error:
                unread, kind = str(error), CallKind.RECOVERY
            again_s = pause_s if self._is_live() else None
            log.warning("key.permissions_unread", reason=unread, again_s=again_s)
            if again_s is None:
                break
            await asyncio.sleep(again_s)
            if not self._is_live():
                return None
        if self._is_live():
            text = f"What the API key may do cannot be read: {unread}. Live mode goes on unchecked."
            self._machine.alarms.tell(AlarmKind.ACCOUNT, "key", text)
        return None

    def _is_live(self) -> bool:
        return self._machine.engine.snapshot(self._machine.clock.instant()).mode is Mode.LIVE

    async def _compare_wallet(self) -> None:
        """Take over the venue's wallet where it differs from what its pushes told us."""
        account = self._link.account
        assert account is not None
        before = self._wallet()
        told = await account.wallet()
        now = self._wallet()
        # A push that came while we asked is newer than the answer.
        if before != now or told == now:
            return
        log.warning("wallet.differs", believed=str(now), venue=str(told))
        now_ms = self._machine.clock.exchange_ms()
        self._machine.mailbox.put(BalanceChanged(Book.LIVE, told, WALLET_READ, now_ms))

    async def _compare_ledger(self) -> None:
        assert self._ledger_check is not None
        told = self.ledger = await self._ledger_check.check()
        if told.left_out:
            log.debug("ledger.not_compared", reason=told.left_out)
        elif told.agrees:
            log.info("ledger.agrees", trades=told.trades, net=str(told.venue))
        else:
            log.error(
                "ledger.differs", trades=told.trades, journal=str(told.ours), venue=str(told.venue)
            )

    def _is_flat(self) -> bool:
        snapshot = self._machine.engine.snapshot(self._machine.clock.instant())
        books = (view for view in snapshot.books if view.book is Book.LIVE)
        return not self._live_symbols() and not any(b.pending or b.unknown for b in books)

    def _wallet(self) -> Decimal | None:
        snapshot = self._machine.engine.snapshot(self._machine.clock.instant())
        return next((view.wallet for view in snapshot.books if view.book is Book.LIVE), None)

    @staticmethod
    async def _quietly(check: Callable[[], Awaitable[None]]) -> None:
        try:
            await check()
        except VenueError as error:
            log.warning("guard.failed", reason=str(error))
