import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    VenueBusy,
    VenueError,
    VenueRejected,
    VenueUnreachable,
)
from engine.exchange.binance.classify import (
    DuplicateOrderId,
    RateLimited,
    TooManyOrders,
    classify_reply,
    doubtful,
    read_error,
    silence_s,
)

HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"


def body(code: int, msg: str = "text") -> bytes:
    return orjson.dumps({"code": code, "msg": msg})


def judge(status: int, raw: bytes, *, effect: bool = True, **headers: str) -> VenueError:
    return classify_reply(status, raw, headers, effect=effect)


UNKNOWN_503 = "Unknown error, please check your request or try again later."
THROTTLED = "Request throttled by system-level protection. Reduce-only orders are exempt."
INTERNAL = "Internal error; unable to process your request. Please try again."


@pytest.mark.parametrize(
    ("status", "raw", "kind"),
    [
        # unknown: it may have been executed
        (503, body(-1000, UNKNOWN_503), OutcomeUnknown),
        (503, orjson.dumps({"msg": UNKNOWN_503}), OutcomeUnknown),
        (503, HTML, OutcomeUnknown),
        (500, b"", OutcomeUnknown),
        (502, HTML, OutcomeUnknown),
        (504, HTML, OutcomeUnknown),
        (408, body(-1007, "Timeout waiting for response from backend server."), OutcomeUnknown),
        (408, b"", OutcomeUnknown),
        (400, body(-1000), OutcomeUnknown),
        (400, body(-1001), OutcomeUnknown),
        (400, body(-1006), OutcomeUnknown),
        (400, body(-1007), OutcomeUnknown),
        (402, HTML, OutcomeUnknown),
        # busy: certainly not executed
        (503, body(-1000, "Service Unavailable."), VenueBusy),
        (503, body(-1001, INTERNAL), VenueBusy),
        (503, body(-1008, THROTTLED), VenueBusy),
        (400, body(-1008, THROTTLED), VenueBusy),
        (429, body(-1003, "Too many requests"), RateLimited),
        (429, b"", RateLimited),
        (418, body(-1003, "Way too many requests; IP banned until 1790000160000."), RateLimited),
        (400, body(-1003), RateLimited),
        (400, body(-1015, "Too many new orders."), TooManyOrders),
        (429, body(-1015, "Too many new orders."), TooManyOrders),
        (403, HTML, RateLimited),
        # credentials: nothing will work until it is mended
        (400, body(-1022, "Signature for this request is not valid."), CredentialsRefused),
        (401, body(-2014, "API-key format invalid."), CredentialsRefused),
        (401, body(-2015, "Invalid API-key, IP, or permissions for action."), CredentialsRefused),
        (401, b"", CredentialsRefused),
        (451, HTML, CredentialsRefused),
        # the request never reached the venue's engine
        (301, b"", VenueUnreachable),
        (307, HTML, VenueUnreachable),
        (404, HTML, VenueRejected),
        (400, HTML, VenueRejected),
        (413, b"", VenueRejected),
        # an order with our id exists already: an earlier attempt landed
        (400, body(-4116, "ClientOrderId is duplicated."), DuplicateOrderId),
    ],
)
def test_classify_when_an_order_is_answered_follows_the_law(
    status: int, raw: bytes, kind: type[VenueError]
) -> None:
    assert type(judge(status, raw)) is kind


_REFUSALS = [
    -1021, -1102, -1106, -1111, -1121, -1122, -1125, -1128, -1130, -2011, -2013, -2018, -2019,
    -2021, -2022, -2023, -2024, -2025, -2027, -2028, -4001, -4002, -4003, -4004, -4005, -4013,
    -4014, -4016, -4023, -4024, -4028, -4045, -4046, -4047, -4048, -4059, -4061, -4067, -4068,
    -4105, -4106, -4107, -4109, -4117, -4118, -4120, -4130, -4131, -4137, -4138, -4140, -4141,
    -4142, -4161, -4164, -4168, -4171, -4192, -4202, -4400, -4401, -4411, -5021, -5022, -5027,
    -5028, -5041,
]  # fmt: skip


@pytest.mark.parametrize("code", _REFUSALS)
def test_classify_when_the_table_says_refused_keeps_the_code(code: int) -> None:
    error = judge(400, body(code, "some text"))
    assert type(error) is VenueRejected
    assert (error.code, error.message) == (code, "some text")


@pytest.mark.parametrize(
    ("status", "raw"), [(503, body(-1000, UNKNOWN_503)), (504, HTML), (408, b""), (402, HTML)]
)
def test_classify_when_a_read_fails_has_no_unknown_outcome(status: int, raw: bytes) -> None:
    assert type(judge(status, raw, effect=False)) is VenueUnreachable


def test_classify_when_a_read_is_told_duplicate_is_a_plain_refusal() -> None:
    assert type(judge(400, body(-4116), effect=False)) is VenueRejected


def test_classify_when_the_venue_names_a_pause_takes_it() -> None:
    error = judge(429, b"", **{"retry-after": "37"})
    assert isinstance(error, VenueBusy)
    assert error.retry_after_s == 37.0


def test_classify_when_banned_without_a_pause_waits_minutes() -> None:
    error = judge(418, b"", **{"retry-after": "soon"})
    assert isinstance(error, VenueBusy)
    assert error.retry_after_s >= 120.0


def test_classify_when_html_is_long_shows_only_its_beginning() -> None:
    assert len(str(judge(502, b"<html>" + b"x" * 10_000))) < 300


@pytest.mark.parametrize("speed", [1.0, 20.0])
def test_silence_when_the_ban_names_its_end_counts_wall_seconds(speed: float) -> None:
    now_ms = 1_790_000_000_000
    end_ms = now_ms + int(300_000 * speed)
    error = judge(418, body(-1003, f"IP banned until {end_ms}. Please use the websocket"))
    assert isinstance(error, RateLimited)
    assert error.banned
    assert silence_s(error, now_ms, speed) == pytest.approx(300.0)


def test_silence_when_no_end_is_named_uses_the_pause() -> None:
    assert silence_s(RateLimited("429", 12.0, banned=False), 0, 1.0) == 12.0


def test_doubtful_when_read_or_effect_differ() -> None:
    assert isinstance(doubtful("x", effect=True), OutcomeUnknown)
    assert isinstance(doubtful("x", effect=False), VenueUnreachable)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"code":"x","msg":1}', HTML])
def test_read_error_when_not_the_venues_json_is_nothing(raw: bytes) -> None:
    assert read_error(raw) == (0, "")


@given(
    st.integers(100, 599).filter(lambda status: not 200 <= status < 300),
    st.binary() | st.integers(-9999, 9999).map(body),
    st.booleans(),
)
def test_classify_when_any_reply_always_answers_and_never_rejects_a_5xx(
    status: int, raw: bytes, effect: bool
) -> None:
    error = classify_reply(status, raw, effect=effect)
    assert isinstance(error, VenueError)
    if status >= 500:
        assert not isinstance(error, VenueRejected)
    if not effect:
        assert not isinstance(error, OutcomeUnknown)
