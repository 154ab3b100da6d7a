"""Domain values with defaults, for tests of what is stored and scored."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.domain.candle import Timeframe
from engine.domain.events import TradeMemory
from engine.domain.order import (
    Book,
    Fill,
    Intent,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)
from engine.domain.position import ClosedTrade, ExitReason
from engine.domain.setup import (
    Direction,
    Evidence,
    EvidenceKind,
    Recipe,
    Setup,
    SmcContext,
    setup_id,
)
from engine.domain.signal import (
    CostEstimate,
    Proposal,
    RiskApproved,
    RiskRefused,
    Rule,
    Score,
    Signal,
)

T0 = 1_750_000_020_000
D = Decimal


def context(**changes: Any) -> SmcContext:
    """Return a long-looking context around a price of 100 with an ATR of 0.5."""
    plain = SmcContext(
        close=100.0,
        atr=0.5,
        breaks_with_trend=2,
        breaks_against_trend=0,
        live_order_blocks_near=2,
        best_body_5=0.6,
        sweep_depth=0.2,
        sweep_age_candles=5,
        gap_near_edge=99.8,
        gap_far_edge=99.5,
        block_near_edge=99.6,
        block_far_edge=99.3,
        quote_volume=250_000.0,
        mean_quote_volume_20=200_000.0,
        true_range=0.7,
        rsi=61.5,
        close_10_ago=99.2,
        nearest_opposing_pool=101.4,
        mean_abs_change_20=0.12,
        range_position=0.4,
    )
    return replace(plain, **changes)


def setup(symbol: str = "BTCUSDT", proved_at_ms: int = T0, **changes: Any) -> Setup:
    """Return a long setup at 100 with its stop at 99; keyword arguments replace fields."""
    direction = changes.get("direction", Direction.LONG)
    timeframe = changes.get("timeframe", Timeframe.M1)
    recipe = changes.get("recipe", Recipe.SWEEP_BOS_RETEST)
    opened = proved_at_ms - timeframe.ms
    sign = direction.value
    plain = Setup(
        setup_id=setup_id(symbol, timeframe, recipe, direction, opened),
        symbol=symbol,
        timeframe=timeframe,
        recipe=recipe,
        direction=direction,
        entry=100.0,
        stop=100.0 - sign,
        target=100.0 + 2 * sign,
        zone_top=99.6,
        zone_bottom=99.1,
        proved_at_ms=proved_at_ms,
        expires_at_ms=proved_at_ms + 15 * timeframe.ms,
        evidence=(
            Evidence(
                kind=EvidenceKind.SWEEP,
                open_time_ms=opened - 300_000,
                direction=direction,
                top=99.9,
                bottom=99.7,
            ),
            Evidence(
                kind=EvidenceKind.BOS,
                open_time_ms=opened,
                direction=direction,
                top=99.95,
                bottom=99.95,
            ),
        ),
        context=context(),
    )
    return replace(plain, **changes)


def score(of: Setup, value: float = 0.41, **changes: Any) -> Score:
    """Return a calibrated score of a setup."""
    plain = Score(
        setup_id=of.setup_id,
        value=value,
        scorer="lgbm:1234",
        probability=0.36,
        payoff_ratio=1.6,
        outcomes=812,
        features=tuple(float(n) / 7 for n in range(12)),
    )
    return replace(plain, **changes)


def signal(of: Setup | None = None) -> Signal:
    """Return a signal of a setup."""
    found = of or setup()
    cost = CostEstimate(fee_ratio=0.001, spread_ratio=1e-4, impact_ratio=3e-4, cost_r=0.14)
    return Signal(setup=found, score=score(found), threshold=0.38, cost=cost)


def approved(of: Setup | None = None, book: Book = Book.PAPER) -> RiskApproved:
    """Return an approved proposal."""
    return RiskApproved(
        proposal=Proposal(
            signal=signal(of),
            book=book,
            qty=D("0.120"),
            limit_price=D("100.10"),
            stop_price=D("99.00"),
            target_price=D("102.00"),
            risk_ratio=0.005,
            risk=D("50.00"),
            margin=D("1.20"),
            at_floor=True,
        )
    )


def refused(of: Setup | None = None, rule: Rule = Rule.COST) -> RiskRefused:
    """Return a refusal without a proposal."""
    return RiskRefused(signal=signal(of), rule=rule, detail="cost 0.31 R is above 0.20 R")


def intent(trade_key: str = "k1", purpose: Purpose = Purpose.ENTRY, **changes: Any) -> Intent:
    """Return an intent; its client id follows from key, purpose and attempt unless given."""
    attempt = changes.pop("attempt", 0)
    client_id = changes.pop("client_id", f"smc1-{purpose.value}-{trade_key}-{attempt}")
    is_entry = purpose is Purpose.ENTRY
    request = OrderRequest(
        client_id=client_id,
        symbol="BTCUSDT",
        side=Side.BUY if is_entry else Side.SELL,
        order_type=OrderType.LIMIT if is_entry else OrderType.STOP_MARKET,
        qty=D("0.120"),
        purpose=purpose,
        price=D("100.10") if is_entry else None,
        trigger_price=None if is_entry else D("99.00"),
        time_in_force=TimeInForce.IOC if is_entry else None,
        reduce_only=not is_entry,
    )
    plain = Intent(
        book=Book.PAPER, trade_key=trade_key, request=request, created_ms=T0, attempt=attempt
    )
    return replace(plain, **changes)


def order(client_id: str = "smc1-E-k1-0", **changes: Any) -> Order:
    """Return a partly filled entry."""
    plain = Order(
        client_id=client_id,
        venue_id="918273",
        symbol="BTCUSDT",
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        status=OrderStatus.PARTIALLY_FILLED,
        qty=D("0.120"),
        filled_qty=D("0.050"),
        reduce_only=False,
        event_time_ms=T0,
        average_price=D("100.05"),
        price=D("100.10"),
    )
    return replace(plain, **changes)


def fill(trade_id: int = 1, **changes: Any) -> Fill:
    """Return one execution of the entry."""
    plain = Fill(
        symbol="BTCUSDT",
        client_id="smc1-E-k1-0",
        venue_id="918273",
        trade_id=trade_id,
        side=Side.BUY,
        qty=D("0.050"),
        price=D("100.05"),
        fee=D("0.00250125"),
        fee_asset="USDT",
        realised_pnl=D("0"),
        is_maker=False,
        event_time_ms=T0,
    )
    return replace(plain, **changes)


def memory(trade_key: str = "k1", **changes: Any) -> TradeMemory:
    """Return the memory of an open trade."""
    plain = TradeMemory(
        trade_key=trade_key,
        book=Book.PAPER,
        symbol="BTCUSDT",
        setup_id=setup().setup_id,
        direction=1,
        score=0.41,
        entry_price=100.05,
        stop_price=D("99.00"),
        target_price=D("102.00"),
        risk=D("50.00"),
        time_exit_ms=T0 + 7_200_000,
        stagnation_ms=T0 + 1_800_000,
        opened_ms=T0,
        best_r=0.1,
        timeframe="1m",
        funding=D("-0.02"),
    )
    return replace(plain, **changes)


def closed(trade_key: str = "k1", **changes: Any) -> ClosedTrade:
    """Return a trade that made 1.8 R net."""
    plain = ClosedTrade(
        trade_key=trade_key,
        book=Book.PAPER,
        symbol="BTCUSDT",
        direction=Direction.LONG,
        setup_id=setup().setup_id,
        score=0.41,
        qty=D("0.120"),
        entry_price=D("100.05"),
        exit_price=D("102.00"),
        risk=D("50.00"),
        gross=D("95.10"),
        fees=D("5.05"),
        funding=D("-0.05"),
        reason=ExitReason.TARGET,
        opened_ms=T0,
        closed_ms=T0 + 600_000,
    )
    return replace(plain, **changes)
