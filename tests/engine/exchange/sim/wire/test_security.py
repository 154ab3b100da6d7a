"""Keys, signatures and the receive window, which is judged in wall time at any speed."""

import pytest

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.wire.params import SignedParams, parse_http
from engine.exchange.sim.wire.security import ApiKey, Guard, Security, sign

NOW = 1_700_000_000_000
KEYS = {"key": ApiKey("alice", "secret")}


def guard(speed: float = 1.0) -> Guard:
    return Guard(KEYS, SimClock(lambda: 50.0, epoch_ms=NOW, speed=speed))


def signed(text: str, secret: str = "secret") -> SignedParams:
    return parse_http(f"{text}&signature={sign(secret, text)}", "")


def code_of(params: SignedParams, *, key: str | None = "key", speed: float = 1.0) -> int:
    with pytest.raises(ApiError) as caught:
        guard(speed).check(Security.SIGNED, key, params, "127.0.0.1")
    return caught.value.code


def test_sign_when_given_the_documented_example_matches_it() -> None:
    secret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
    text = (
        "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
        "&recvWindow=5000&timestamp=1591702613943"
    )

    assert sign(secret, text) == "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"


def test_check_when_signed_right_returns_the_account() -> None:
    params = signed(f"symbol=BTCUSDT&timestamp={NOW}")

    assert guard().check(Security.SIGNED, "key", params, "") == "alice"


def test_check_when_signature_is_upper_case_hex_accepts_it() -> None:
    text = f"timestamp={NOW}"
    params = parse_http(f"{text}&signature={sign('secret', text).upper()}", "")

    assert guard().check(Security.SIGNED, "key", params, "") == "alice"


def test_check_when_public_asks_for_nothing() -> None:
    assert guard().check(Security.NONE, None, parse_http("", ""), "") is None


def test_check_when_only_a_key_is_needed_ignores_signatures() -> None:
    assert guard().check(Security.API_KEY, "key", parse_http("", ""), "") == "alice"


@pytest.mark.parametrize(("key", "code"), [(None, -2014), ("", -2014), ("other", -2015)])
def test_check_when_the_key_is_missing_or_unknown_is_refused(key: str | None, code: int) -> None:
    assert code_of(signed(f"timestamp={NOW}"), key=key) == code


def test_check_when_signed_with_another_secret_is_refused() -> None:
    assert code_of(signed(f"timestamp={NOW}", "wrong")) == -1022


def test_check_when_a_parameter_was_changed_after_signing_is_refused() -> None:
    text = f"quantity=1&timestamp={NOW}"
    forged = parse_http(f"quantity=9&timestamp={NOW}&signature={sign('secret', text)}", "")

    assert code_of(forged) == -1022


@pytest.mark.parametrize("text", ["symbol=A", f"timestamp={NOW}"])
def test_check_when_timestamp_or_signature_is_missing_is_refused(text: str) -> None:
    assert code_of(parse_http(text, "")) == -1102


@pytest.mark.parametrize(
    ("offset_ms", "window", "speed", "ok"),
    [
        (0, 5_000, 1.0, True),
        (-5_000, 5_000, 1.0, True),
        (-5_001, 5_000, 1.0, False),
        (999, 5_000, 1.0, True),
        (1_000, 5_000, 1.0, False),
        (-100_000, 5_000, 20.0, True),
        (-100_020, 5_000, 20.0, False),
        (19_999, 5_000, 20.0, True),
        (20_000, 5_000, 20.0, False),
        (-60_000, 60_000, 1.0, True),
    ],
)
def test_check_when_the_clock_differs_judges_the_window_in_wall_time(
    offset_ms: int, window: int, speed: float, ok: bool
) -> None:
    params = signed(f"recvWindow={window}&timestamp={NOW + offset_ms}")

    if ok:
        assert guard(speed).check(Security.SIGNED, "key", params, "") == "alice"
    else:
        assert code_of(params, speed=speed) == -1021


def test_check_when_recv_window_is_above_a_minute_is_refused() -> None:
    assert code_of(signed(f"recvWindow=60001&timestamp={NOW}")) == -1131


def test_api_key_when_shown_hides_the_secret() -> None:
    assert "secret" not in repr(ApiKey("alice", "s3cr3t-value")).replace("secret=", "")
    assert "s3cr3t-value" not in repr(ApiKey("alice", "s3cr3t-value"))
