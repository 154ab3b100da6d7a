"""Gateway refusals carry the venue's code, text and HTTP status."""

import pytest

from engine.exchange.sim.wire.refusals import banned, gateway_refusal, too_many_requests


@pytest.mark.parametrize(
    ("code", "values", "status", "text"),
    [
        (-2014, (), 401, "API-key format invalid."),
        (-1022, (), 400, "Signature for this request is not valid."),
        (-1120, (), 400, "Invalid interval."),
        (-1125, (), 400, "This listenKey does not exist."),
        (
            -1015,
            (300, "TEN_SECONDS"),
            429,
            "Too many new orders; current limit is 300 orders per TEN_SECONDS.",
        ),
        (-5000, ("/fapi/v1/x", "GET"), 404, "Path /fapi/v1/x, Method GET is invalid"),
    ],
)
def test_gateway_refusal_when_built_fills_its_text(
    code: int, values: tuple[object, ...], status: int, text: str
) -> None:
    refused = gateway_refusal(code, *values)

    assert (refused.status, refused.body()) == (status, {"code": code, "msg": text})


def test_weight_refusals_when_built_differ_in_status_and_name_the_end_of_the_ban() -> None:
    assert too_many_requests("127.0.0.1", 2400).status == 429
    ban = banned("127.0.0.1", 1_700_000_000_123)
    assert (ban.code, ban.status) == (-1003, 418)
    assert "banned until 1700000000123." in ban.msg
