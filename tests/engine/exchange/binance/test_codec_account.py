import dataclasses
from contextlib import suppress
from decimal import Decimal

import orjson
import pytest
from hypothesis import given

from engine.domain.errors import MalformedMessage
from engine.exchange.binance import codec_account as codec
from tests.engine.exchange.binance import frames
from tests.shared import shared_path


def test_wallet_when_several_assets_is_the_usdt_balance() -> None:
    assert codec.decode_wallet(frames.ACCOUNT_V3) == Decimal("9999.5")


def test_wallet_when_no_usdt_is_zero() -> None:
    assert codec.decode_wallet({"assets": []}) == 0


def test_positions_when_flat_or_coin_margined_are_left_out() -> None:
    rows = [
        frames.POSITION_RISK,
        {**frames.POSITION_RISK, "symbol": "ETHUSDT", "positionAmt": "0.000"},
        {**frames.POSITION_RISK, "symbol": "BTCUSD_PERP"},
    ]
    (position,) = codec.decode_positions(rows)
    assert (position.symbol, position.qty) == ("BTCUSDT", Decimal("0.010"))
    assert (position.entry_price, position.liquidation_price) == (Decimal("100.4"), Decimal("91.2"))
    assert position.isolated
    assert position.leverage == 0


def test_positions_when_margin_is_shared_are_not_isolated() -> None:
    (position,) = codec.decode_positions([{**frames.POSITION_RISK, "isolatedWallet": "0"}])
    assert not position.isolated


def test_account_config_when_hedged_says_so() -> None:
    config = codec.decode_account_config({**frames.ACCOUNT_CONFIG, "dualSidePosition": True})
    assert config == codec.AccountConfig(can_trade=True, hedge_mode=True, multi_assets=False)


def test_margin_configs_when_read_are_keyed_by_symbol() -> None:
    configs = codec.decode_margin_configs(frames.SYMBOL_CONFIG)
    assert configs["BTCUSDT"] == codec.MarginConfig("BTCUSDT", isolated=False, leverage=21)
    assert configs["ETHUSDT"].isolated


def test_brackets_when_unordered_take_the_lowest() -> None:
    brackets = codec.decode_brackets(frames.BRACKETS)
    assert brackets["BTCUSDT"] == codec.Bracket("BTCUSDT", 125, Decimal("0.004"))


def test_brackets_when_one_object_arrives_instead_of_a_list_is_read() -> None:
    assert set(codec.decode_brackets(frames.BRACKETS[1])) == {"ETHUSDT"}


def test_brackets_when_a_symbol_has_none_is_malformed() -> None:
    with pytest.raises(MalformedMessage):
        codec.decode_brackets([{"symbol": "BTCUSDT", "brackets": []}])


def test_fees_when_read_are_ratios() -> None:
    assert codec.decode_fees(frames.COMMISSION) == codec.Fees(Decimal("0.0002"), Decimal("0.0005"))


def test_listen_key_when_empty_or_absent_is_malformed() -> None:
    assert codec.decode_listen_key({"listenKey": "abc"}) == "abc"
    for body in ({"listenKey": ""}, {}, None):
        with pytest.raises(MalformedMessage):
            codec.decode_listen_key(body)


def test_server_time_when_not_a_number_is_malformed() -> None:
    assert codec.decode_server_time({"serverTime": 5}) == 5
    with pytest.raises(MalformedMessage):
        codec.decode_server_time({"serverTime": None})


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("enableFutures", "trade_futures"),
        ("enableWithdrawals", "withdraw"),
        ("enableInternalTransfer", "transfer"),
        ("permitsUniversalTransfer", "universal_transfer"),
        ("ipRestrict", "ip_restricted"),
    ],
)
def test_key_permissions_when_read_take_each_from_its_own_field(field: str, told: str) -> None:
    none = dict.fromkeys(frames.KEY_PERMISSIONS, False)
    may = codec.decode_key_permissions({**none, field: True})
    assert dataclasses.asdict(may) == {
        name: name == told for name in (f.name for f in dataclasses.fields(may))
    }


def test_key_permissions_when_one_is_missing_are_malformed() -> None:
    body = {k: v for k, v in frames.KEY_PERMISSIONS.items() if k != "enableWithdrawals"}
    with pytest.raises(MalformedMessage):
        codec.decode_key_permissions(body)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("rest_positionRisk_v3", codec.decode_positions),
        ("rest_accountConfig", codec.decode_account_config),
        ("rest_symbolConfig", codec.decode_margin_configs),
        ("rest_leverageBracket", codec.decode_brackets),
        ("rest_commissionRate", codec.decode_fees),
    ],
)
def test_readers_when_given_documented_examples_read_them(name: str, read: object) -> None:
    path = shared_path(f"samples/binance/official_docs_2026-05/{name}.json")
    examples = orjson.loads(path.read_bytes())["examples"]
    assert examples
    for example in examples:
        assert callable(read)
        assert read(example)


@given(frames.ANY_JSON)
def test_readers_when_fed_anything_raise_nothing_but_malformed(body: object) -> None:
    for read in (
        codec.decode_wallet,
        codec.decode_positions,
        codec.decode_account_config,
        codec.decode_margin_configs,
        codec.decode_brackets,
        codec.decode_fees,
    ):
        with suppress(MalformedMessage):
            read(body)
