"""Mark price, book ticker, 24 h ticker and contract frames of the market streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from engine.exchange.sim import quote_rows
from engine.exchange.sim.market import Market, MarketStep
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.wire.hub import StreamHub

USD_MARGINED: Final = 1
"""Value of `st` in frames of USDⓈ-M contracts; COIN-M ones carry 2."""


class TickerFrames:
    """Publishes what changes slower than candles, from arrays. Event times are exchange time."""

    def __init__(self, market: Market) -> None:
        """Render from `market`."""
        self._market = market
        self._books = tuple(_book_format(rule) for rule in market.rules)
        self._lower = tuple(rule.symbol.lower() for rule in market.rules)
        self._sent_quotes: dict[int, tuple[float, ...]] = {}
        self._updates = 0

    def mark_prices(self, hub: StreamHub, now_ms: int, suffix: str) -> None:
        """Queue mark prices on streams ending in `suffix`: `@markPrice` or `@markPrice@1s`."""
        every = f"!markPrice@arr{suffix.removeprefix('@markPrice')}"
        wanted = [index for index, low in enumerate(self._lower) if hub.has(f"{low}{suffix}")]
        if not wanted and not hub.has(every):
            return
        rows = self._mark_price_rows(now_ms)
        for index in wanted:
            payload = orjson.dumps(rows[index])
            symbol = self._market.rules[index].symbol
            hub.publish(f"{self._lower[index]}{suffix}", "markPriceUpdate", symbol, payload)
        if hub.has(every):
            # The venue sends stocks and metals in a message of their own.
            for group in self._by_market():
                payload = orjson.dumps([rows[index] for index in group])
                hub.publish(every, "markPriceUpdate", None, payload)

    def changed_books(self, hub: StreamHub, step: MarketStep) -> None:
        """Queue `<symbol>@bookTicker` for subscribed symbols whose best quotes changed."""
        names = {i: f"{low}@bookTicker" for i, low in enumerate(self._lower)}
        wanted = [index for index, name in names.items() if hub.has(name)]
        if not wanted:
            return
        quotes = self._quotes(step)
        for index in wanted:
            if self._sent_quotes.get(index) != quotes[index]:
                self._sent_quotes[index] = quotes[index]
                payload = self._book(index, quotes[index], step.time_ms)
                hub.publish(names[index], "bookTicker", self._market.rules[index].symbol, payload)

    def all_books(self, hub: StreamHub, step: MarketStep) -> None:
        """Queue the `!bookTicker` stream: one frame per contract."""
        if not hub.has("!bookTicker"):
            return
        quotes = self._quotes(step)
        for index in self._trading():
            payload = self._book(index, quotes[index], step.time_ms)
            hub.publish("!bookTicker", "bookTicker", self._market.rules[index].symbol, payload)

    def day_tickers(self, hub: StreamHub, now_ms: int) -> None:
        """Queue `<symbol>@ticker` and `<symbol>@miniTicker`."""
        for suffix, event, render in _DAY_STREAMS:
            wanted = [i for i, low in enumerate(self._lower) if hub.has(f"{low}@{suffix}")]
            for row in self._day_rows(wanted):
                symbol: str = row["symbol"]
                payload = orjson.dumps(render(row, now_ms))
                hub.publish(f"{symbol.lower()}@{suffix}", event, symbol, payload)

    def all_day_tickers(self, hub: StreamHub, now_ms: int) -> None:
        """Queue `!ticker@arr` and `!miniTicker@arr`."""
        for suffix, event, render in _DAY_STREAMS:
            name = f"!{suffix}@arr"
            if hub.has(name):
                rows = [render(row, now_ms) for row in self._day_rows(self._trading())]
                hub.publish(name, event, None, orjson.dumps(rows))

    def contract_change(self, hub: StreamHub, rule: SymbolRules, now_ms: int) -> None:
        """Queue the `!contractInfo` frame of a listed, changed or ending contract."""
        if hub.has("!contractInfo"):
            payload = orjson.dumps(contract_info(rule, now_ms))
            hub.publish("!contractInfo", "contractInfo", rule.symbol, payload)

    def _trading(self) -> list[int]:
        rules = enumerate(self._market.rules)
        return [index for index, rule in rules if rule.status == "TRADING"]

    def _by_market(self) -> list[list[int]]:
        rules, trading = self._market.rules, self._trading()
        stocks = [i for i in trading if rules[i].contract_type == "TRADIFI_PERPETUAL"]
        crypto = [i for i in trading if rules[i].contract_type != "TRADIFI_PERPETUAL"]
        return [group for group in (crypto, stocks) if group]

    def _mark_price_rows(self, now_ms: int) -> list[dict[str, Any]]:
        market = self._market
        columns = (market.mark_price, market.index_price, market.funding_rate)
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        next_ms = market.next_funding_ms.tolist()
        return [
            {
                "e": "markPriceUpdate",
                "E": now_ms,
                "s": rule.symbol,
                "p": f"{mark:.8f}",
                "ap": f"{mark:.8f}",
                "i": f"{index:.8f}",
                "P": f"{index:.8f}",
                "r": f"{rate:.8f}",
                "T": due,
                "st": USD_MARGINED,
            }
            for rule, (mark, index, rate), due in zip(market.rules, numbers, next_ms, strict=True)
        ]

    def _day_rows(self, wanted: Sequence[int]) -> Iterator[dict[str, Any]]:
        if wanted:
            columns = self._market.ticker_columns()
            for index in wanted:
                rule = self._market.rules[index]
                yield quote_rows.ticker_24h(rule, columns, index, rule.step_size)

    def _quotes(self, step: MarketStep) -> list[tuple[float, ...]]:
        columns = (step.bid, self._market.bid_qty, step.ask, self._market.ask_qty)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _book(self, index: int, quote: tuple[float, ...], now_ms: int) -> bytes:
        self._updates += 1
        return self._books[index] % (self._updates, now_ms, now_ms, *quote)


def _book_format(rule: SymbolRules) -> bytes:
    price, quantity = f"%.{rule.price_precision}f", f"%.{rule.qty_precision}f"
    return (
        '{"e":"bookTicker","u":%d,"E":%d,"T":%d,"s":"' + rule.symbol + '","ps":"' + rule.symbol
        + f'","b":"{price}","B":"{quantity}","a":"{price}","A":"{quantity}","st":{USD_MARGINED}}}'
    ).encode()  # fmt: skip


def contract_info(rule: SymbolRules, now_ms: int) -> dict[str, Any]:
    """Return the contractInfo event of a contract, without brackets as on status changes."""
    return {
        "e": "contractInfo",
        "E": now_ms,
        "s": rule.symbol,
        "ct": rule.contract_type,
        "dt": rule.delivery_ms,
        "ot": rule.onboard_ms,
        "cs": rule.status,
        "bks": [],
        "st": USD_MARGINED,
    }


def _mini_ticker(row: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    return {
        "e": "24hrMiniTicker",
        "E": now_ms,
        "s": row["symbol"],
        "c": row["lastPrice"],
        "o": row["openPrice"],
        "h": row["highPrice"],
        "l": row["lowPrice"],
        "v": row["volume"],
        "q": row["quoteVolume"],
        "st": USD_MARGINED,
    }


def _full_ticker(row: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    return {
        "e": "24hrTicker",
        "E": now_ms,
        "s": row["symbol"],
        "p": row["priceChange"],
        "P": row["priceChangePercent"],
        "w": row["weightedAvgPrice"],
        "c": row["lastPrice"],
        "Q": row["lastQty"],
        "o": row["openPrice"],
        "h": row["highPrice"],
        "l": row["lowPrice"],
        "v": row["volume"],
        "q": row["quoteVolume"],
        "O": row["openTime"],
        "C": row["closeTime"],
        "F": row["firstId"],
        "L": row["lastId"],
        "n": row["count"],
        "st": USD_MARGINED,
    }


_DAY_STREAMS: Final = (
    ("ticker", "24hrTicker", _full_ticker),
    ("miniTicker", "24hrMiniTicker", _mini_ticker),
)
