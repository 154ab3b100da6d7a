"""Builders of domain values with defaults, so that a test names only what it is about."""

from decimal import Decimal
from typing import Any

from engine.domain.account import SymbolSetup, VenuePosition, VenueSnapshot
from engine.domain.candle import Candle, Timeframe
from engine.domain.instrument import Instrument
from engine.domain.order import (
    CONDITIONAL_TYPES,
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
)
from engine.domain.setup import Direction, Recipe, Setup, SmcContext, setup_id
from engine.domain.signal import CostEstimate, Mode, Policy, Score, Signal

MINUTE = 60_000
START_MS = 1_700_000_040_000
"""A full minute of exchange time (2023-11-14 22:14 UTC)."""


def d(value: object) -> Decimal:
    """Return a Decimal through the value's shortest text."""
    return Decimal(str(value))


def candle(
    close: float = 100.0,
    *,
    symbol: str = "BTCUSDT",
    open_time_ms: int = START_MS,
    spread: float = 0.5,
    **fields: Any,
) -> Candle:
    """Return a closed minute around `close`."""
    values: dict[str, Any] = {
        "open": close,
        "high": close + spread,
        "low": close - spread,
        "volume": 10.0,
        "quote_volume": 10.0 * close,
        "trades": 5,
    }
    return Candle(symbol=symbol, open_time_ms=open_time_ms, close=close, **(values | fields))


def instrument(symbol: str = "BTCUSDT", **fields: Any) -> Instrument:
    """Return a contract with tick 0.01, step 0.001 and a minimum of 5 USDT."""
    values: dict[str, Any] = {
        "base_asset": symbol.removesuffix("USDT"),
        "quote_asset": "USDT",
        "margin_asset": "USDT",
        "contract_type": "PERPETUAL",
        "status": "TRADING",
        "tick_size": d("0.01"),
        "step_size": d("0.001"),
        "market_step_size": d("0.001"),
        "min_qty": d("0.001"),
        "max_qty": d(1000),
        "market_max_qty": d(500),
        "min_notional": d(5),
        "multiplier_up": d("1.05"),
        "multiplier_down": d("0.95"),
        "onboard_ms": 0,
        "delivery_ms": 4_133_404_800_000,
    }
    return Instrument(symbol=symbol, **(values | fields))


def context(**fields: Any) -> SmcContext:
    """Return raw quantities of an unremarkable proving candle."""
    values: dict[str, Any] = {
        "close": 100.0,
        "atr": 0.5,
        "breaks_with_trend": 1,
        "breaks_against_trend": 0,
        "live_order_blocks_near": 1,
        "best_body_5": 0.4,
        "sweep_depth": 0.1,
        "sweep_age_candles": 3,
        "gap_near_edge": 99.5,
        "gap_far_edge": 99.2,
        "block_near_edge": 99.4,
        "block_far_edge": 99.0,
        "quote_volume": 1000.0,
        "mean_quote_volume_20": 900.0,
        "true_range": 0.6,
        "rsi": 55.0,
        "close_10_ago": 99.0,
        "nearest_opposing_pool": 103.0,
        "mean_abs_change_20": 0.2,
        "range_position": 0.4,
    }
    return SmcContext(**(values | fields))


def setup(
    symbol: str = "BTCUSDT",
    direction: Direction = Direction.LONG,
    *,
    entry: float = 100.0,
    risk: float = 2.0,
    proved_at_ms: int = START_MS + MINUTE,
    timeframe: Timeframe = Timeframe.M1,
    **fields: Any,
) -> Setup:
    """Return a setup with its stop `risk` away and its target at 2 R."""
    sign = int(direction)
    recipe = fields.pop("recipe", Recipe.SWEEP_BOS_RETEST)
    opened = proved_at_ms - timeframe.ms
    values: dict[str, Any] = {
        "stop": entry - sign * risk,
        "target": entry + sign * 2 * risk,
        "zone_top": entry,
        "zone_bottom": entry - 0.5,
        "expires_at_ms": proved_at_ms + 15 * timeframe.ms,
        "evidence": (),
        "context": context(close=entry),
        "setup_id": setup_id(symbol, timeframe, recipe, direction, opened),
    }
    return Setup(
        symbol=symbol,
        timeframe=timeframe,
        recipe=recipe,
        direction=direction,
        entry=entry,
        proved_at_ms=proved_at_ms,
        **(values | fields),
    )


def score(value: float = 0.6, *, of: Setup | None = None, **fields: Any) -> Score:
    """Return a calibrated score with an edge: p = value, b = 2."""
    values: dict[str, Any] = {
        "setup_id": of.setup_id if of else setup().setup_id,
        "scorer": "lgbm:test",
        "probability": value,
        "payoff_ratio": 2.0,
        "outcomes": 1000,
        "edge": True,
    }
    return Score(value=value, **(values | fields))


def signal(of: Setup | None = None, *, cost_r: float = 0.07, **fields: Any) -> Signal:
    """Return a signal of a setup with a low cost."""
    chosen = of or setup()
    cost = CostEstimate(fee_ratio=0.001, spread_ratio=0.0002, impact_ratio=0.0001, cost_r=cost_r)
    values: dict[str, Any] = {"score": score(of=chosen), "threshold": 0.5, "cost": cost}
    return Signal(setup=chosen, **(values | fields))


def policy(mode: Mode = Mode.PAPER, **fields: Any) -> Policy:
    """Return the policy of a mode."""
    values: dict[str, Any] = {
        "entry_book": mode.entry_book,
        "edge_required": mode is Mode.LIVE,
    }
    return Policy(mode=mode, **(values | fields))


def fill(
    qty: object = 1,
    price: object = 100,
    side: Side = Side.BUY,
    *,
    trade_id: int = 1,
    client_id: str = "foreign",
    symbol: str = "BTCUSDT",
    fee: object = 0,
    **fields: Any,
) -> Fill:
    """Return one execution."""
    values: dict[str, Any] = {
        "venue_id": "1",
        "fee_asset": "USDT",
        "realised_pnl": Decimal(0),
        "is_maker": False,
        "event_time_ms": START_MS,
    }
    return Fill(
        symbol=symbol,
        client_id=client_id,
        trade_id=trade_id,
        side=side,
        qty=d(qty),
        price=d(price),
        fee=d(fee),
        **(values | fields),
    )


def order(request: OrderRequest, status: OrderStatus = OrderStatus.NEW, **fields: Any) -> Order:
    """Return what the venue says of an order we sent."""
    values: dict[str, Any] = {
        "venue_id": "1",
        "filled_qty": request.qty if status is OrderStatus.FILLED else Decimal(0),
        "event_time_ms": START_MS,
        "price": request.price or Decimal(0),
        "trigger_price": request.trigger_price or Decimal(0),
        "conditional": request.order_type in CONDITIONAL_TYPES,
    }
    return Order(
        client_id=request.client_id,
        symbol=request.symbol,
        side=request.side,
        order_type=request.order_type,
        status=status,
        qty=request.qty,
        reduce_only=request.reduce_only,
        **(values | fields),
    )


def leg_order(
    client_id: str,
    order_type: OrderType,
    *,
    qty: object = 1,
    trigger: object = 98,
    side: Side = Side.SELL,
    symbol: str = "BTCUSDT",
) -> Order:
    """Return a conditional order resting at the venue."""
    return Order(
        client_id=client_id,
        venue_id="9",
        symbol=symbol,
        side=side,
        order_type=order_type,
        status=OrderStatus.NEW,
        qty=d(qty),
        filled_qty=Decimal(0),
        reduce_only=True,
        event_time_ms=START_MS,
        trigger_price=d(trigger),
        conditional=True,
    )


def venue_position(symbol: str = "BTCUSDT", qty: object = 1, entry: object = 100) -> VenuePosition:
    """Return a position as the venue reports it."""
    return VenuePosition(symbol=symbol, qty=d(qty), entry_price=d(entry))


def venue_snapshot(taken_ms: int = START_MS, **fields: Any) -> VenueSnapshot:
    """Return an account with 10,000 USDT and nothing else."""
    values: dict[str, Any] = {
        "wallet": d(10_000),
        "positions": (),
        "orders": (),
        "conditionals": (),
    }
    return VenueSnapshot(taken_ms=taken_ms, **(values | fields))


def symbol_setup(symbol: str = "BTCUSDT", **fields: Any) -> SymbolSetup:
    """Return read-back margin settings: isolated, leverage 10."""
    values: dict[str, Any] = {
        "leverage": 10,
        "isolated": True,
        "max_leverage": 50,
        "maintenance_ratio": d("0.01"),
        "taker_fee": d("0.0005"),
        "maker_fee": d("0.0002"),
    }
    return SymbolSetup(symbol=symbol, **(values | fields))
