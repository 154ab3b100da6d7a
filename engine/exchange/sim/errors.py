"""The refusals of the embedded exchange, in the codes and words of the real one.

The table holds exactly the codes this exchange raises. Texts follow the venue's published error
list; where the list is silent the text of field reports is used (-4120, -4130, -4411, -4509).
"""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[int, str]] = {
    -1023: "Start time is greater than end time.",
    -1100: "Illegal characters found in parameter '{}'; legal range is '{}'.",
    -1102: "Mandatory parameter '{}' was not sent, was empty/null, or malformed.",
    -1106: "Parameter '{}' sent when not required.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1112: "No orders on book for symbol.",
    -1115: "Invalid timeInForce.",
    -1116: "Invalid orderType.",
    -1117: "Invalid side.",
    -1121: "Invalid symbol.",
    -1122: "Invalid symbol status.",
    -1130: "Data sent for parameter '{}' is not valid.",
    -1136: "Invalid newOrderRespType.",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2019: "Margin is insufficient.",
    -2021: "Order would immediately trigger.",
    -2022: "ReduceOnly Order is rejected.",
    -2025: "Reach max open order limit.",
    -2027: "Exceeded the maximum allowable position at current leverage.",
    -2028: "Leverage is smaller than permitted: insufficient margin balance.",
    -4001: "Price less than 0.",
    -4002: "Price greater than max price.",
    -4003: "Quantity less than or equal to zero.",
    -4004: "Quantity less than min quantity.",
    -4005: "Quantity greater than max quantity.",
    -4006: "Stop price less than zero.",
    -4007: "Stop price greater than max price.",
    -4013: "Price less than min price.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id is not valid.",
    -4016: "Limit price can't be higher than {}.",
    -4023: "Qty not increased by step size.",
    -4024: "Limit price can't be lower than {}.",
    -4028: "Leverage {} is not valid",
    -4031: "Invalid parameter working type: {}",
    -4045: "Reach max stop order limit.",
    -4046: "No need to change margin type.",
    -4047: "Margin type cannot be changed if there exists open orders.",
    -4048: "Margin type cannot be changed if there exists position.",
    -4059: "No need to change position side.",
    -4060: "Invalid position side.",
    -4061: "Order's position side does not match user's setting.",
    -4067: "Position side cannot be changed if there exists open orders.",
    -4068: "Position side cannot be changed if there exists position.",
    -4116: "ClientOrderId is duplicated.",
    -4117: "Stop order is triggering.",
    -4118: "ReduceOnly Order Failed. Please check your existing position and open orders",
    -4120: (
        "Order type not supported for this endpoint. "
        "Please use the Algo Order API endpoints instead."
    ),
    -4130: (
        "An open stop or take profit order with GTE and closePosition in the direction is existing."
    ),
    -4131: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    -4136: "Target strategy invalid for orderType {}, closePosition {}",
    -4137: "Quantity must be zero with closePosition equals true",
    -4138: "Reduce only must be true with closePosition equals true",
    -4140: "Invalid symbol status for opening position.",
    -4141: "Symbol is closed.",
    -4161: ("Leverage reduction is not supported in Isolated Margin Mode with open positions."),
    -4164: "Order's notional must be no smaller than {} (unless you choose reduce only).",
    -4165: "Maximum time interval is {} days",
    -4167: (
        "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures "
        "under isolated-margin mode."
    ),
    -4168: "Unable to adjust to isolated-margin mode under the Multi-Assets mode.",
    -4170: "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.",
    -4171: ("Adjusted asset mode is currently set and does not need to be adjusted repeatedly."),
    -4411: "Please sign TradFi-Perps agreement contract fapi.",
    -4509: (
        "Time in Force (TIF) GTE can only be used with open positions. "
        "Please ensure that positions are available."
    ),
    -5021: (
        "Due to the order could not be filled immediately, the FOK order has been rejected. "
        "The order will not be recorded in the order history"
    ),
    -5022: (
        "Due to the order could not be executed as maker, the Post Only order will be rejected. "
        "The order will not be recorded in the order history"
    ),
    -5037: "Invalid price match",
    -5040: (
        "The goodTillDate timestamp must be greater than the current time plus 600 seconds "
        "and smaller than 253402300799000"
    ),
}


class SimError(Exception):
    """Root of everything the embedded exchange raises on purpose."""


class ApiError(SimError):
    """A request the exchange refuses, as its reply body `{"code", "msg"}` and HTTP status.

    Attributes:
        code: the venue's negative error code.
        msg: the venue's text.
        status: HTTP status of the reply, 400 unless the venue answers otherwise.
    """

    def __init__(self, code: int, msg: str, status: int = 400) -> None:
        """Keep the code, the text and the HTTP status."""
        super().__init__(f"{code}: {msg}")
        self.code = code
        self.msg = msg
        self.status = status

    def body(self) -> dict[str, int | str]:
        """Return the JSON body of the reply."""
        return {"code": self.code, "msg": self.msg}


def refusal(code: int, *values: object) -> ApiError:
    """Build the refusal for a code of the table, its text filled with `values`."""
    return ApiError(code, TEXTS[code].format(*values))
