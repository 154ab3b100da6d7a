"""nautilus_trader: given entries with stop and target, all symbols in one account."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

FEE = Decimal("0.0005")
CASH = 1_000_000
NOTIONAL = 10_000.0
LEVERAGE = Decimal(20)
NS_A_MS = 1_000_000
DIGITS = 8


def prepare(market: list[dict[str, Any]]) -> Callable[[], Mapping[str, int]]:
    """Return the work: one engine run over the bars of every symbol."""
    from nautilus_trader.backtest.engine import (  # type: ignore[import-not-found]  # noqa: PLC0415
        BacktestEngine,
        BacktestEngineConfig,
    )
    from nautilus_trader.config import LoggingConfig  # type: ignore[import-not-found]  # noqa: PLC0415
    from nautilus_trader.model.currencies import USDT  # type: ignore[import-not-found]  # noqa: PLC0415
    from nautilus_trader.model.enums import (  # type: ignore[import-not-found]  # noqa: PLC0415
        AccountType,
        OmsType,
    )
    from nautilus_trader.model.identifiers import Venue  # type: ignore[import-not-found]  # noqa: PLC0415
    from nautilus_trader.model.objects import Money  # type: ignore[import-not-found]  # noqa: PLC0415

    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=Venue("BINANCE"),
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=None,
        starting_balances=[Money(CASH, USDT)],
        default_leverage=LEVERAGE,
        bar_execution=True,
    )
    strategies = []
    for one in market:
        instrument = _instrument(one["symbol"])
        engine.add_instrument(instrument)
        bar_type, bars = _bars(instrument, one)
        engine.add_data(bars)
        strategies.append(_strategy(instrument, bar_type, one))
    for strategy in strategies:
        engine.add_strategy(strategy)

    def work() -> Mapping[str, int]:
        engine.run()
        return {
            "trades": engine.kernel.cache.positions_closed_count()
            + len(engine.kernel.cache.position_snapshots()),
            "orders": engine.kernel.cache.orders_total_count(),
        }

    return work


def _instrument(symbol: str) -> Any:  # noqa: ANN401 - the types are the peer's
    from nautilus_trader.model.currencies import USDT  # noqa: PLC0415
    from nautilus_trader.model.enums import CurrencyType  # noqa: PLC0415
    from nautilus_trader.model.identifiers import InstrumentId, Symbol  # noqa: PLC0415
    from nautilus_trader.model.instruments import (  # type: ignore[import-not-found]  # noqa: PLC0415
        CryptoPerpetual,
    )
    from nautilus_trader.model.objects import Currency, Price, Quantity  # noqa: PLC0415

    step = f"{Decimal(1).scaleb(-DIGITS):f}"
    base = Currency(symbol.removesuffix("USDT"), DIGITS, 0, symbol, CurrencyType.CRYPTO)
    return CryptoPerpetual(
        instrument_id=InstrumentId.from_str(f"{symbol}.BINANCE"),
        raw_symbol=Symbol(symbol),
        base_currency=base,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=DIGITS,
        size_precision=DIGITS,
        price_increment=Price.from_str(step),
        size_increment=Quantity.from_str(step),
        margin_init=Decimal("0.05"),
        margin_maint=Decimal("0.025"),
        maker_fee=FEE,
        taker_fee=FEE,
        ts_event=0,
        ts_init=0,
    )


def _bars(instrument: Any, one: dict[str, Any]) -> tuple[Any, list[Any]]:  # noqa: ANN401
    from nautilus_trader.model.data import Bar, BarType  # type: ignore[import-not-found]  # noqa: PLC0415

    bar_type = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
    columns = ("open", "high", "low", "close")
    price, size = instrument.make_price, instrument.make_qty
    bars = []
    for row in range(len(one["close"])):
        closed_ns = (int(one["open_ms"][row]) + 60_000) * NS_A_MS
        prices = (price(one[name][row]) for name in columns)
        bars.append(Bar(bar_type, *prices, size(one["volume"][row]), closed_ns, closed_ns))
    return bar_type, bars


def _strategy(instrument: Any, bar_type: Any, one: dict[str, Any]) -> Any:  # noqa: ANN401
    from nautilus_trader.config import StrategyConfig  # noqa: PLC0415
    from nautilus_trader.model.enums import OrderSide  # noqa: PLC0415
    from nautilus_trader.trading.strategy import Strategy  # type: ignore[import-not-found]  # noqa: PLC0415

    by_bar = {int(row[0]): row[1:].tolist() for row in one["entries"]}

    class Given(Strategy):  # type: ignore[misc] # untyped library
        def __init__(self) -> None:
            super().__init__(StrategyConfig(order_id_tag=one["symbol"]))
            self._bar = -1

        def on_start(self) -> None:
            self.subscribe_bars(bar_type)

        def on_bar(self, bar: Any) -> None:  # noqa: ANN401
            self._bar += 1
            wanted = by_bar.get(self._bar)
            if wanted is None or not self.portfolio.is_flat(instrument.id):
                return
            direction, stop, target = wanted
            self.submit_order_list(
                self.order_factory.bracket(
                    instrument_id=instrument.id,
                    order_side=OrderSide.BUY if direction > 0 else OrderSide.SELL,
                    quantity=instrument.make_qty(NOTIONAL / float(bar.close)),
                    sl_trigger_price=instrument.make_price(stop),
                    tp_price=instrument.make_price(target),
                )
            )

    return Given()
