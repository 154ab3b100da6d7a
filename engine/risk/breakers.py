"""Circuit breakers of one book, judged on the exchange's equity; only the owner resets them."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from engine.risk.limits import DAY_MS, RiskLimits


class Breaker(StrEnum):
    """What can trip."""

    DAILY_LOSS = "daily_loss"
    DRAWDOWN = "drawdown"
    LOSS_STREAK = "loss_streak"
    REJECTS = "rejects"

    @property
    def words(self) -> str:
        """The name as people read it: `loss streak`."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerState:
    """Everything a restart must remember. `day` counts UTC days, -1 before the first equity."""

    tripped: frozenset[Breaker] = field(default_factory=frozenset)
    day: int = -1
    day_start: Decimal = Decimal(0)
    high_water: Decimal = Decimal(0)
    losses: int = 0
    rejects_ms: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """A breaker that has just tripped, and the sentence for the operator."""

    breaker: Breaker
    text: str


def on_equity(
    state: BreakerState, limits: RiskLimits, equity: Decimal, now_ms: int
) -> tuple[BreakerState, tuple[Trip, ...]]:
    """Judge an equity update; a new UTC day or a new high moves the marks first."""
    day = now_ms // DAY_MS
    if day > state.day:
        state = replace(state, day=day, day_start=equity)
    if equity > state.high_water:
        state = replace(state, high_water=equity)
    trips = []
    if _fell(state.day_start, equity, limits.daily_loss_ratio):
        trips.append(
            _trip(
                Breaker.DAILY_LOSS,
                "since the start of the UTC day",
                state.day_start,
                equity,
                limits.daily_loss_ratio,
            )
        )
    if _fell(state.high_water, equity, limits.drawdown_ratio):
        trips.append(
            _trip(
                Breaker.DRAWDOWN,
                "below the high-water mark",
                state.high_water,
                equity,
                limits.drawdown_ratio,
            )
        )
    return _tripped(state, trips)


def on_closed(
    state: BreakerState, limits: RiskLimits, net: Decimal
) -> tuple[BreakerState, tuple[Trip, ...]]:
    """Count a finished trade; a win ends the losing streak."""
    if net >= 0:
        return replace(state, losses=0), ()
    state = replace(state, losses=state.losses + 1)
    if state.losses < limits.loss_streak:
        return state, ()
    return _tripped(state, [Trip(Breaker.LOSS_STREAK, f"{state.losses} losses in a row")])


def on_rejected(
    state: BreakerState, limits: RiskLimits, now_ms: int
) -> tuple[BreakerState, tuple[Trip, ...]]:
    """Count an entry the venue refused."""
    recent = tuple(at for at in state.rejects_ms if now_ms - at < limits.reject_window_ms)
    state = replace(state, rejects_ms=(*recent, now_ms)[-limits.reject_budget :])
    if len(state.rejects_ms) < limits.reject_budget:
        return state, ()
    text = (
        f"{len(state.rejects_ms)} entries rejected within {limits.reject_window_ms // 60_000} min"
    )
    return _tripped(state, [Trip(Breaker.REJECTS, text)])


def on_transfer(state: BreakerState, amount: Decimal) -> BreakerState:
    """Shift the marks by money moved in or out, which is neither profit nor loss."""
    return replace(
        state,
        day_start=state.day_start + amount,
        high_water=max(state.high_water + amount, Decimal(0)),
    )


def reset(state: BreakerState, equity: Decimal, now_ms: int) -> BreakerState:
    """Lift everything; the marks start anew from the equity of this moment."""
    return BreakerState(day=now_ms // DAY_MS, day_start=equity, high_water=equity)


def _fell(mark: Decimal, equity: Decimal, ratio: Decimal) -> bool:
    return mark > 0 and equity <= mark * (1 - ratio)


def _trip(breaker: Breaker, words: str, mark: Decimal, equity: Decimal, ratio: Decimal) -> Trip:
    fall = (mark - equity) / mark
    return Trip(
        breaker, f"equity {equity:.2f} USDT is {fall:.1%} {words} ({mark:.2f}); limit {ratio:.1%}"
    )


def _tripped(state: BreakerState, trips: list[Trip]) -> tuple[BreakerState, tuple[Trip, ...]]:
    fresh = tuple(trip for trip in trips if trip.breaker not in state.tripped)
    if not fresh:
        return state, ()
    return replace(state, tripped=state.tripped | {trip.breaker for trip in fresh}), fresh
