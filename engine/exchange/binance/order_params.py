"""Our order requests in the venue's parameters; money and sizes go out as plain decimal text."""

from decimal import Decimal

from engine.domain.order import OrderRequest, OrderType

Params = dict[str, str | int]


def plain(number: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros, e.g. `0.00001`.

    Raises:
        ValueError: the number is not finite.
    """
    if not number.is_finite():
        raise ValueError(f"not a finite number: {number}")
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def order_params(request: OrderRequest) -> Params:
    """Return the parameters of an ordinary order.

    Raises:
        ValueError: the request lacks what its type needs, or is conditional.
    """
    if request.is_conditional:
        raise ValueError(f"{request.order_type} belongs to the conditional service")
    params = _common(request)
    params["newClientOrderId"] = request.client_id
    params["newOrderRespType"] = "RESULT"
    if request.order_type is OrderType.LIMIT:
        if request.price is None or request.time_in_force is None:
            raise ValueError(f"{request.client_id}: a LIMIT order needs price and time in force")
        params["price"] = plain(request.price)
        params["timeInForce"] = request.time_in_force.value
    return params


def conditional_params(request: OrderRequest) -> Params:
    """Return the parameters of a conditional order.

    Reduce-only with a quantity instead of closePosition: two of them may rest at once, so a stop
    is moved by placing the new one before the old one is cancelled (facts §4, -4130).

    Raises:
        ValueError: the request has no trigger price, or is not conditional.
    """
    if not request.is_conditional or request.trigger_price is None:
        raise ValueError(f"{request.client_id}: a conditional order needs a trigger price")
    return {
        **_common(request),
        "algoType": "CONDITIONAL",
        "clientAlgoId": request.client_id,
        "triggerPrice": plain(request.trigger_price),
        "workingType": "CONTRACT_PRICE",
    }


def _common(request: OrderRequest) -> Params:
    if request.qty <= 0:
        raise ValueError(f"{request.client_id}: quantity {request.qty} must be above 0")
    params: Params = {
        "symbol": request.symbol,
        "side": request.side.value,
        "type": request.order_type.value,
        "quantity": plain(request.qty),
    }
    if request.reduce_only:
        params["reduceOnly"] = "true"
    return params
