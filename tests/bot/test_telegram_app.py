"""The whole front over real HTTP against the local Bot API server."""

from bot.localchat.server import LocalChat
from engine.domain.commands import Pause, Resume
from engine.domain.notices import AlarmKind, AlarmNotice, ExitNotice, LifeNotice, SignalNotice
from engine.domain.signal import RiskRefused, Rule
from tests.bot.chat_kit import ChatKit
from tests.bot.fake_desk import position, snapshot
from tests.builders import START_MS, signal


def life(text: str = "Started in paper mode.", key: str = "1") -> LifeNotice:
    return LifeNotice(notice_id=f"start:{key}", at_ms=START_MS, text=text)


def signal_notice(key: str = "1", **fields: object) -> SignalNotice:
    told = signal(**fields)
    return SignalNotice(
        notice_id=f"signal:{key}",
        at_ms=START_MS,
        signal=told,
        verdict=RiskRefused(signal=told, rule=Rule.SIGNALS_ONLY, detail="signals mode"),
    )


async def test_status_when_asked_shows_the_cockpit_with_buttons(kit: ChatKit):
    kit.desk.state = snapshot(positions=(position(),))

    message = await kit.say("/status")

    assert "paper" in message.body.text
    assert "10,012.40 USDT" in message.body.text
    assert "BTC" in message.body.text
    assert [b.text for row in message.keyboard for b in row] == [
        "↻ Refresh",
        "Positions",
        "⏸ Pause",
    ]


async def test_pause_when_typed_reaches_the_engine_with_its_reason(kit: ChatKit):
    message = await kit.say("/pause news at two")

    (command,) = kit.desk.submitted
    assert isinstance(command, Pause)
    assert command.reason == "news at two"
    assert message.body.text == "✅ Done: Pause."


async def test_resume_when_typed_reaches_the_engine(kit: ChatKit):
    await kit.say("/resume")

    assert isinstance(kit.desk.submitted[0], Resume)


async def test_positions_when_open_have_their_buttons(kit: ChatKit):
    kit.desk.state = snapshot(positions=(position(),))

    message = await kit.say("/positions")

    labels = [b.text for row in message.keyboard for b in row]
    assert labels == ["📈 BTC", "Close", "Half", "Break-even", "↻"]
    assert "stop confirmed" in message.body.text


async def test_life_notice_when_notified_is_told(kit: ChatKit):
    message = await kit.told(life())

    assert message.body.text == "Started in paper mode."


async def test_alarm_when_notified_is_told(kit: ChatKit):
    message = await kit.told(
        AlarmNotice(notice_id="a", at_ms=START_MS, kind=AlarmKind.BREAKER, text="Daily loss <5 %.")
    )

    assert message.body.text == "🔴 Daily loss <5 %."


async def test_signal_when_notified_is_a_photo_with_buttons(kit: ChatKit):
    message = await kit.told(signal_notice())

    assert message.file is not None
    assert "BTCUSDT LONG" in message.body.text
    assert "Not traded: signals mode" in message.body.text
    assert [b.text for row in message.keyboard for b in row] == ["📈 Chart", "🔇 Mute 2 h"]
