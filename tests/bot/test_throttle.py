import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.localchat.state.throttle import SendThrottle
from bot.throttle import BURST, SLACK, ChatBudget, ChatRateLimiter, NoRoom, Urgency, seconds_of
from tests.virtual_loop import run_virtual


class LoopTime:
    """The clock of a virtual loop."""

    speed = 1.0

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Api:
    """Telegram's side: its own limits, and what it answered when."""

    def __init__(self, floods: list[int] | None = None) -> None:
        self.floods = floods or []
        self.sent: list[tuple[float, str]] = []
        self.throttle = SendThrottle(0.0)
        self.refused = 0

    async def __call__(self, endpoint: str, data: dict[str, Any]) -> str:
        now = asyncio.get_running_loop().time()
        if self.floods:
            raise RetryAfter(self.floods.pop(0))
        if wait := self.throttle.admit(1, now):
            self.refused += 1
            raise RetryAfter(wait)
        self.sent.append((now, data["text"]))
        return "ok"


async def send(
    limiter: ChatRateLimiter, api: Api, text: str, urgency: Urgency | None = None
) -> Any:
    data = {"chat_id": 1, "text": text}
    return await limiter.process_request(
        api, ("sendMessage", data), {}, "sendMessage", data, urgency
    )


@pytest.fixture(autouse=True)
def timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def test_ordinary_messages_when_many_keep_a_reserve_of_three():
    budget = ChatBudget(0.0)

    for _ in range(2):
        assert budget.wait_s(1, Urgency.ORDINARY, 0.0) == 0
        budget.spend(1)

    assert budget.wait_s(1, Urgency.ORDINARY, 0.0) == pytest.approx(1.0)
    for _ in range(2):
        assert budget.wait_s(1, Urgency.URGENT, 0.0) == 0
        budget.spend(1)
    assert budget.wait_s(1, Urgency.URGENT, 0.0) == pytest.approx(SLACK)


def test_album_when_larger_than_what_is_above_the_reserve_waits_for_a_full_bucket():
    budget = ChatBudget(0.0)
    assert budget.wait_s(3, Urgency.ORDINARY, 0.0) == 0
    budget.spend(3)

    assert budget.wait_s(3, Urgency.ORDINARY, 0.0) == pytest.approx(3.0)


def test_messages_when_too_many_never_make_telegram_refuse():
    async def story() -> tuple[Api, float]:
        api, limiter = Api(), ChatRateLimiter(LoopTime())
        await asyncio.gather(*(send(limiter, api, str(i), Urgency.ORDINARY) for i in range(20)))
        return api, asyncio.get_running_loop().time()

    api, took = run_virtual(story())

    assert api.refused == 0
    assert len(api.sent) == 20
    assert took == pytest.approx(18.0)


def test_command_answer_when_the_chat_is_flooded_overtakes():
    async def story() -> Api:
        api, limiter = Api(), ChatRateLimiter(LoopTime())
        flood = [send(limiter, api, str(i), Urgency.ORDINARY) for i in range(20)]
        await asyncio.gather(*flood, send(limiter, api, "answer"))
        return api

    api = run_virtual(story())

    assert [text for _, text in api.sent].index("answer") <= 2
    assert {text: at for at, text in api.sent}["answer"] == 0.0


def test_flood_when_telegram_says_wait_is_obeyed_by_everybody():
    async def story() -> tuple[Api, ChatRateLimiter]:
        api, limiter = Api(floods=[30]), ChatRateLimiter(LoopTime())
        await asyncio.gather(send(limiter, api, "a"), send(limiter, api, "b"))
        return api, limiter

    api, limiter = run_virtual(story())

    assert limiter.refused == 1
    assert {text for _, text in api.sent} == {"a", "b"}
    assert sum(at >= 30.0 for at, _ in api.sent) >= 1


def test_flood_when_it_does_not_end_is_given_back():
    async def story() -> None:
        await send(ChatRateLimiter(LoopTime()), Api(floods=[1] * 9), "a")

    with pytest.raises(RetryAfter):
        run_virtual(story())


def test_optional_request_when_there_is_no_room_is_left_out():
    async def story() -> None:
        api, limiter = Api(), ChatRateLimiter(LoopTime())
        for i in range(3):
            await send(limiter, api, str(i))
        await send(limiter, api, "refresh", Urgency.OPTIONAL)

    with pytest.raises(NoRoom):
        run_virtual(story())


def test_request_when_it_sends_no_message_is_free():
    async def story() -> int:
        limiter = ChatRateLimiter(LoopTime())
        calls = 0

        async def answer(*_: object) -> bool:
            nonlocal calls
            calls += 1
            return True

        for _ in range(50):
            await limiter.process_request(
                answer, (), {}, "answerCallbackQuery", {"chat_id": 1}, None
            )
        return calls

    assert run_virtual(story()) == 50


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from(list(Urgency))), max_size=60))
def test_budget_when_obeyed_never_exceeds_the_burst(steps: list[tuple[float, Urgency]]):
    budget, now, sent = ChatBudget(0.0), 0.0, 0
    for pause, urgency in steps:
        now += pause
        if budget.wait_s(1, urgency, now) == 0:
            budget.spend(1)
            sent += 1
        assert sent <= BURST + now + 1e-6


def test_messages_when_one_overtakes_another_do_not_make_telegram_refuse():
    """The first message is slow on its way: Telegram's bucket is behind ours by that much."""

    async def story() -> Api:
        api, limiter = Api(), ChatRateLimiter(LoopTime())

        async def slow_once(endpoint: str, data: dict[str, Any]) -> str:
            await asyncio.sleep(0.2 if data["text"] == "0" else 0.0)
            return await api(endpoint, data)

        for number in range(12):
            data = {"chat_id": 1, "text": str(number)}
            await limiter.process_request(
                slow_once, ("sendMessage", data), {}, "sendMessage", data, Urgency.URGENT
            )
        return api

    assert run_virtual(story()).refused == 0


def test_seconds_when_told_as_a_number_or_a_span_are_the_same(monkeypatch: pytest.MonkeyPatch):
    assert seconds_of(RetryAfter(7)) == 7.0
