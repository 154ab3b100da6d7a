import hashlib
import hmac

import pytest

from engine.domain.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    VenueBusy,
    VenueRejected,
    VenueUnreachable,
)
from engine.exchange.binance import endpoints
from engine.exchange.binance.limits import RateBudget
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.server_clock import ServerClock
from tests.engine.exchange.binance.scripted import Answer, wired
from tests.engine.exchange.binance.virtual import START_MS

REFUSED = {"code": -2019, "msg": "Margin is insufficient."}
LATE = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}


async def test_call_when_signed_sends_exactly_what_it_signed() -> None:
    async with wired() as it:
        it.venue.answer("POST", "v1/order", Answer({"ok": True}))
        params = {"symbol": "币安人生USDT", "quantity": "0.00001"}
        assert await it.rest.call(endpoints.PLACE_ORDER, params) == {"ok": True}
        (asked,) = it.venue.asked
    sent, _, signature = asked.text.rpartition("&signature=")
    assert signature == hmac.new(b"test-secret", sent.encode(), hashlib.sha256).hexdigest()
    assert asked.params["symbol"] == "币安人生USDT"
    assert asked.params["recvWindow"] == "5000"
    assert abs(int(asked.params["timestamp"]) - START_MS) < 5_000
    assert asked.headers["x-mbx-apikey"] == "test-key"


@pytest.mark.parametrize(
    ("endpoint", "method"),
    [
        (endpoints.QUERY_ORDER, "GET"),
        (endpoints.CANCEL_ORDER, "DELETE"),
        (endpoints.EXTEND_LISTEN_KEY, "PUT"),
    ],
)
async def test_call_when_method_differs_uses_it(endpoint: endpoints.Endpoint, method: str) -> None:
    async with wired() as it:
        it.venue.answer(method, endpoint.path, Answer({}))
        await it.rest.call(endpoint, {"symbol": "BTCUSDT"})
        assert it.venue.asked[0].method == method
        assert it.venue.asked[0].params["symbol"] == "BTCUSDT"


async def test_call_when_public_carries_no_signature() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/klines", Answer([]))
        await it.rest.call(endpoints.KLINES, {"symbol": "BTCUSDT", "limit": 5})
        assert it.venue.asked[0].params == {"symbol": "BTCUSDT", "limit": "5"}


async def test_call_when_the_clock_is_refused_resyncs_and_signs_again_once() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v3/account", Answer(LATE, 400), Answer({"assets": []}))
        it.venue.answer("GET", "v1/time", Answer({"serverTime": START_MS + 90_000}))
        await it.rest.call(endpoints.ACCOUNT)
        first, second = it.venue.requests("v3/account")
        assert it.rest.server.offset_ms > 80_000
    assert int(second.params["timestamp"]) - int(first.params["timestamp"]) > 80_000


async def test_call_when_the_clock_is_refused_twice_gives_up() -> None:
    async with wired() as it:
        it.venue.answer("POST", "v1/order", Answer(LATE, 400))
        it.venue.answer("GET", "v1/time", Answer({"serverTime": START_MS}))
        with pytest.raises(VenueRejected, match="-1021"):
            await it.rest.call(endpoints.PLACE_ORDER, {})
        assert len(it.venue.requests("v1/order")) == 2


async def test_call_when_refused_keeps_the_venues_code() -> None:
    async with wired() as it:
        it.venue.answer("POST", "v1/order", Answer(REFUSED, 400))
        with pytest.raises(VenueRejected) as caught:
            await it.rest.call(endpoints.PLACE_ORDER, {})
        assert (caught.value.code, len(it.venue.asked)) == (-2019, 1)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(cut=True),
        Answer(b"<html>502</html>", 502),
        Answer(b'{"orderId": 1, "sta'),
        Answer({}, late_s=1.0),
    ],
)
async def test_call_when_an_order_gets_no_readable_reply_is_unknown_and_sent_once(
    answer: Answer,
) -> None:
    async with wired(order_timeout_s=0.2) as it:
        it.venue.answer("POST", "v1/order", answer)
        with pytest.raises(OutcomeUnknown):
            await it.rest.call(endpoints.PLACE_ORDER, {})
        assert len(it.venue.requests("v1/order")) == 1


@pytest.mark.parametrize("answer", [Answer(b"nonsense"), Answer({}, late_s=1.0)])
async def test_call_when_a_read_gets_no_readable_reply_is_unreachable(answer: Answer) -> None:
    async with wired(request_timeout_s=0.2) as it:
        it.venue.answer("GET", "v3/account", answer)
        with pytest.raises(VenueUnreachable):
            await it.rest.call(endpoints.ACCOUNT)


async def test_call_when_redirected_does_not_follow() -> None:
    async with wired() as it:
        elsewhere = {"Location": f"{it.venue.url}/fapi/v1/elsewhere"}
        it.venue.answer("GET", "v3/account", Answer(b"", 307, elsewhere))
        it.venue.answer("GET", "v1/elsewhere", Answer({}))
        with pytest.raises(VenueUnreachable, match="never followed"):
            await it.rest.call(endpoints.ACCOUNT)
        assert len(it.venue.asked) == 1


async def test_call_when_banned_stays_silent_until_the_ban_ends() -> None:
    async with wired() as it:
        ban = {"code": -1003, "msg": f"IP banned until {START_MS + 300_000}."}
        it.venue.answer("GET", "v1/klines", Answer(ban, 418))
        it.venue.answer("POST", "v1/order", Answer({}))
        with pytest.raises(VenueBusy) as caught:
            await it.rest.call(endpoints.KLINES)
        assert 290 < caught.value.retry_after_s <= 300
        with pytest.raises(VenueBusy):
            await it.rest.call(endpoints.PLACE_ORDER, {})
        assert len(it.venue.asked) == 1


async def test_call_when_the_venue_tells_its_counts_takes_them_over() -> None:
    async with wired() as it:
        told = {"X-MBX-USED-WEIGHT-1M": "1200", "X-MBX-ORDER-COUNT-10S": "junk"}
        it.venue.answer("GET", "v1/time", Answer({"serverTime": 1}, headers=told))
        await it.rest.call(endpoints.TIME)
        assert it.rest.budget.used_ratio == 0.5


async def test_call_when_made_is_counted_by_endpoint_and_kind() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/time", Answer({"serverTime": 1}))
        await it.rest.call(endpoints.TIME)
        assert it.rest.counters.by_endpoint == {"get v1/time": 1}
        assert it.rest.counters.by_kind["startup"] == 1


async def test_call_when_weight_depends_on_parameters_charges_what_is_told() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/klines", Answer([]))
        await it.rest.call(endpoints.KLINES, {}, weight=2)
        assert it.rest.budget.used_ratio == 2 / 2400


async def test_call_when_no_keys_are_set_refuses_without_asking() -> None:
    async with wired(api_key="", api_secret="") as it:
        with pytest.raises(CredentialsRefused):
            await it.rest.call(endpoints.ACCOUNT)
        assert it.venue.asked == []


async def test_resync_when_the_answer_is_unreadable_is_unreachable() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/time", Answer({"serverTime": "soon"}))
        with pytest.raises(VenueUnreachable):
            await it.rest.resync()


async def test_call_when_nobody_listens_was_certainly_not_sent() -> None:
    async with wired() as it:
        await it.venue.stop()
        rest = BinanceRest(
            it.config, it.clock, budget=RateBudget(it.clock), server=ServerClock(it.clock)
        )
        with pytest.raises(VenueUnreachable):
            await rest.call(endpoints.PLACE_ORDER, {})
        await rest.close()


async def test_read_clock_when_asked_tells_the_lead_and_leaves_our_clock_alone() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/time", Answer({"serverTime": START_MS + 90_000}))
        it.rest.server.resync(START_MS + 60_000, START_MS)
        before = it.rest.server.offset_ms
        reading = await it.rest.read_clock()
        assert it.rest.server.offset_ms == before
    assert abs(reading.ahead_ms - 90_000) < 5_000
    assert reading.trip_ms >= 0


async def test_read_clock_when_the_answer_is_unreadable_is_unreachable() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/time", Answer({"time": "noon"}))
        with pytest.raises(VenueUnreachable):
            await it.rest.read_clock()


async def test_call_when_of_the_wallet_goes_to_its_own_base_signed() -> None:
    async with wired() as it:
        it.venue.answer("GET", "/sapi/v1/account/apiRestrictions", Answer({"ipRestrict": True}))
        assert await it.rest.call(endpoints.KEY_PERMISSIONS) == {"ipRestrict": True}
        (asked,) = it.venue.asked
    assert asked.path == "/sapi/v1/account/apiRestrictions"
    assert asked.params["signature"]


async def test_call_when_the_venue_has_no_wallet_asks_nobody() -> None:
    async with wired(wallet_url=None) as it:
        with pytest.raises(VenueRejected, match="no wallet API"):
            await it.rest.call(endpoints.KEY_PERMISSIONS)
        assert it.venue.asked == []


@pytest.mark.parametrize("status", [403, 418, 429])
async def test_call_when_the_wallet_blocks_us_holds_nothing_else_back(status: int) -> None:
    headers = {"x-mbx-used-weight-1m": "2399"}
    async with wired() as it:
        blocked = Answer("<html>", status, headers)
        it.venue.answer("GET", "/sapi/v1/account/apiRestrictions", blocked)
        with pytest.raises(VenueBusy):
            await it.rest.call(endpoints.KEY_PERMISSIONS)
        assert it.rest.budget.quiet_for_s == 0
        assert it.rest.budget.used_ratio < 0.1
