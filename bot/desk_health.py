"""What the desk answers of the machine's state: figures, not words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LatencyView:
    """99th percentile in milliseconds of so many measurements."""

    p99_ms: float
    count: int


@dataclass(frozen=True, slots=True)
class AccountLink:
    """How the account at the venue is reached.

    Attributes:
        hears: the user data stream is up.
        fast: orders go over the WebSocket API, otherwise over REST.
    """

    hears: bool
    fast: bool


@dataclass(frozen=True, slots=True)
class HeartbeatView:
    """The outside watch that is told that all is well.

    Attributes:
        told_s_ago: wall seconds since it was told last, None when never.
        trouble: why it is not told now; empty when it is.
    """

    told_s_ago: float | None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """Figures since the start of the process, and the state of now.

    Attributes:
        symbols: scanned ones.
        blind: of those, without trustworthy data now.
        candles: closed candles received.
        backfilled: fetched later over REST.
        flat: minutes without a trade, written without a request.
        reconnects: of the market streams.
        decision: from the last frame of a candle to its decision.
        burst: from a minute's last frame to the decision on every symbol.
        loop_lag: how late the event loop wakes a sleeper.
        waiting_events: not yet processed.
        waiting_records: not yet on disk.
        journal_fails: the database refused the newest records.
        rest_calls: REST requests by kind, see `engine.ports.CallKind`.
        weight_ratio: share of the venue's request weight used in the last minute.
        account: None without keys.
        memory_mb: resident.
        running_s: wall seconds since the start.
        restarts: background tasks that were started again.
        heartbeat: None when no outside watch is set.
    """

    symbols: int
    blind: int
    candles: int
    backfilled: int
    flat: int
    reconnects: int
    decision: LatencyView
    burst: LatencyView
    loop_lag: LatencyView
    waiting_events: int
    waiting_records: int
    rest_calls: Mapping[str, int]
    weight_ratio: float
    account: AccountLink | None
    memory_mb: float
    running_s: float
    restarts: int
    heartbeat: HeartbeatView | None = None
    journal_fails: bool = False
