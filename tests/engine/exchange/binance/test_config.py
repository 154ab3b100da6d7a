import dataclasses

import pytest

from engine.exchange.binance.config import BinanceConfig


def test_production_when_made_points_to_the_routed_venue() -> None:
    config = BinanceConfig.production(api_key="k", api_secret="s")
    assert config.rest_url == "https://fapi.binance.com/fapi"
    assert config.stream_url == "wss://fstream.binance.com"
    assert config.ws_api_url == "wss://ws-fapi.binance.com/ws-fapi/v1"
    assert config.wallet_url == "https://api.binance.com/sapi"
    assert config.has_keys


def test_demo_when_made_uses_other_hosts_than_production() -> None:
    demo, production = BinanceConfig.demo(), BinanceConfig.production()
    assert demo.rest_url != production.rest_url
    assert demo.stream_url == "wss://demo-fstream.binance.com"
    assert not demo.has_keys
    assert demo.wallet_url is None


def test_custom_when_given_one_address_derives_all_three() -> None:
    config = BinanceConfig.custom("http://127.0.0.1:8090/", api_key="k", api_secret="s")
    assert config.rest_url == "http://127.0.0.1:8090/fapi"
    assert config.stream_url == "ws://127.0.0.1:8090"
    assert config.ws_api_url == "ws://127.0.0.1:8090/ws-fapi/v1"
    assert config.wallet_url == "http://127.0.0.1:8090/sapi"


def test_custom_when_encrypted_and_vouched_for_uses_encrypted_sockets() -> None:
    config = BinanceConfig.custom("https://sim.example", allow_any_host=True)
    assert config.stream_url == "wss://sim.example"


@pytest.mark.parametrize("base", ["127.0.0.1:8090", "ws://127.0.0.1:8090", "https://evil.example"])
def test_custom_when_address_is_unusable_refuses(base: str) -> None:
    with pytest.raises(ValueError, match="must"):
        BinanceConfig.custom(base, api_key="k", api_secret="s")


def test_repr_when_keys_are_set_shows_neither() -> None:
    config = BinanceConfig.production(
        api_key="canary-key", api_secret="canary-secret", proxy="http://user:canary-proxy@p:1"
    )
    assert "canary" not in repr(config)


def test_config_when_only_one_half_of_the_key_is_given_refuses() -> None:
    with pytest.raises(ValueError, match="together"):
        BinanceConfig.production(api_key="k")


def test_config_when_replaced_checks_again() -> None:
    config = BinanceConfig.production(api_key="k", api_secret="s")
    with pytest.raises(ValueError, match="ws_api_url"):
        dataclasses.replace(config, ws_api_url="wss://evil.example")


@pytest.mark.parametrize(
    ("speed", "window"), [(1.0, 5_000), (4.0, 20_000), (20.0, 60_000), (0.0001, 1)]
)
def test_recv_window_when_market_is_fast_covers_wall_time_within_the_cap(
    speed: float, window: int
) -> None:
    assert BinanceConfig.production().recv_window_ms(speed) == window
