"""Stream sockets over real connections: routes, control requests, limits, user data."""

import asyncio

import aiohttp
import pytest
from yarl import URL

from engine.exchange.sim.fault_actions import (
    DropEvent,
    DuplicateEvent,
    RefuseConnection,
    ReorderEvent,
)
from engine.exchange.sim.faults import FaultRule
from engine.exchange.sim.server import WireSettings
from engine.exchange.sim.wire.socket_life import StreamSettings
from tests.engine.exchange.sim.wire.test_pump import keyed, settled
from tests.engine.exchange.sim.wire.wire_kit import (
    Kit,
    Running,
    closed_with,
    eventually,
    receive,
    receive_until,
    silent,
)

MINUTE = 60_000


async def listen_key(kit: Kit) -> str:
    reply = await kit.call("POST", "/fapi/v1/listenKey", headers=keyed())
    key: str = reply.body["listenKey"]
    return key


async def buy(kit: Kit) -> None:
    await kit.signed(
        "POST",
        "/fapi/v1/order",
        symbol="BTCUSDT",
        side="BUY",
        type="MARKET",
        quantity=kit.quantity("BTCUSDT"),
    )


async def test_raw_socket_when_a_name_is_in_the_path_sends_bare_frames(kit: Kit) -> None:
    socket = await kit.connect("/market/ws/btcusdt@kline_1m")
    await settled(kit, 1)

    kit.advance(MINUTE)

    assert (await receive(socket))["e"] == "kline"


async def test_combined_socket_when_names_are_in_the_query_wraps_frames(kit: Kit) -> None:
    socket = await kit.connect("/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m")
    await settled(kit, 1)

    kit.advance(MINUTE)
    frames = [await receive(socket), await receive(socket)]

    assert {frame["stream"] for frame in frames} == {"btcusdt@kline_1m", "ethusdt@kline_1m"}
    assert {frame["data"]["s"] for frame in frames} == {"BTCUSDT", "ETHUSDT"}


async def test_subscribe_when_acknowledged_delivers_and_lists(kit: Kit) -> None:
    socket = await kit.connect("/market/stream")

    await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@kline_1m"], "id": 7})
    acknowledged = await receive(socket)
    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 8})
    listed = await receive(socket)
    kit.advance(MINUTE)

    assert acknowledged == {"result": None, "id": 7}
    assert listed == {"result": ["btcusdt@kline_1m"], "id": 8}
    assert (await receive(socket))["stream"] == "btcusdt@kline_1m"


async def test_unsubscribe_when_acknowledged_falls_silent(kit: Kit) -> None:
    socket = await kit.connect("/market/ws/btcusdt@kline_1m")

    await socket.send_json({"method": "UNSUBSCRIBE", "params": ["btcusdt@kline_1m"], "id": 1})
    await receive(socket)
    kit.advance(MINUTE)

    assert await silent(socket, 0.05)


@pytest.mark.parametrize("path", ["/public/ws", "/ws", "/private/ws"])
async def test_kline_when_subscribed_on_a_wrong_route_acks_and_stays_silent(
    kit: Kit, path: str
) -> None:
    socket = await kit.connect(path)

    await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@kline_1m"], "id": 1})
    acknowledged = await receive(socket)
    kit.advance(MINUTE)

    assert acknowledged == {"result": None, "id": 1}
    assert await silent(socket, 0.05)


async def test_book_ticker_when_subscribed_unrouted_is_delivered() -> None:
    async with Running(beating=True) as kit:
        socket = await kit.connect("/ws/btcusdt@bookTicker")

        assert (await receive(socket))["e"] == "bookTicker"


async def test_symbol_when_not_ascii_is_subscribed_percent_encoded() -> None:
    async with Running(symbols=45) as kit:
        name = "%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9Fusdt@kline_1m"
        socket = await kit.connect(f"/market/ws/{name}")
        await settled(kit, 1)

        kit.advance(3 * MINUTE)

        assert (await receive(socket))["s"] == "币安人生USDT"


async def test_set_property_when_combined_is_switched_changes_the_wrapping(kit: Kit) -> None:
    socket = await kit.connect("/market/ws/btcusdt@kline_1m")

    await socket.send_json({"method": "SET_PROPERTY", "params": ["combined", True], "id": 5})
    await receive(socket)
    await socket.send_json({"method": "GET_PROPERTY", "params": ["combined"], "id": 6})
    told = await receive(socket)
    kit.advance(MINUTE)

    assert told == {"result": True, "id": 6}
    assert (await receive(socket))["stream"] == "btcusdt@kline_1m"


async def test_control_frame_when_malformed_is_answered_and_the_socket_lives(kit: Kit) -> None:
    socket = await kit.connect("/market/ws/btcusdt@kline_1m")

    await socket.send_str("{nonsense")
    refused = await receive(socket)
    kit.advance(MINUTE)

    assert refused["code"] == 3
    assert (await receive(socket))["e"] == "kline"


async def test_subscribe_when_above_the_stream_limit_is_refused() -> None:
    settings = WireSettings(streams=StreamSettings(max_streams=2))
    async with Running(settings=settings) as kit:
        socket = await kit.connect("/market/ws")

        await socket.send_json({"method": "SUBSCRIBE", "params": ["a", "b", "c"], "id": 9})

        assert await receive(socket) == {
            "code": 2,
            "msg": "Invalid request: too many parameters",
            "id": 9,
        }


async def test_url_when_above_the_stream_limit_is_closed() -> None:
    settings = WireSettings(streams=StreamSettings(max_streams=2))
    async with Running(settings=settings) as kit:
        socket = await kit.connect("/market/stream?streams=a/b/c")

        assert await closed_with(socket) == 1008


async def test_messages_when_faster_than_ten_a_second_end_the_socket(kit: Kit) -> None:
    socket = await kit.connect("/market/ws")

    for number in range(11):
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
    answers = await answers_before_the_end(socket)

    assert (answers, socket.close_code) == (10, 1008)


async def test_messages_when_flooded_again_and_again_ban_the_address() -> None:
    settings = WireSettings(streams=StreamSettings(messages_per_second=1, breaches_before_ban=2))
    async with Running(settings=settings) as kit:
        for _ in range(2):
            socket = await kit.connect("/market/ws")
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
            await answers_before_the_end(socket)

        assert (await kit.get("/fapi/v1/ping")).status == 418


async def test_ping_when_sent_by_the_client_is_answered(kit: Kit) -> None:
    socket = await kit.connect("/market/ws")

    await socket.ping(b"hello")
    message = await asyncio.wait_for(socket.receive(), 5.0)

    assert (message.type, bytes(message.data)) == (aiohttp.WSMsgType.PONG, b"hello")


async def test_socket_when_its_life_is_over_is_closed() -> None:
    settings = WireSettings(streams=StreamSettings(life_s=0.05))
    async with Running(settings=settings) as kit:
        socket = await kit.connect("/market/ws/btcusdt@kline_1m")

        assert await closed_with(socket) == 1001


async def test_socket_when_the_client_closes_gets_its_code_back(kit: Kit) -> None:
    socket = await kit.connect("/market/ws")
    await settled(kit, 1)

    await socket.close(code=4000)

    assert socket.close_code == 4000
    await eventually(lambda: not kit.server.hub.connections)


async def test_socket_when_pongs_stay_away_is_cut() -> None:
    settings = WireSettings(streams=StreamSettings(ping_every_s=0.02, pong_within_s=0.05))
    async with Running(settings=settings) as kit:
        socket = await kit.connect("/market/ws")

        assert await closed_with(socket) == 1006


@pytest.mark.parametrize("status", [503, 403])
async def test_handshake_when_a_fault_refuses_it_fails_once(kit: Kit, status: int) -> None:
    kit.server.faults.arm(FaultRule(RefuseConnection(status), "connect:market"))

    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await kit.connect("/market/ws")

    assert caught.value.status == status
    await kit.connect("/market/ws")


async def test_handshake_when_a_fault_breaks_it_has_no_answer(kit: Kit) -> None:
    # The client tries a broken GET once more by itself, so one refusal would go unseen.
    kit.server.faults.arm(FaultRule(RefuseConnection(0), "connect:market", count=None))

    with pytest.raises(aiohttp.ClientError):
        await kit.connect("/market/ws")


async def test_plain_http_when_sent_to_a_stream_path_is_refused(kit: Kit) -> None:
    assert (await kit.get("/market/ws")).status == 400


async def test_stream_when_muted_by_a_fault_others_still_flow(kit: Kit) -> None:
    socket = await kit.connect("/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m")
    await settled(kit, 1)
    kit.server.faults.arm(FaultRule(DropEvent(), "kline", stream="btcusdt@*", count=None))

    kit.advance(3 * MINUTE)
    frames = [await receive(socket) for _ in range(3)]

    assert {frame["stream"] for frame in frames} == {"ethusdt@kline_1m"}


@pytest.mark.parametrize("path", ["/private/ws?listenKey={}", "/private/ws/{}"])
async def test_user_stream_when_an_order_fills_tells_before_the_reply(kit: Kit, path: str) -> None:
    socket = await kit.connect(path.format(await listen_key(kit)))
    await settled(kit, 1)

    await buy(kit)
    events = [await receive(socket) for _ in range(2)]

    assert "ORDER_TRADE_UPDATE" in {event["e"] for event in events}


async def test_user_stream_when_combined_is_labelled_with_the_key(kit: Kit) -> None:
    key = await listen_key(kit)
    socket = await kit.connect(f"/private/stream?listenKey={key}&events=ACCOUNT_UPDATE")
    await settled(kit, 1)

    await buy(kit)
    frame = await receive(socket)

    assert (frame["stream"], frame["data"]["e"]) == (key, "ACCOUNT_UPDATE")


async def test_user_stream_when_subscribed_by_frame_is_delivered(kit: Kit) -> None:
    key = await listen_key(kit)
    socket = await kit.connect("/private/ws")
    await socket.send_json({"method": "SUBSCRIBE", "params": [key], "id": 1})
    await receive(socket)

    await buy(kit)

    assert (await receive(socket))["e"]


async def test_user_stream_when_on_the_market_route_is_silent(kit: Kit) -> None:
    socket = await kit.connect(f"/market/ws/{await listen_key(kit)}")
    await settled(kit, 1)

    await buy(kit)

    assert await silent(socket, 0.05)


async def test_user_stream_when_the_key_is_unknown_connects_and_is_silent(kit: Kit) -> None:
    await listen_key(kit)
    socket = await kit.connect("/private/ws?listenKey=nonsense")
    await settled(kit, 1)

    await buy(kit)

    assert await silent(socket, 0.05)


async def test_user_stream_when_the_key_expires_says_so_and_stays_open() -> None:
    settings = WireSettings(listen_key_life_s=0.05, beat_s=0.02)
    async with Running(settings=settings, beating=True) as kit:
        key = await listen_key(kit)
        socket = await kit.connect(f"/private/ws?listenKey={key}")

        event = await receive_until(socket, lambda frame: frame["e"] == "listenKeyExpired")
        await buy(kit)
        refused = await kit.call("PUT", "/fapi/v1/listenKey", headers=keyed())

        assert event["listenKey"] == key
        assert await silent(socket, 0.05)
        assert not socket.closed
        assert refused.body == {"code": -1125, "msg": "This listenKey does not exist."}


async def test_user_stream_when_the_key_is_deleted_is_closed(kit: Kit) -> None:
    socket = await kit.connect(f"/private/ws?listenKey={await listen_key(kit)}")
    await settled(kit, 1)

    await kit.call("DELETE", "/fapi/v1/listenKey", headers=keyed())

    assert await closed_with(socket) == 1000


async def test_listen_key_when_started_twice_is_the_same_and_put_returns_it(kit: Kit) -> None:
    first, second = await listen_key(kit), await listen_key(kit)
    extended = await kit.call("PUT", "/fapi/v1/listenKey", headers=keyed())

    assert first == second == extended.body["listenKey"]


async def events_of_a_purchase(kit: Kit, *rules: FaultRule) -> list[str]:
    """Buy with faults armed; return the event types heard, a leverage change marking the end."""
    socket = await kit.connect(f"/private/ws?listenKey={await listen_key(kit)}")
    await settled(kit, 1)
    for rule in rules:
        kit.server.faults.arm(rule)
    await buy(kit)
    await kit.signed("POST", "/fapi/v1/leverage", symbol="ETHUSDT", leverage=7)
    heard: list[str] = []
    while not heard or heard[-1] != "ACCOUNT_CONFIG_UPDATE":
        heard.append((await receive(socket))["e"])
    return heard[:-1]


async def test_events_when_lost_by_a_fault_never_arrive(kit: Kit) -> None:
    rule = FaultRule(DropEvent(), "ACCOUNT_UPDATE", count=None)

    heard = await events_of_a_purchase(kit, rule)

    assert "ACCOUNT_UPDATE" not in heard
    assert "ORDER_TRADE_UPDATE" in heard


async def test_events_when_doubled_by_a_fault_arrive_twice(kit: Kit) -> None:
    rule = FaultRule(DuplicateEvent(), "ACCOUNT_UPDATE")

    heard = await events_of_a_purchase(kit, rule)

    assert heard.count("ACCOUNT_UPDATE") == 2


async def test_events_when_reordered_by_a_fault_change_places(kit: Kit) -> None:
    async with Running() as plain:
        usual = await events_of_a_purchase(plain)

    changed = await events_of_a_purchase(kit, FaultRule(ReorderEvent(), usual[0]))

    assert changed[:2] == [usual[1], usual[0]]


async def test_url_when_percent_signs_are_sent_raw_is_not_decoded_twice(kit: Kit) -> None:
    url = URL(f"{kit.urls.streams}/market/ws/btc%2575@kline_1m", encoded=True)
    socket = await kit.http.ws_connect(url)
    kit.sockets.append(socket)
    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})

    assert (await receive(socket))["result"] == ["btc%75@kline_1m"]


async def test_frame_when_binary_ends_the_socket(kit: Kit) -> None:
    socket = await kit.connect("/market/ws")

    await socket.send_bytes(b"1")

    assert await closed_with(socket) == 1003


async def test_user_stream_when_named_like_a_market_stream_in_the_query_is_delivered(
    kit: Kit,
) -> None:
    key = await listen_key(kit)
    socket = await kit.connect(f"/private/stream?streams={key}")
    await settled(kit, 1)

    await buy(kit)

    assert (await receive(socket))["stream"] == key


async def test_message_when_the_socket_is_already_closing_is_ignored(kit: Kit) -> None:
    settings = WireSettings(streams=StreamSettings(messages_per_second=1))
    async with Running(settings=settings) as strict:
        socket = await strict.connect("/market/ws")
        for number in range(5):
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})

        answers = await answers_before_the_end(socket)

    assert answers == 1


async def answers_before_the_end(socket: aiohttp.ClientWebSocketResponse) -> int:
    """Count the text frames until the socket ends."""
    answers = 0
    try:
        while True:
            await receive(socket)
            answers += 1
    except ConnectionError:
        return answers
