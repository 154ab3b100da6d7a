"""What the synthetic market lists: well-known contracts, invented ones, and rows to stay out of."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.scales import decimal_digits

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY_MS: Final = 86_400_000
DELISTING_AFTER_MS: Final = 36 * 3_600_000
"""The one contract with an announced end trades this long after the market's start."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One contract with the character of its synthetic market.

    Attributes:
        rules: Its row of exchangeInfo.
        price: Price the market is drawn to, in quote units.
        day_quote_volume: Typical quote volume of 24 hours.
        minute_sd_bps: Standard deviation of its 1-minute log returns, in basis points.
        market_share: Share of its standard deviation explained by the market factor, 0..1.
        spread_bps: Typical bid-ask spread in basis points, before rounding up to a tick.
    """

    rules: SymbolRules
    price: float
    day_quote_volume: float
    minute_sd_bps: float
    market_share: float
    spread_bps: float


KNOWN: Final = (
    # base, price, tick size, 24 h quote volume in million USDT, 1m sd in bps
    ("BTC", 97250.0, "0.1", 13200.0, 4.8),
    ("ETH", 3420.0, "0.01", 11000.0, 6.2),
    ("SOL", 182.0, "0.01", 4100.0, 8.0),
    ("BNB", 642.0, "0.01", 900.0, 6.0),
    ("XRP", 2.31, "0.0001", 2600.0, 7.4),
    ("DOGE", 0.2143, "0.00001", 1500.0, 8.6),
    ("ADA", 0.722, "0.0001", 520.0, 8.2),
    ("AVAX", 21.3, "0.001", 310.0, 9.0),
    ("LINK", 15.42, "0.001", 420.0, 8.8),
    ("LTC", 94.6, "0.01", 290.0, 7.6),
    ("DOT", 4.21, "0.001", 160.0, 8.7),
    ("TRX", 0.2714, "0.00001", 150.0, 5.8),
    ("BCH", 468.0, "0.01", 180.0, 7.1),
    ("SUI", 2.84, "0.0001", 870.0, 10.4),
    ("APT", 5.62, "0.001", 190.0, 10.0),
    ("NEAR", 2.43, "0.001", 170.0, 9.9),
    ("UNI", 7.05, "0.001", 210.0, 9.8),
    ("ATOM", 4.33, "0.001", 80.0, 8.4),
    ("FIL", 2.21, "0.001", 110.0, 9.6),
    ("ETC", 17.9, "0.001", 90.0, 8.3),
    ("XLM", 0.2871, "0.00001", 140.0, 8.5),
    ("HBAR", 0.1802, "0.00001", 160.0, 9.4),
    ("ICP", 5.3, "0.001", 85.0, 9.7),
    ("AAVE", 211.0, "0.01", 230.0, 9.5),
    ("ARB", 0.351, "0.0001", 150.0, 10.8),
    ("OP", 0.542, "0.0001", 130.0, 11.2),
    ("INJ", 9.4, "0.001", 95.0, 11.0),
    ("TIA", 1.62, "0.0001", 120.0, 12.3),
    ("SEI", 0.1911, "0.0001", 90.0, 11.6),
    ("WLD", 0.874, "0.0001", 190.0, 12.0),
    ("ENA", 0.4312, "0.0001", 330.0, 13.4),
    ("TAO", 362.0, "0.01", 140.0, 11.1),
    ("1000PEPE", 0.008412, "0.000001", 980.0, 12.2),
    ("1000SHIB", 0.01032, "0.000001", 210.0, 8.9),
    ("1000BONK", 0.01571, "0.000001", 130.0, 13.0),
    ("WIF", 0.612, "0.0001", 160.0, 14.2),
    ("CRV", 0.541, "0.001", 120.0, 12.5),
    ("EOS", 0.682, "0.001", 45.0, 9.8),
    ("GALA", 0.01243, "0.00001", 70.0, 10.9),
    ("ZEC", 52.4, "0.01", 75.0, 10.6),
    ("币安人生", 0.1432, "0.00001", 85.0, 17.0),
)
SYLLABLES: Final = (
    "ka",
    "lo",
    "mi",
    "ren",
    "zu",
    "ta",
    "vex",
    "or",
    "ni",
    "sol",
    "qua",
    "bit",
    "ya",
)
COARSE_SHARE: Final = 0.08
"""Share of invented contracts whose tick is 4 to 13 bps of the price."""


def synthetic_listings(count: int, seed: int, start_ms: int) -> list[Listing]:
    """List ``count`` tradable USDT perpetuals and, after them, five rows no universe may contain.

    The last tradable one carries a delivery date `DELISTING_AFTER_MS` after ``start_ms`` (from
    three contracts on). The rows after the tradable ones are a TradFi perpetual, a quarterly, a
    USDC-quoted perpetual, one that is settling and one that is pending.
    """
    if count < 1:
        raise ValueError(f"symbols must be at least 1, got {count}")
    rng = np.random.default_rng([seed, 0xA11])
    listings = [_known(*row) for row in KNOWN[:count]]
    names = _invented_names()
    listings += [_invented(next(names), rng) for _ in range(count - len(listings))]
    if count > 2:
        leaving = replace(listings[-1].rules, delivery_ms=start_ms + DELISTING_AFTER_MS)
        listings[-1] = replace(listings[-1], rules=leaving)
    return listings + _excluded(start_ms)


def make_rules(base: str, tick: Decimal, price: float, quote: str = "USDT") -> SymbolRules:
    """Rules of a contract as the venue would set them for this price and tick."""
    step = _lot_step(price)
    market_max = Decimal(10) ** max(0, round(math.log10(2_000_000 / price)))
    return SymbolRules(
        symbol=base + quote,
        base=base,
        quote=quote,
        margin_asset=quote,
        tick_size=tick,
        step_size=step,
        market_step=step,
        min_qty=step,
        max_qty=market_max * 10,
        market_max_qty=market_max,
        min_notional=Decimal({"BTC": 50, "ETH": 20}.get(base, 5)),
        min_price=tick,
        max_price=Decimal(max(1000, round(price * 50))),
        price_precision=decimal_digits(tick) + (1 if base == "BTC" else 0),
        qty_precision=decimal_digits(step),
    )


def _lot_step(price: float) -> Decimal:
    """Smallest lot worth at most about half a USDT, in whole units for cheap coins."""
    digits = max(0, min(3, math.ceil(math.log10(price / 0.5))))
    return Decimal(1).scaleb(-digits)


LIVELY: Final = 1.4
"""From the quiet summer of 2023, which the deviations describe, to the falling January of 2025: in
quiet months costs eat most setups, and a demonstration would have little to show."""


def typical_spread_bps(day_quote_volume: float) -> float:
    """About 0.6 bp at 100 million a day, 6 at one million, 0.06 at ten billion."""
    return float(0.6 * (day_quote_volume / 1e8) ** -0.5)


def _known(base: str, price: float, tick: str, volume_m: float, sd_bps: float) -> Listing:
    rules = make_rules(base, Decimal(tick), price)
    volume = volume_m * 1e6
    share = {"BTC": 0.95, "ETH": 0.92}.get(base, 0.78 + 0.12 * math.sin(7.0 * price))
    return Listing(rules, price, volume, LIVELY * sd_bps, share, typical_spread_bps(volume))


def _invented(base: str, rng: np.random.Generator) -> Listing:
    price = float(np.exp(rng.uniform(math.log(0.003), math.log(40.0))))
    coarse = rng.random() < COARSE_SHARE
    tick_bps = rng.uniform(4.0, 13.0) if coarse else float(np.exp(rng.uniform(-2.5, 1.2)))
    digits = math.floor(-math.log10(price * tick_bps * 1e-4) + 0.5)
    tick = Decimal(1).scaleb(-max(0, digits))
    volume = max(1.5e6, 25e6 * math.exp(1.3 * rng.standard_normal()))
    sd_bps = LIVELY * float(np.clip(11.0 * np.exp(0.28 * rng.standard_normal()), 6.0, 20.0))
    share = float(rng.uniform(0.6, 0.92))
    return Listing(
        make_rules(base, tick, price), price, volume, sd_bps, share, typical_spread_bps(volume)
    )


def _invented_names() -> Iterator[str]:
    """Distinct names of two and then three syllables, never one of the known bases."""
    taken = {row[0] for row in KNOWN}
    pairs = [first + second for first in SYLLABLES for second in SYLLABLES]
    triples = (pair + third for pair in pairs for third in SYLLABLES)
    for name in (*pairs, *triples):
        if (upper := name.upper()) not in taken:
            taken.add(upper)
            yield upper
    raise ValueError(f"symbols must be at most {len(taken)}")


def _excluded(start_ms: int) -> list[Listing]:
    stock = make_rules("TSLA", Decimal("0.01"), 380.0)
    quarterly = make_rules("BTC", Decimal("0.1"), 97900.0)
    usdc = make_rules("ETH", Decimal("0.01"), 3420.0, quote="USDC")
    settling = make_rules("OLDCOIN", Decimal("0.0001"), 0.31)
    pending = make_rules("NEWCOIN", Decimal("0.0001"), 1.0)
    return [
        _outsider(
            replace(stock, contract_type="TRADIFI_PERPETUAL", underlying_type="EQUITY"), 380.0
        ),
        _outsider(
            replace(
                quarterly,
                symbol="BTCUSDT_270326",
                contract_type="CURRENT_QUARTER",
                delivery_ms=start_ms + 90 * DAY_MS,
            ),
            97900.0,
        ),
        _outsider(usdc, 3420.0),
        _outsider(replace(settling, status="SETTLING", delivery_ms=start_ms - DAY_MS), 0.31),
        _outsider(replace(pending, status="PENDING_TRADING", onboard_ms=start_ms + DAY_MS), 1.0),
    ]


def _outsider(rules: SymbolRules, price: float) -> Listing:
    volume = 60e6
    return Listing(rules, price, volume, 6.0, 0.5, typical_spread_bps(volume))
