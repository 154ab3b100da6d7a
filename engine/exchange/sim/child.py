"""Runs the embedded exchange as a process: start, say where, journal, end with the parent."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, TextIO

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.errors import SimError
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.market import Market
from engine.exchange.sim.matching import BookDepth
from engine.exchange.sim.replay import ReplayMarket
from engine.exchange.sim.server import SimServer, SimUrls, WireSettings
from engine.exchange.sim.state_file import StateFile
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.security import ApiKey
from engine.exchange.sim.world import Behaviour

SAVING_SHARE: Final = 100.0
"""A save may take one part in so many of the time."""
_ENDING_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to run the embedded exchange.

    Attributes:
        start_ms: exchange time at which a new market begins; for a replay None is the earliest
            possible. A saved state continues at its own time.
        keys: account and secret by API key.
        host: address to listen on.
        port: port to listen on, 0 takes a free one.
        speed: exchange seconds per wall second.
        symbols: synthetic contracts besides the few a universe must leave out.
        seed: of the market, the listen keys and chance faults.
        replay: Parquet files or folders of real candles; empty makes a synthetic market.
        data: folder of the saved state; None saves nothing.
        fresh: forget a saved state.
        seed_balance: USDT of a new account.
        journal_every_s: wall seconds between two saves.
        end_with_stdin: end when standard input closes, that is with the parent process.
        settings: limits and timings of the wire.
    """

    start_ms: int | None
    keys: Mapping[str, ApiKey]
    host: str = "127.0.0.1"
    port: int = 0
    speed: float = 1.0
    symbols: int = 530
    seed: int = 1
    replay: tuple[Path, ...] = ()
    data: Path | None = None
    fresh: bool = False
    seed_balance: Decimal = Decimal(10_000)
    journal_every_s: float = 5.0
    end_with_stdin: bool = True
    settings: WireSettings = field(default_factory=WireSettings)


class ServeError(SimError):
    """The exchange cannot be started with these options."""


async def serve(
    options: ServeOptions,
    *,
    out: TextIO | None = None,
    stdin: IO[Any] | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Run the exchange until the parent ends, a signal comes or the pump fails.

    One line of JSON on `out` says when it is ready: url, ws_url, ws_api_url, epoch_ms, speed,
    started_at.

    Args:
        options: what to run.
        out: where the line goes, standard output when None.
        stdin: whose end is the parent's end, standard input when None.
        on_ready: told the address when the line is out, for a person who watches.

    Raises:
        ExceptionGroup: the pump failed; the last saved state is kept as it was.
        SimError: options, recording or saved state cannot be used.
        OSError: the port is taken or the data folder cannot be written.
    """
    journal = _state_file(options)
    if journal is not None and options.fresh:
        journal.discard()
    saved = journal.read() if journal is not None else None
    market = _open_market(options, saved)
    exchange = _open_exchange(options, market, saved)
    clock = SimClock(asyncio.get_running_loop().time, epoch_ms=market.now_ms, speed=options.speed)
    rng = random.Random(options.seed)
    server = SimServer(
        exchange, market, clock, keys=options.keys, rng=rng, settings=options.settings
    )
    urls = await server.start(options.host, options.port)
    ready = json.dumps(ready_line(urls, clock))
    try:
        with _ends_on_signal() as ended:
            # The line comes after the handlers: a parent may end us as soon as it has read it.
            print(ready, file=out or sys.stdout, flush=True)
            if on_ready is not None:
                on_ready(urls.rest)
            save = partial(_save, journal, market, exchange)
            await _run(server, options, save, ended, stdin or sys.stdin)
    finally:
        await server.stop()
    # Only after a clean end: a failed pump leaves the last good state in place.
    _save(journal, market, exchange)


def ready_line(urls: SimUrls, clock: SimClock) -> dict[str, Any]:
    """Return what a parent needs to use this exchange and share its clock."""
    return {
        "url": urls.rest,
        "ws_url": urls.streams,
        "ws_api_url": urls.ws_api,
        **clock.describe(),
    }


@contextmanager
def _ends_on_signal() -> Iterator[asyncio.Event]:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in _ENDING_SIGNALS:
        loop.add_signal_handler(number, ended.set)
    try:
        yield ended
    finally:
        for number in _ENDING_SIGNALS:
            loop.remove_signal_handler(number)


async def _run(
    server: SimServer,
    options: ServeOptions,
    save: Callable[[], None],
    ended: asyncio.Event,
    stdin: IO[Any],
) -> None:
    async with asyncio.TaskGroup() as group:
        watched = [
            group.create_task(server.wait_failed()),
            group.create_task(_journal(options.journal_every_s, save)),
        ]
        if options.end_with_stdin:
            watched.append(group.create_task(_until_end_of(stdin, ended)))
        await ended.wait()
        for task in watched:
            task.cancel()


async def _journal(every_s: float, save: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    pause = every_s
    while True:
        await asyncio.sleep(pause)
        began = loop.time()
        save()
        # A long history takes long to write; saving must stay a small part of the loop's time.
        pause = max(every_s, SAVING_SHARE * (loop.time() - began))


async def _until_end_of(stdin: IO[Any], ended: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), stdin
    )
    try:
        while await reader.read(1024):
            pass
        ended.set()
    finally:
        transport.close()


def _state_file(options: ServeOptions) -> StateFile | None:
    if options.data is None:
        return None
    made_with = {
        "seed": options.seed,
        "symbols": 0 if options.replay else options.symbols,
        "replay": [str(path) for path in options.replay],
    }
    return StateFile(options.data, made_with)


def _open_market(options: ServeOptions, saved: Mapping[str, Any] | None) -> Market:
    # A market continues only when built with the arguments of its first start.
    start_ms = saved["market"]["built_at_ms"] if saved is not None else options.start_ms
    market: Market
    if options.replay:
        market = ReplayMarket(options.replay, start_ms=start_ms, seed=options.seed, common=False)
    elif start_ms is None:
        raise ServeError("a synthetic market needs start_ms")
    else:
        market = SyntheticMarket(options.symbols, seed=options.seed, start_ms=start_ms)
    if saved is not None:
        market.load(saved["market"]["state"])
    return market


def _open_exchange(
    options: ServeOptions, market: Market, saved: Mapping[str, Any] | None
) -> Exchange:
    depth = {
        rule.symbol: BookDepth.from_ten_bps(market.depth_notional(rule.symbol))
        for rule in market.rules
    }
    behaviour = Behaviour(depth_by_symbol=depth)
    if saved is not None:
        return Exchange.load(saved["exchange"], market.rules, behaviour=behaviour)
    return Exchange(market.rules, seed_balance=options.seed_balance, behaviour=behaviour)


def _save(journal: StateFile | None, market: Market, exchange: Exchange) -> None:
    if journal is not None:
        state = {"built_at_ms": market.start_ms, "state": market.dump()}
        journal.write(state, exchange.dump())
