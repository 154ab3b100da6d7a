import pytest

from engine.exchange.binance import endpoints
from engine.exchange.binance.endpoints import Endpoint, Security, klines_weight


@pytest.mark.parametrize(
    ("limit", "weight"),
    [(1, 1), (99, 1), (100, 2), (499, 2), (500, 5), (1000, 5), (1001, 10), (1500, 10)],
)
def test_klines_weight_when_limit_grows_follows_the_table(limit: int, weight: int) -> None:
    assert klines_weight(limit) == weight


@pytest.mark.parametrize("limit", [0, -1, 1501])
def test_klines_weight_when_limit_is_not_served_refuses(limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 1500"):
        klines_weight(limit)


def _all() -> list[Endpoint]:
    return [value for value in vars(endpoints).values() if isinstance(value, Endpoint)]


def test_endpoints_when_they_change_something_are_no_reads_and_signed() -> None:
    for endpoint in _all():
        if endpoint.effect:
            assert endpoint.method != "get"
            assert endpoint.security is Security.SIGNED


def test_endpoints_when_read_twice_are_the_same_address_only_for_one_method() -> None:
    addresses = [(endpoint.method, endpoint.path) for endpoint in _all()]
    assert len(addresses) == len(set(addresses))


def test_endpoint_when_path_has_a_version_splits_it() -> None:
    assert endpoints.ACCOUNT.version == 3
    assert endpoints.TICKERS_24H.name == "ticker/24hr"
    assert endpoints.PLACE_CONDITIONAL.orders == 1
