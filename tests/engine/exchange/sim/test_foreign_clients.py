"""Clients written for Binance drive the embedded exchange with nothing changed but their URLs."""

import asyncio
import time
import warnings
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)

from tests.engine.exchange.sim.wire.test_pump import settled
from tests.engine.exchange.sim.wire.wire_kit import KEY, SECRET, Kit, Running, eventually

with warnings.catch_warnings():
    # python-binance still imports the legacy aliases of websockets.
    warnings.simplefilter("ignore", DeprecationWarning)
    from binance import AsyncClient, BinanceSocketManager
    from binance.exceptions import BinanceAPIException
    from binance.ws.reconnecting_websocket import ReconnectingWebsocket
    from binance.ws.websocket_api import WebsocketAPI

SDK_USES_AN_OLD_AIOHTTP_ARGUMENT = pytest.mark.filterwarnings(
    "ignore:parameter 'timeout' of type 'float' is deprecated:DeprecationWarning"
)
SYMBOL = "BTCUSDT"
MINUTE = 60_000


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    """A server whose exchange time is real time, which foreign clients sign with."""
    async with Running(start_ms=int(time.time() * 1000)) as running:
        # The market begins on a minute; the clock is set to the present within it.
        running.clock.epoch_ms = int(time.time() * 1000)
        running.advance(running.clock.epoch_ms - running.market.now_ms)
        yield running


@pytest.fixture
async def client(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncClient]:
    """python-binance, its futures URLs pointed at the server."""
    # Its sockets wait this long for a last message whenever they are closed.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)
    made = AsyncClient(KEY, SECRET)
    made.FUTURES_URL = f"{kit.urls.rest}/fapi"
    made.ws_future = WebsocketAPI(url=kit.urls.ws_api)
    yield made
    await made.ws_future.close()
    await made.close_connection()


async def test_python_binance_when_reading_the_market_understands_every_reply(
    client: AsyncClient,
) -> None:
    await client.futures_ping()
    info = await client.futures_exchange_info()
    rows = await client.futures_klines(symbol=SYMBOL, interval="1m", limit=5)
    mark = await client.futures_mark_price(symbol=SYMBOL)
    book = await client.futures_orderbook_ticker(symbol=SYMBOL)
    tickers = await client.futures_ticker()
    price = await client.futures_symbol_ticker(symbol=SYMBOL)
    funding = await client.futures_v1_get_funding_info()

    assert SYMBOL in {row["symbol"] for row in info["symbols"]}
    assert len(rows) == 5
    assert float(mark["markPrice"]) > 0
    assert float(book["bidPrice"]) < float(book["askPrice"])
    assert tickers[0]["symbol"] == price["symbol"] == SYMBOL
    assert funding
    assert await client.futures_funding_rate(symbol=SYMBOL) == []


async def test_python_binance_when_trading_places_protects_and_cancels(
    client: AsyncClient, kit: Kit
) -> None:
    quantity = kit.quantity(SYMBOL)
    await client.futures_change_leverage(symbol=SYMBOL, leverage=10)
    await client.futures_change_margin_type(symbol=SYMBOL, marginType="ISOLATED")
    bought = await client.futures_create_order(
        symbol=SYMBOL, side="BUY", type="MARKET", quantity=quantity, newOrderRespType="RESULT"
    )
    stop = await client.futures_create_order(
        symbol=SYMBOL,
        side="SELL",
        type="STOP_MARKET",
        quantity=quantity,
        stopPrice=kit.price(SYMBOL, "0.95"),
        reduceOnly="true",
    )
    stops = await client.futures_get_open_orders(symbol=SYMBOL, conditional=True)
    positions = await client.futures_position_information(symbol=SYMBOL)
    trades = await client.futures_account_trades(symbol=SYMBOL)
    await client.futures_cancel_algo_order(algoId=stop["algoId"])

    assert bought["status"] == "FILLED"
    assert [row["algoId"] for row in stops] == [stop["algoId"]]
    assert float(positions[0]["positionAmt"]) == float(quantity)
    assert sum(float(trade["qty"]) for trade in trades) == pytest.approx(float(quantity))
    assert await client.futures_get_open_algo_orders(symbol=SYMBOL) == []


async def test_python_binance_when_managing_orders_finds_its_own(
    client: AsyncClient, kit: Kit
) -> None:
    resting = await client.futures_create_order(
        symbol=SYMBOL,
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity=kit.quantity(SYMBOL),
        price=kit.price(SYMBOL, "0.97"),
        newClientOrderId="resting-1",
    )
    found = await client.futures_get_order(symbol=SYMBOL, origClientOrderId="resting-1")
    opened = await client.futures_get_open_orders(symbol=SYMBOL)
    await client.futures_cancel_all_open_orders(symbol=SYMBOL)
    everything = await client.futures_get_all_orders(symbol=SYMBOL)

    assert found["orderId"] == opened[0]["orderId"] == resting["orderId"]
    assert everything[-1]["status"] == "CANCELED"


async def test_python_binance_when_reading_the_account_understands_every_reply(
    client: AsyncClient,
) -> None:
    balance = await client.futures_account_balance()
    account = await client.futures_account(version=3)
    config = await client.futures_account_config()
    symbols = await client.futures_symbol_config(symbol=SYMBOL)
    mode = await client.futures_get_position_mode()
    multi = await client.futures_get_multi_assets_mode()
    fees = await client.futures_commission_rate(symbol=SYMBOL)
    brackets = await client.futures_leverage_bracket(symbol=SYMBOL)
    limits = await client.futures_v1_get_rate_limit_order()
    countdown = await client.futures_countdown_cancel_all(symbol=SYMBOL, countdownTime=0)

    assert balance[0]["asset"] == "USDT"
    assert account["availableBalance"] == balance[0]["availableBalance"]
    assert config["dualSidePosition"] is mode["dualSidePosition"] is False
    assert multi == {"multiAssetsMargin": False}
    assert symbols[0]["symbol"] == fees["symbol"] == SYMBOL
    assert limits[0]["rateLimitType"] == "ORDERS"
    assert brackets
    assert countdown["countdownTime"] == "0"


async def test_python_binance_when_refused_raises_its_own_error_with_our_code(
    client: AsyncClient,
) -> None:
    with pytest.raises(BinanceAPIException) as caught:
        await client.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0")

    assert caught.value.code == -4003
    assert caught.value.status_code == 400


async def test_python_binance_when_on_the_ws_api_trades(client: AsyncClient, kit: Kit) -> None:
    quantity = kit.quantity(SYMBOL)
    placed = await client.ws_futures_create_order(
        symbol=SYMBOL, side="BUY", type="MARKET", quantity=quantity
    )
    stop = await client.ws_futures_create_algo_order(
        algoType="CONDITIONAL",
        symbol=SYMBOL,
        side="SELL",
        type="STOP_MARKET",
        quantity=quantity,
        triggerPrice=kit.price(SYMBOL, "0.95"),
        reduceOnly="true",
    )
    status = await client.ws_futures_get_order(symbol=SYMBOL, orderId=placed["orderId"])
    position = await client.ws_futures_v2_account_position(symbol=SYMBOL)
    balance = await client.ws_futures_v2_account_balance()
    account = await client.ws_futures_v2_account_status()
    await client.ws_futures_cancel_algo_order(algoId=stop["algoId"])

    assert status["status"] == "FILLED"
    assert float(position[0]["positionAmt"]) == float(quantity)
    assert balance[0]["asset"] == account["assets"][0]["asset"] == "USDT"


async def test_python_binance_when_streaming_hears_market_and_user_data(
    client: AsyncClient, kit: Kit
) -> None:
    manager = BinanceSocketManager(client)
    manager.FSTREAM_URL = f"{kit.urls.streams}/"
    async with (
        manager.futures_multiplex_socket(["btcusdt@kline_1m"]) as market,
        manager.kline_futures_socket(SYMBOL) as continuous,
        manager.futures_user_socket() as user,
    ):
        await settled(kit, 3)
        kit.advance(MINUTE)
        candle = await asyncio.wait_for(market.recv(), 10)
        other = await asyncio.wait_for(continuous.recv(), 10)
        await client.futures_create_order(
            symbol=SYMBOL, side="BUY", type="MARKET", quantity=kit.quantity(SYMBOL)
        )
        event = await asyncio.wait_for(user.recv(), 10)

    assert candle["data"]["k"]["x"] is True
    assert other["e"] == "continuous_kline"
    assert event["e"] in {"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "TRADE_LITE"}


@pytest.fixture
def sdk(kit: Kit) -> DerivativesTradingUsdsFutures:
    """The official SDK, its base paths pointed at the server."""
    return DerivativesTradingUsdsFutures(
        config_rest_api=ConfigurationRestAPI(
            api_key=KEY, api_secret=SECRET, base_path=kit.urls.rest, timeout=10_000, retries=0
        ),
        config_ws_api=ConfigurationWebSocketAPI(
            api_key=KEY, api_secret=SECRET, stream_url=kit.urls.ws_api
        ),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=f"{kit.urls.streams}/stream"),
    )


async def rest(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run one call of the synchronous client beside the loop the server runs on."""
    reply = await asyncio.to_thread(call, *args, **kwargs)
    return await asyncio.to_thread(reply.data)


async def test_official_sdk_when_reading_validates_every_reply(
    sdk: DerivativesTradingUsdsFutures,
) -> None:
    api = sdk.rest_api
    now = await rest(api.check_server_time)
    info = await rest(api.exchange_information)
    rows = await rest(api.kline_candlestick_data, SYMBOL, "1m", limit=3)
    funding = await rest(api.get_funding_rate_info)
    account = await rest(api.account_information_v3)
    balance = await rest(api.futures_account_balance_v3)
    config = await rest(api.futures_account_configuration)
    fees = await rest(api.user_commission_rate, SYMBOL)
    symbols = await rest(api.symbol_configuration, SYMBOL)
    income = await rest(api.get_income_history)

    assert now.server_time > 0
    assert SYMBOL in {row.symbol for row in info.symbols}
    assert len(rows) == 3
    assert funding[0].funding_interval_hours in {1, 4, 8}
    assert account.available_balance == balance[0].available_balance
    assert config.can_trade
    assert fees.taker_commission_rate == "0.0005"
    assert symbols[0].symbol == SYMBOL
    assert income == []


async def test_official_sdk_when_trading_places_protects_and_cancels(
    sdk: DerivativesTradingUsdsFutures, kit: Kit
) -> None:
    api, quantity = sdk.rest_api, float(kit.quantity(SYMBOL))
    await rest(api.change_initial_leverage, SYMBOL, 10)
    bought = await rest(
        api.new_order, SYMBOL, "BUY", "MARKET", quantity=quantity, new_order_resp_type="RESULT"
    )
    stop = await rest(
        api.new_algo_order,
        "CONDITIONAL",
        SYMBOL,
        "SELL",
        "STOP_MARKET",
        quantity=quantity,
        trigger_price=float(kit.price(SYMBOL, "0.95")),
        reduce_only="true",
    )
    stops = await rest(api.current_all_algo_open_orders)
    positions = await rest(api.position_information_v3, SYMBOL)
    cancelled = await rest(api.cancel_algo_order, algo_id=stop.algo_id)

    assert bought.status == "FILLED"
    assert [row.algo_id for row in stops] == [stop.algo_id]
    assert float(positions[0].position_amt) == quantity
    assert cancelled.code == "200"


@SDK_USES_AN_OLD_AIOHTTP_ARGUMENT
async def test_official_sdk_when_streaming_hears_market_and_user_data(
    sdk: DerivativesTradingUsdsFutures, kit: Kit
) -> None:
    market_heard: asyncio.Queue[Any] = asyncio.Queue()
    user_heard: asyncio.Queue[Any] = asyncio.Queue()
    key = (await rest(sdk.rest_api.start_user_data_stream)).listen_key
    streams = sdk.websocket_streams
    await streams.create_connection()
    try:
        candles = await streams.kline_candlestick_streams(symbol="btcusdt", interval="1m")
        candles.on("message", market_heard.put_nowait)
        await eventually(lambda: kit.server.hub.has("btcusdt@kline_1m"))
        kit.advance(MINUTE)
        candle = await asyncio.wait_for(market_heard.get(), 10)
        user = await streams.user_data(key)
        user.on("message", user_heard.put_nowait)
        await eventually(lambda: kit.server.hub.has(key))
        await rest(
            sdk.rest_api.new_order, SYMBOL, "BUY", "MARKET", quantity=float(kit.quantity(SYMBOL))
        )
        event = await asyncio.wait_for(user_heard.get(), 10)
    finally:
        await streams.close_connection(close_session=True)

    assert candle.k.x is True
    assert type(event.actual_instance).__name__ in {
        "OrderTradeUpdate",
        "AccountUpdate",
        "TradeLite",
    }


@SDK_USES_AN_OLD_AIOHTTP_ARGUMENT
async def test_official_sdk_when_on_the_ws_api_trades(
    sdk: DerivativesTradingUsdsFutures, kit: Kit
) -> None:
    api = sdk.websocket_api
    await api.create_connection()
    try:
        placed = await api.new_order(
            symbol=SYMBOL,
            side="BUY",
            type="LIMIT",
            time_in_force="GTC",
            quantity=float(kit.quantity(SYMBOL)),
            price=float(kit.price(SYMBOL, "0.97")),
        )
        result = placed.data().result
        cancelled = await api.cancel_order(symbol=SYMBOL, order_id=result.order_id)
    finally:
        await api.close_connection(close_session=True)

    assert result.status == "NEW"
    assert cancelled.data().result.status == "CANCELED"
