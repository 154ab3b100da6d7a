"""Every WebSocket API request we use; it has no look-up of conditional orders (facts §3)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """One request type of the socket; the fields mean what they mean in `Endpoint`."""

    name: str
    weight: int = 1
    signed: bool = True
    orders: int = 0
    effect: bool = False


ORDER_PLACE = Method("order.place", 0, orders=1, effect=True)
ORDER_CANCEL = Method("order.cancel", 1, effect=True)
ORDER_STATUS = Method("order.status", 1)
CONDITIONAL_PLACE = Method("algoOrder.place", 0, orders=1, effect=True)
CONDITIONAL_CANCEL = Method("algoOrder.cancel", 1, effect=True)
ACCOUNT_POSITION = Method("v2/account.position", 5)
USER_STREAM_PING = Method("userDataStream.ping", 1, signed=False)
