"""Contract rules for recorded symbols nobody described, read off their prices."""

from decimal import Decimal

from engine.backtest.series import SymbolSeries
from engine.domain.instrument import Instrument
from engine.exchange.sim.defaults import default_rules
from engine.exchange.sim.replay_frames import digits_of

NO_DELIVERY_MS = 4_133_404_800_000


def infer_instrument(series: SymbolSeries) -> Instrument:
    """Return a contract whose tick is the decimals its prices are written in.

    Lot, smallest notional and the rest follow from the first price, as the embedded exchange
    gives them to generated symbols.
    """
    candles = series.candles
    digits = max(digits_of(column) for column in (candles.open, candles.close))
    tick = Decimal(1).scaleb(-digits)
    rules = default_rules(series.symbol, float(candles.open[0]))
    return Instrument(
        symbol=series.symbol,
        base_asset=rules.base,
        quote_asset="USDT",
        margin_asset="USDT",
        contract_type="PERPETUAL",
        status="TRADING",
        tick_size=tick,
        step_size=rules.step_size,
        market_step_size=rules.market_step,
        min_qty=rules.min_qty,
        max_qty=rules.max_qty,
        market_max_qty=rules.market_max_qty,
        min_notional=rules.min_notional,
        multiplier_up=rules.multiplier_up,
        multiplier_down=rules.multiplier_down,
        onboard_ms=0,
        delivery_ms=NO_DELIVERY_MS,
    )
