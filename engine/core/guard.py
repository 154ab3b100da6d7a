"""Breakers in action: judging equity, pausing, telling, flattening where the owner wants it."""

import json
from collections.abc import Iterable
from decimal import Decimal

from engine.core.state import BookState, EngineState
from engine.core.tell import alarm, mode_notice, setting
from engine.core.trade import ExitPlan
from engine.domain.effects import Effect
from engine.domain.events import Instant
from engine.domain.notices import AlarmKind
from engine.domain.position import ExitReason
from engine.risk.breakers import Breaker, BreakerState, Trip, on_equity

PAUSED = "paused"


def judge_equity(state: EngineState, book: BookState, now: Instant) -> list[Effect]:
    """Move the marks and trip what must trip; called on every equity update."""
    if not book.ready:
        return []
    equity = state.equity(book)
    book.breakers, trips = on_equity(book.breakers, state.config.limits, equity, now.exchange_ms)
    return act_on_trips(state, book, trips, now)


def act_on_trips(
    state: EngineState, book: BookState, trips: Iterable[Trip], now: Instant
) -> list[Effect]:
    """Tell and enforce freshly tripped breakers."""
    effects: list[Effect] = []
    for trip in trips:
        key = f"{book.book.value}:{trip.breaker.value}:{now.exchange_ms}"
        text = f"{book.book.value} book: {trip.text}; no new entries until /resetbreakers"
        effects.append(alarm(AlarmKind.BREAKER, key, text, now))
        if trip.breaker is Breaker.LOSS_STREAK:
            effects += pause(state, f"{book.book.value}: {trip.text}", "breaker", key, now)
        elif state.config.limits.flatten_on_breaker and trip.breaker is not Breaker.REJECTS:
            for trade in book.trades.values():
                trade.exit_plan = trade.exit_plan or ExitPlan(ExitReason.BREAKER)
    return effects + save_breakers(book)


def pause(state: EngineState, reason: str, by: str, key: str, now: Instant) -> list[Effect]:
    """Stop new entries until somebody resumes."""
    state.paused = reason
    notice = mode_notice(state, f"Paused: {reason}. Open positions stay managed.", by, key, now)
    return [setting(PAUSED, reason), notice]


def save_breakers(book: BookState) -> list[Effect]:
    """Return the record of the breakers if they changed since the last one."""
    # Called several times a minute for each book: the states are compared, not their texts.
    if book.breakers == book.saved_breakers:
        return []
    book.saved_breakers = book.breakers
    return [setting(f"breakers.{book.book.value}", breakers_to_text(book.breakers))]


def breakers_to_text(state: BreakerState) -> str:
    """Return the breaker state as stable JSON."""
    return json.dumps(
        {
            "tripped": sorted(state.tripped),
            "day": state.day,
            "day_start": str(state.day_start),
            "high_water": str(state.high_water),
            "losses": state.losses,
            "rejects_ms": list(state.rejects_ms),
        },
        sort_keys=True,
    )


def breakers_from_text(text: str) -> BreakerState:
    """Return what `breakers_to_text` wrote.

    Raises:
        ValueError: the text is not such a state.
    """
    try:
        data = json.loads(text)
        return BreakerState(
            tripped=frozenset(Breaker(name) for name in data["tripped"]),
            day=int(data["day"]),
            day_start=Decimal(data["day_start"]),
            high_water=Decimal(data["high_water"]),
            losses=int(data["losses"]),
            rejects_ms=tuple(int(at) for at in data["rejects_ms"]),
        )
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"stored breaker state is unreadable: {text[:80]!r}") from error
