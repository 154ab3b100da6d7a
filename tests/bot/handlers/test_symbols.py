from dataclasses import replace

import pytest

from bot.desk import AskChart
from bot.desk_why import AskWhy
from bot.handlers.symbols import chart, mute, unmute, why
from bot.parsing import BadInput
from engine.domain.commands import Mute
from tests.bot.fake_desk import FakeDesk, chart_data, snapshot
from tests.bot.front_kit import PICTURE, call, front
from tests.bot.why_kit import explanation
from tests.builders import START_MS, setup
from tests.fake_clock import FakeClock


async def test_chart_when_asked_is_a_picture_with_a_caption():
    desk = FakeDesk()

    answer = await chart(call("eth", "120"), front(desk))

    assert desk.asked == [AskChart("ETHUSDT", 120)]
    assert answer.picture == PICTURE
    assert "<b>ETHUSDT</b> 100.50" in answer.text
    assert not answer.replace


async def test_chart_when_a_signals_button_is_pressed_shows_its_plan():
    desk = FakeDesk()
    plan = setup("ETHUSDT").setup_id

    await chart(call(plan, pressed=True), front(desk))
    assert desk.asked == [AskChart("ETHUSDT", 90, plan)]

    with pytest.raises(BadInput):
        await chart(call(plan), front(desk))


async def test_chart_when_it_cannot_be_drawn_is_told_in_words():
    async def broken(_: object) -> None:
        return None

    answer = await chart(call("btc"), replace(front(), draw=broken))

    assert answer.picture is None
    assert "could not be drawn" in answer.text


async def test_chart_when_there_are_no_candles_says_so():
    class Empty(FakeDesk):
        async def chart(self, question: AskChart):
            return chart_data(question.symbol, candles=())

    assert "no candles" in (await chart(call("btc"), front(Empty()))).text


@pytest.mark.parametrize("args", [(), ("btc", "5"), ("btc", "999"), ("xyzzy",), ("btc", "50", "x")])
async def test_chart_when_given_badly_explains(args: tuple[str, ...]):
    with pytest.raises(BadInput):
        await chart(call(*args), front())


@pytest.mark.parametrize(("args", "ms"), [(("doge",), 7_200_000), (("doge", "30m"), 1_800_000)])
async def test_mute_when_asked_lasts_in_exchange_time(args: tuple[str, ...], ms: int):
    desk, clock = FakeDesk(), FakeClock()

    await mute(call(*args), front(desk, clock))

    assert desk.submitted == [
        Mute(
            command_id="tg-1-100",
            requested_by="ada",
            symbol="DOGEUSDT",
            until_ms=clock.exchange_ms() + ms,
        )
    ]


async def test_mute_when_nothing_is_named_lists_the_muted():
    desk = FakeDesk()
    assert "Nothing is muted" in (await mute(call(), front(desk))).text

    desk.state = snapshot(muted={"DOGEUSDT": START_MS + 600_000, "OLDUSDT": START_MS - 1})

    assert (await mute(call(), front(desk))).text == "Muted\nDOGEUSDT: 10 min more"


async def test_unmute_when_the_symbol_is_no_longer_scanned_still_works():
    desk = FakeDesk(state=snapshot(muted={"GONEUSDT": START_MS + 1}))

    await unmute(call("gone"), front(desk))

    assert desk.submitted == [
        Mute(command_id="tg-1-100", requested_by="ada", symbol="GONEUSDT", until_ms=None)
    ]
    with pytest.raises(BadInput):
        await unmute(call(), front(desk))


async def test_why_when_a_symbol_is_typed_asks_for_its_newest_signal():
    desk = FakeDesk(explanation=explanation())

    answer = await why(call("btc"), front(desk))

    assert desk.asked == [AskWhy("BTCUSDT")]
    assert "Why BTCUSDT" in answer.text
    assert not answer.replace
    assert answer.keyboard[0][0].data.startswith("chart:")


async def test_why_when_an_id_is_given_takes_it_as_it_is():
    told = explanation("GONEUSDT")
    desk = FakeDesk(explanation=told)

    await why(call(told.setup.setup_id), front(desk))

    assert desk.asked == [AskWhy(told.setup.setup_id)]


async def test_why_when_nothing_is_named_asks_for_the_newest():
    desk = FakeDesk(explanation=explanation())

    await why(call(), front(desk))

    assert desk.asked == [AskWhy("")]


async def test_why_when_the_symbol_is_unknown_says_so():
    with pytest.raises(BadInput, match="I do not know"):
        await why(call("nonsense"), front())
