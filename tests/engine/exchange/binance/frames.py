"""Venue payloads for tests, in the documented shapes; sizes and ids are made up."""

import copy
from typing import Any

import orjson
from hypothesis import strategies as st

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=5,
)

MINUTE = 1_790_000_040_000

_KLINE = {
    "t": MINUTE, "T": MINUTE + 59_999, "s": "BTCUSDT", "i": "1m", "f": 100, "L": 120,
    "o": "100.5", "c": "101.0", "h": "102.0", "l": "99.5", "v": "12.5", "n": 21, "x": False,
    "q": "1260.25", "V": "6", "Q": "600", "B": "0",
}  # fmt: skip


def kline(*, closed: bool = False, symbol: str = "BTCUSDT", **changes: Any) -> dict[str, Any]:
    """A kline event; `changes` replace fields of its row."""
    row = {**_KLINE, "s": symbol, "x": closed, **changes}
    return {"e": "kline", "E": MINUTE + 30_000, "s": symbol, "k": row, "st": 1}


def combined(stream: str, data: object) -> bytes:
    """The frame of a combined stream."""
    return orjson.dumps({"stream": stream, "data": data})


BOOK_TICKER = {
    "e": "bookTicker", "u": 1, "E": MINUTE + 5, "T": MINUTE + 4, "s": "BTCUSDT", "ps": "BTCUSDT",
    "b": "100.1", "B": "3", "a": "100.2", "A": "4", "st": 1,
}  # fmt: skip
MARK_PRICE = {
    "e": "markPriceUpdate", "E": MINUTE, "s": "BTCUSDT", "p": "100.25", "ap": "100.2", "i": "100.3",
    "P": "100.3", "r": "0.00010000", "T": MINUTE + 3_600_000, "st": 1,
}  # fmt: skip
CONTRACT_INFO = {
    "e": "contractInfo", "E": MINUTE, "s": "OLDUSDT", "ct": "PERPETUAL", "dt": MINUTE + 86_400_000,
    "ot": 1_569_398_400_000, "cs": "TRADING", "st": 1,
}  # fmt: skip

_ORDER_ROW = {
    "s": "BTCUSDT", "c": "smc1-E-aaaaaaaaaaaaaa-0", "S": "BUY", "o": "LIMIT", "f": "IOC",
    "q": "0.010", "p": "100.5", "ap": "100.4", "sp": "0", "x": "TRADE", "X": "PARTIALLY_FILLED",
    "i": 8886774, "l": "0.004", "z": "0.004", "L": "100.4", "N": "USDT", "n": "0.0002",
    "T": MINUTE + 17, "t": 555, "b": "0", "a": "0", "m": False, "R": False, "wt": "CONTRACT_PRICE",
    "ot": "LIMIT", "ps": "BOTH", "cp": False, "pP": False, "si": 0, "ss": 0, "rp": "0", "V": "NONE",
    "pm": "NONE", "gtd": 0, "er": "0",
}  # fmt: skip


def order_update(**changes: Any) -> dict[str, Any]:
    """An ORDER_TRADE_UPDATE event; `changes` replace fields of its order."""
    row = {**_ORDER_ROW, **changes}
    return {"e": "ORDER_TRADE_UPDATE", "E": MINUTE + 20, "T": MINUTE + 18, "o": row}


_ALGO_ROW = {
    "caid": "smc1-S-aaaaaaaaaaaaaa-0", "aid": 2148719, "at": "CONDITIONAL", "o": "STOP_MARKET",
    "s": "BTCUSDT", "S": "SELL", "ps": "BOTH", "f": "GTC", "q": "0.010", "X": "NEW", "ai": "",
    "tp": "99.0", "p": "0", "V": "NONE", "wt": "CONTRACT_PRICE", "pm": "NONE", "cp": False,
    "pP": False, "R": True, "tt": 0, "gtd": 0,
}  # fmt: skip


def algo_update(**changes: Any) -> dict[str, Any]:
    """An ALGO_UPDATE event; `changes` replace fields of its order."""
    row = {**_ALGO_ROW, **changes}
    return {"e": "ALGO_UPDATE", "T": MINUTE + 21, "E": MINUTE + 22, "o": row}


def account_update(reason: str, **account: Any) -> dict[str, Any]:
    """An ACCOUNT_UPDATE event."""
    return {
        "e": "ACCOUNT_UPDATE",
        "E": MINUTE + 20,
        "T": MINUTE + 19,
        "a": {"m": reason, **account},
    }


USDT_BALANCE = {"a": "USDT", "wb": "10001.5", "cw": "9000", "bc": "0"}
POSITION_ROW = {
    "s": "BTCUSDT", "pa": "-0.010", "ep": "100.4", "bep": "100.3", "cr": "0", "up": "0.1",
    "mt": "isolated", "iw": "0.1", "ps": "BOTH",
}  # fmt: skip

ORDER_REPLY = {
    "orderId": 325078477, "symbol": "BTCUSDT", "status": "FILLED",
    "clientOrderId": "smc1-E-aaaaaaaaaaaaaa-0", "price": "100.50", "origQty": "0.010",
    "executedQty": "0.010", "cumQty": "0.010", "timeInForce": "IOC", "type": "LIMIT",
    "reduceOnly": False, "closePosition": False, "side": "BUY", "positionSide": "BOTH",
    "stopPrice": "0.00", "workingType": "CONTRACT_PRICE", "priceProtect": False,
    "origType": "LIMIT", "priceMatch": "NONE", "selfTradePreventionMode": "NONE",
    "goodTillDate": 0, "updateTime": MINUTE + 40,
}  # fmt: skip
ALGO_REPLY = {
    "algoId": 2146760, "clientAlgoId": "smc1-S-aaaaaaaaaaaaaa-0", "algoType": "CONDITIONAL",
    "orderType": "STOP_MARKET", "symbol": "BTCUSDT", "side": "SELL", "positionSide": "BOTH",
    "timeInForce": "GTC", "quantity": "0.010", "algoStatus": "NEW", "triggerPrice": "99.000",
    "price": "0.000", "icebergQuantity": None, "selfTradePreventionMode": "NONE",
    "workingType": "CONTRACT_PRICE", "priceMatch": "NONE", "closePosition": False,
    "priceProtect": False, "reduceOnly": True, "activatePrice": "", "callbackRate": "",
    "createTime": MINUTE, "updateTime": MINUTE + 41, "triggerTime": 0, "goodTillDate": 0,
}  # fmt: skip
TRADE_ROW = {
    "buyer": True, "commission": "0.0002", "commissionAsset": "USDT", "id": 555, "maker": False,
    "orderId": 325078477, "price": "100.4", "qty": "0.004", "quoteQty": "0.4016",
    "realizedPnl": "0", "side": "BUY", "positionSide": "BOTH", "symbol": "BTCUSDT",
    "time": MINUTE + 17,
}  # fmt: skip
POSITION_RISK = {
    "symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "0.010", "entryPrice": "100.4",
    "breakEvenPrice": "100.45", "markPrice": "100.5", "unRealizedProfit": "0.001",
    "liquidationPrice": "91.2", "isolatedMargin": "0.1", "notional": "1.005",
    "marginAsset": "USDT", "isolatedWallet": "0.1", "initialMargin": "0.1", "maintMargin": "0.004",
    "positionInitialMargin": "0.1", "openOrderInitialMargin": "0", "adl": 2, "bidNotional": "0",
    "askNotional": "0", "updateTime": MINUTE,
}  # fmt: skip
ACCOUNT_V3 = {
    "totalWalletBalance": "10050.0",
    "assets": [
        {"asset": "BNB", "walletBalance": "1.0"},
        {"asset": "USDT", "walletBalance": "9999.5", "unrealizedProfit": "0.5"},
    ],
    "positions": [],
}
ACCOUNT_CONFIG = {
    "feeTier": 0, "canTrade": True, "canDeposit": True, "canWithdraw": True,
    "dualSidePosition": False, "updateTime": 0, "multiAssetsMargin": False, "tradeGroupId": -1,
}  # fmt: skip
KEY_PERMISSIONS = {
    "ipRestrict": True, "createTime": 1_698_645_219_000, "enableReading": True,
    "enableWithdrawals": False, "enableInternalTransfer": False, "enableMargin": False,
    "enableFutures": True, "permitsUniversalTransfer": False, "enableVanillaOptions": False,
    "enableFixApiTrade": False, "enableFixReadOnly": True, "enableSpotAndMarginTrading": False,
    "enablePortfolioMarginTrading": True,
}  # fmt: skip
SYMBOL_CONFIG = [
    {"symbol": "BTCUSDT", "marginType": "CROSSED", "isAutoAddMargin": False, "leverage": 21},
    {"symbol": "ETHUSDT", "marginType": "ISOLATED", "isAutoAddMargin": "false", "leverage": 10},
]
BRACKETS = [
    {"symbol": "BTCUSDT", "brackets": [
        {"bracket": 2, "initialLeverage": 100, "notionalCap": 600000, "notionalFloor": 50000,
         "maintMarginRatio": 0.005, "cum": 50.0},
        {"bracket": 1, "initialLeverage": 125, "notionalCap": 50000, "notionalFloor": 0,
         "maintMarginRatio": 0.004, "cum": 0.0},
    ]},
    {"symbol": "ETHUSDT", "notionalCoef": 1.5, "brackets": [
        {"bracket": 1, "initialLeverage": 8, "notionalCap": 10000, "notionalFloor": 0,
         "maintMarginRatio": 0.0065, "cum": 0},
    ]},
]  # fmt: skip
COMMISSION = {
    "symbol": "BTCUSDT",
    "makerCommissionRate": "0.0002",
    "takerCommissionRate": "0.0005",
    "rpiCommissionRate": "0.00005",
}


def exchange_info(*symbols: str, **changes: Any) -> dict[str, Any]:
    """An exchangeInfo reply of perpetuals; `changes` replace fields of every row."""
    row = {
        "pair": "", "contractType": "PERPETUAL", "deliveryDate": 4_133_404_800_000,
        "onboardDate": 1_567_965_300_000, "status": "TRADING", "baseAsset": "BTC",
        "quoteAsset": "USDT", "marginAsset": "USDT", "pricePrecision": 2, "quantityPrecision": 3,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "9", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0.01", "maxQty": "120",
             "stepSize": "0.01"},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MIN_NOTIONAL", "notional": "50"},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.05", "multiplierDown": "0.95",
             "multiplierDecimal": "4"},
            {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
        ],
        **changes,
    }  # fmt: skip
    return {"symbols": [{**copy.deepcopy(row), "symbol": symbol} for symbol in symbols]}


def kline_row(open_ms: int, **changes: str) -> list[Any]:
    """A row of the klines endpoint."""
    value = {"o": "100", "h": "101", "l": "99", "c": "100.5", "v": "2", "q": "201", **changes}
    return [
        open_ms, value["o"], value["h"], value["l"], value["c"], value["v"], open_ms + 59_999,
        value["q"], 7, "1", "100", "0",
    ]  # fmt: skip
