"""What the paper exchange knows of the live market, put together from three kinds of events."""

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.events import MarketEvent, MarkMoved, PriceMoved, QuoteMoved
from engine.domain.instrument import Instrument, Rounding
from engine.exchange.sim.tick import Tick


@dataclass(frozen=True, slots=True)
class FundingDue:
    """A funding time has passed: the rate that was announced for it, and the mark price."""

    symbol: str
    rate: Decimal
    mark: Decimal


@dataclass(slots=True)
class _Quote:
    last: float = 0.0
    bid: float = 0.0
    ask: float = 0.0
    mark: float = 0.0
    rate: float = 0.0
    next_funding_ms: int = 0


class QuoteBoard:
    """The newest price, best quote and mark of every symbol."""

    def __init__(self) -> None:
        self._quotes: dict[str, _Quote] = {}

    def hear(self, event: MarketEvent) -> FundingDue | None:
        """Take a market event; returns the funding it proves to be due."""
        match event:
            case PriceMoved(symbol, price, _):
                self._of(symbol).last = price
            case QuoteMoved(symbol, bid, ask, _):
                quote = self._of(symbol)
                quote.bid, quote.ask = bid, ask
            case MarkMoved():
                return self._mark(event)
            case _:
                pass
        return None

    def _of(self, symbol: str) -> _Quote:
        return self._quotes.setdefault(symbol, _Quote())

    def _mark(self, event: MarkMoved) -> FundingDue | None:
        quote = self._of(event.symbol)
        due = 0 < quote.next_funding_ms < event.next_funding_ms
        rate, quote.rate = quote.rate, event.funding_rate
        quote.mark, quote.next_funding_ms = event.mark, event.next_funding_ms
        return FundingDue(event.symbol, _exact(rate), _exact(event.mark)) if due else None

    def tick(self, instrument: Instrument, *, moved: bool) -> Tick | None:
        """Return the symbol's quote for the matching engine, None while no price is known.

        Without a best quote the spread is taken as one tick each way. `moved` says that a trade
        happened at the last price, which may fill or trigger resting orders.
        """
        quote = self._quotes.get(instrument.symbol)
        if quote is None or quote.last <= 0:
            return None
        last = instrument.quantize_price(quote.last, Rounding.NEAREST)
        bid, ask = last - instrument.tick_size, last + instrument.tick_size
        if 0 < quote.bid < quote.ask:
            bid = instrument.quantize_price(quote.bid, Rounding.NEAREST)
            ask = instrument.quantize_price(quote.ask, Rounding.NEAREST)
        if bid <= 0 or ask <= bid:
            return None
        mark = _exact(quote.mark) if quote.mark > 0 else last
        return Tick(bid=bid, ask=ask, last=last, mark=mark, path=(last,) if moved else ())


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))
