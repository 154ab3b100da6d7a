"""Every REST endpoint we use: path, weight, security and whether it changes anything."""

from dataclasses import dataclass
from enum import Enum


class Api(Enum):
    """Which of the venue's APIs a path belongs to."""

    FUTURES = "fapi"
    WALLET = "sapi"


class Security(Enum):
    """What a request must carry."""

    PUBLIC = "public"
    KEY = "key"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One REST endpoint; `path` follows `/fapi/`, or `/sapi/` for the wallet's API.

    Attributes:
        weight: request weight as called by us (for klines see `klines_weight`).
        orders: how many it counts against the ORDERS limits.
        effect: True when it changes something at the venue, so that a lost reply leaves doubt.
        api: whose host, limits and blocks apply to it.
    """

    method: str
    path: str
    weight: int = 1
    security: Security = Security.PUBLIC
    orders: int = 0
    effect: bool = False
    api: Api = Api.FUTURES

    @property
    def version(self) -> int:
        """API version of the path."""
        return int(self.path[1 : self.path.index("/")])

    @property
    def name(self) -> str:
        """Path without its version."""
        return self.path.partition("/")[2]


TIME = Endpoint("get", "v1/time")
EXCHANGE_INFO = Endpoint("get", "v1/exchangeInfo")
TICKERS_24H = Endpoint("get", "v1/ticker/24hr", 40)
KLINES = Endpoint("get", "v1/klines", 10)

ACCOUNT = Endpoint("get", "v3/account", 5, Security.SIGNED)
POSITIONS = Endpoint("get", "v3/positionRisk", 5, Security.SIGNED)
ACCOUNT_CONFIG = Endpoint("get", "v1/accountConfig", 5, Security.SIGNED)
KEY_PERMISSIONS = Endpoint("get", "v1/account/apiRestrictions", 1, Security.SIGNED, api=Api.WALLET)
SYMBOL_CONFIG = Endpoint("get", "v1/symbolConfig", 5, Security.SIGNED)
LEVERAGE_BRACKETS = Endpoint("get", "v1/leverageBracket", 1, Security.SIGNED)
COMMISSION_RATE = Endpoint("get", "v1/commissionRate", 20, Security.SIGNED)
INCOME = Endpoint("get", "v1/income", 30, Security.SIGNED)
USER_TRADES = Endpoint("get", "v1/userTrades", 5, Security.SIGNED)
OPEN_ORDERS = Endpoint("get", "v1/openOrders", 40, Security.SIGNED)
OPEN_CONDITIONALS = Endpoint("get", "v1/openAlgoOrders", 40, Security.SIGNED)

SET_LEVERAGE = Endpoint("post", "v1/leverage", 1, Security.SIGNED, effect=True)
SET_MARGIN_TYPE = Endpoint("post", "v1/marginType", 1, Security.SIGNED, effect=True)

PLACE_ORDER = Endpoint("post", "v1/order", 0, Security.SIGNED, orders=1, effect=True)
CANCEL_ORDER = Endpoint("delete", "v1/order", 1, Security.SIGNED, effect=True)
QUERY_ORDER = Endpoint("get", "v1/order", 1, Security.SIGNED)
PLACE_CONDITIONAL = Endpoint("post", "v1/algoOrder", 0, Security.SIGNED, orders=1, effect=True)
CANCEL_CONDITIONAL = Endpoint("delete", "v1/algoOrder", 1, Security.SIGNED, effect=True)
QUERY_CONDITIONAL = Endpoint("get", "v1/algoOrder", 1, Security.SIGNED)

START_LISTEN_KEY = Endpoint("post", "v1/listenKey", 1, Security.KEY)
EXTEND_LISTEN_KEY = Endpoint("put", "v1/listenKey", 1, Security.KEY)


def klines_weight(limit: int) -> int:
    """Return the weight of a klines request by its limit (facts §6).

    Raises:
        ValueError: the limit is not 1 to 1500.
    """
    if not 1 <= limit <= 1500:
        raise ValueError(f"klines limit was {limit}, must be 1 to 1500")
    for below, weight in ((100, 1), (500, 2), (1001, 5)):
        if limit < below:
            return weight
    return 10
