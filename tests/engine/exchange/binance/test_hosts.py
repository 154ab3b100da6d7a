import pytest

from engine.exchange.binance.hosts import check_url, is_local, is_venue


@pytest.mark.parametrize(
    "url",
    [
        "https://fapi.binance.com/fapi",
        "wss://fstream.binance.com",
        "https://demo-fapi.binance.com",
        "wss://testnet.binancefuture.com/ws-fapi/v1",
        "http://127.0.0.1:8090",
        "ws://[::1]:8090",
        "http://localhost",
        "ws://exchange.sim",
    ],
)
def test_check_url_when_venue_or_local_accepts(url: str) -> None:
    assert check_url("rest_url", url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "https://binance.com.evil.example",
        "https://notbinance.com",
        "https://fapi.binance.com@evil.example",
        "https://evil.example#fapi.binance.com",
        "http://fapi.binance.com",
        "ws://fstream.binance.com",
        "http://10.0.0.1",
        "ftp://fapi.binance.com",
        "fapi.binance.com",
        "https://",
        "",
    ],
)
def test_check_url_when_foreign_plain_or_no_address_refuses_naming_the_setting(url: str) -> None:
    with pytest.raises(ValueError, match="rest_url was"):
        check_url("rest_url", url)


def test_check_url_when_operator_vouches_still_requires_encryption() -> None:
    assert check_url("u", "https://other.example/", allow_any_host=True) == "https://other.example"
    with pytest.raises(ValueError, match="must be encrypted"):
        check_url("u", "http://other.example", allow_any_host=True)


def test_check_url_when_user_name_is_hidden_inside_refuses() -> None:
    with pytest.raises(ValueError, match="user name"):
        check_url("u", "http://127.0.0.1@evil.example:80", allow_any_host=True)


def test_is_venue_when_domain_ends_alike_is_false() -> None:
    assert is_venue("fapi.binance.com.")
    assert not is_venue("fakebinance.com")


def test_is_local_when_private_network_is_false() -> None:
    assert is_local("127.9.9.9")
    assert not is_local("192.168.1.1")
    assert not is_local("sim")
