import pytest

from bot.context import Answer, Front
from bot.handlers.trading import break_even, close, close_all, panic, pause, resume, skip, take
from bot.parsing import BadInput
from engine.domain.commands import BreakEven, ClosePosition, Panic, Pause, Resume, TakeSignal
from engine.domain.setup import Direction
from tests.bot.fake_desk import FakeDesk, position, snapshot
from tests.bot.front_kit import OWNER_ID, call, front, token_of

HOLDING = snapshot(positions=(position(), position("ETHUSDT", direction=Direction.SHORT)))


def holding() -> tuple[Front, FakeDesk]:
    desk = FakeDesk(state=HOLDING)
    return front(desk), desk


def asked(chat: Front, answer: Answer) -> object:
    return chat.nonces.burn(token_of(answer), OWNER_ID).command


async def test_pause_when_no_reason_is_given_is_the_operators():
    chat, desk = holding()

    await pause(call(), chat)

    assert desk.submitted == [Pause(command_id="tg-1-100", requested_by="ada", reason="operator")]


async def test_pause_when_pressed_keeps_the_status_and_tells_by_toast():
    chat, _ = holding()

    answer = await pause(call(pressed=True), chat)

    assert answer.toast == "✅ Done: Pause."
    assert "equity" in answer.text
    assert answer.live is not None


async def test_resume_when_typed_is_obeyed():
    chat, desk = holding()

    answer = await resume(call(), chat)

    assert isinstance(desk.submitted[0], Resume)
    assert answer.text == "✅ Done: Resume."


async def test_close_when_asked_shows_what_it_would_close_and_does_nothing_yet():
    chat, desk = holding()

    answer = await close(call("btc", "50"), chat)

    assert "Close 50 % of <b>BTCUSDT</b> LONG" in answer.text
    assert "+0.80 USDT" in answer.text
    assert desk.submitted == []
    command = asked(chat, answer)
    assert isinstance(command, ClosePosition)
    assert (command.symbol, command.share_pct) == ("BTCUSDT", 50)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("sol",), "No open position in SOLUSDT; open are: BTCUSDT, ETHUSDT"),
        (("nonsense",), "I do not know 'nonsense'"),
        (("btc", "33"), "25, 50 or 100"),
        (("btc", "50", "now"), "I do not understand 'now'"),
    ],
)
async def test_close_when_given_badly_explains(args: tuple[str, ...], message: str):
    chat, _ = holding()

    with pytest.raises(BadInput, match=message):
        await close(call(*args), chat)


async def test_close_when_nothing_is_named_offers_what_is_open():
    chat, desk = holding()

    answer = await close(call(), chat)

    assert "Which one? e.g. /close BTC" in answer.text
    assert [[(b.label, b.data) for b in row] for row in answer.keyboard] == [
        [("Close BTC", "close:BTCUSDT"), ("Close ETH", "close:ETHUSDT")]
    ]
    assert desk.submitted == []


async def test_close_when_nothing_is_named_and_nothing_is_open_says_so():
    answer = await close(call(), front())

    assert (answer.text, answer.keyboard) == ("No open positions.", ())


async def test_close_all_when_nothing_is_open_says_so():
    answer = await close_all(call(), front())

    assert answer.text == "No open positions."
    assert answer.keyboard == ()


async def test_close_all_when_positions_are_open_asks_with_the_sum():
    chat, _ = holding()

    answer = await close_all(call(), chat)

    assert "2 positions" in answer.text
    assert "+1.60 USDT" in answer.text


async def test_panic_when_fresh_does_not_ask():
    chat, desk = holding()

    answer = await panic(call(), chat)

    assert [type(c) for c in desk.submitted] == [Panic]
    assert answer.keyboard == ()


async def test_panic_when_late_pauses_and_asks():
    chat, desk = holding()

    answer = await panic(call(late=True), chat)

    assert [type(c) for c in desk.submitted] == [Pause]
    assert "older than 60 s" in answer.text
    assert isinstance(asked(chat, answer), Panic)


async def test_break_even_when_asked_moves_the_stop():
    chat, desk = holding()

    await break_even(call("eth"), chat)

    assert desk.submitted == [
        BreakEven(command_id="tg-1-100", requested_by="ada", symbol="ETHUSDT")
    ]
    with pytest.raises(BadInput, match="Which one"):
        await break_even(call(), chat)


SIGNAL_ID = "BTCUSDT-1m-sweep_bos_retest-L-1700000000000"


async def test_take_when_pressed_enters_and_takes_its_buttons_away():
    desk = FakeDesk()

    answer = await take(call(SIGNAL_ID, pressed=True), front(desk))

    assert [c.setup_id for c in desk.submitted if isinstance(c, TakeSignal)] == [SIGNAL_ID]
    assert not answer.replace
    assert answer.buttons is not None
    assert "Take" not in str(answer.buttons)
    assert f"why:{SIGNAL_ID}" in str(answer.buttons)


async def test_take_when_the_gate_refuses_can_be_tried_again():
    desk = FakeDesk(refusal="Refused (price_moved): 0.31 R.")

    answer = await take(call(SIGNAL_ID, pressed=True), front(desk))

    assert answer.text.startswith("❌ Refused")
    assert answer.buttons is None


async def test_skip_when_pressed_commands_nothing():
    desk = FakeDesk()

    pressed = await skip(call(SIGNAL_ID, pressed=True), front(desk))
    typed = await skip(call(SIGNAL_ID), front(desk))

    assert desk.submitted == []
    assert pressed.toast == typed.text == "Skipped: it is not traded without your Take."
    assert pressed.buttons is not None
    assert pressed.text == ""


async def test_take_when_no_signal_is_named_says_what_is_expected():
    with pytest.raises(BadInput, match="a signal's id"):
        await take(call(), front())
