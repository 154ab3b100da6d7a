from dataclasses import replace
from typing import Any

from bot.desk import AskChart
from bot.outbox import Batch
from bot.preferences import Kind, Loudness, QuietHours
from bot.pushes import Pusher, urgency_of
from bot.throttle import Urgency
from engine.domain.notices import Notice
from engine.domain.signal import Rule
from tests.bot.chat_kit import MemoryStore
from tests.bot.fake_desk import FakeDesk
from tests.bot.front_kit import PICTURE, front
from tests.bot.notice_kit import (
    alarm,
    exit_notice,
    fill_notice,
    life,
    protection,
    refused,
    signal_notice,
)
from tests.builders import signal

CLOSED: list[str] = []


class Outgoing:
    """A sender that takes down what it is given."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def send(self, chat_id: int, text: str, **how: Any) -> int:
        self.sent.append({"chat_id": chat_id, "text": text, **how})
        return 50 + len(self.sent)

    async def album(self, chat_id: int, pictures: list[bytes], caption: str, **how: Any) -> int:
        self.sent.append({"chat_id": chat_id, "text": caption, "pictures": pictures, **how})
        return 50 + len(self.sent)


async def push(
    *notices: Notice, desk: FakeDesk | None = None, store: MemoryStore | None = None
) -> dict[str, Any]:
    outgoing = Outgoing()
    pusher = Pusher(front(desk), outgoing, store or MemoryStore(), 11, CLOSED.append)  # type: ignore[arg-type]
    assert await pusher.push(Batch(notices)) == 51
    return outgoing.sent[0]


async def test_signal_when_pushed_is_drawn_from_the_notice_not_from_the_journal():
    desk = FakeDesk()

    sent = await push(signal_notice(), desk=desk)

    assert desk.asked == [AskChart("BTCUSDT")]
    assert sent["picture"] == PICTURE
    assert sent["urgency"] is Urgency.ORDINARY
    assert "100.00" in sent["text"]


async def test_signal_when_its_symbol_is_gone_is_told_in_words():
    sent = await push(signal_notice("GONEUSDT"))

    assert sent["picture"] is None
    assert "GONEUSDT LONG" in sent["text"].replace("</b>", "").replace("<b>", "")


async def test_signal_when_the_desk_fails_is_told_in_words():
    class Failing(FakeDesk):
        async def chart(self, question: AskChart) -> Any:
            raise KeyError("bug")

    assert (await push(signal_notice(), desk=Failing()))["picture"] is None


async def test_burst_when_pushed_pictures_the_first_three():
    sent = await push(*(signal_notice(f"{s}USDT") for s in ("BTC", "ETH", "DOGE", "SOL")))

    assert sent["pictures"] == [PICTURE] * 3
    assert "4 signals" in sent["text"]


async def test_burst_when_only_one_can_be_drawn_is_a_single_photo():
    sent = await push(signal_notice(), signal_notice("AUSDT"), signal_notice("BUSDT"))

    assert sent["picture"] == PICTURE
    assert "the best 1 pictured" in sent["text"]


async def test_trade_news_when_pushed_reply_to_their_signal():
    store = MemoryStore()
    told = signal_notice()
    await store.put([told])
    await store.sent(told.notice_id, 40)

    for notice in (fill_notice(), protection(), exit_notice()):
        assert (await push(notice, store=store))["reply_to"] == 40
    assert (await push(life(), store=store))["reply_to"] is None


async def test_exit_when_pushed_is_handed_on_to_its_signal():
    CLOSED.clear()

    await push(exit_notice())
    await push(fill_notice())

    assert [exit_notice().trade.setup_id] == CLOSED


async def test_news_when_the_store_fails_is_told_without_its_context():
    store = MemoryStore()
    store.broken = True

    assert (await push(exit_notice(), store=store))["reply_to"] is None


async def test_news_when_reassuring_is_silent():
    assert (await push(protection()))["silent"]
    assert not (await push(protection(confirmed=False)))["silent"]
    assert not (await push(fill_notice()))["silent"]


async def test_news_when_its_kind_is_off_is_not_sent_but_its_signal_still_hears_of_it():
    CLOSED.clear()
    outgoing, chat = Outgoing(), front()
    quieter = chat.preferences.current.with_loudness(Kind.EXITS, Loudness.OFF)
    await chat.preferences.change(quieter)
    pusher = Pusher(chat, outgoing, MemoryStore(), 11, CLOSED.append)  # type: ignore[arg-type]

    assert await pusher.push(Batch((exit_notice(),))) is None
    assert await pusher.push(Batch((alarm(),))) is not None

    assert len(outgoing.sent) == 1
    assert [exit_notice().trade.setup_id] == CLOSED


async def test_everything_when_the_hours_are_quiet_is_silent_except_what_is_critical():
    outgoing, chat = Outgoing(), front()
    moment = chat.clock.wall_ms() // 60_000 % 1440
    now = QuietHours(moment, (moment + 60) % 1440)
    await chat.preferences.change(replace(chat.preferences.current, quiet=now))
    pusher = Pusher(chat, outgoing, MemoryStore(), 11, CLOSED.append)  # type: ignore[arg-type]

    burst = tuple(signal_notice(f"{s}USDT") for s in ("BTC", "ETH", "DOGE", "SOL"))
    for notices in ((life(),), (fill_notice(),), (signal_notice(),), burst, (alarm(),)):
        await pusher.push(Batch(notices))

    assert [sent["silent"] for sent in outgoing.sent] == [True, True, True, True, False]


async def test_signal_when_it_asks_has_take_and_skip():
    asks = signal_notice(verdict=refused(signal(), Rule.APPROVAL, "waiting"))

    sent = await push(asks)

    assert [b.label for b in sent["keyboard"][0]] == ["✅ Take", "Skip"]
    assert "Traded only with your Take" in sent["text"]


def test_urgency_when_critical_may_use_the_reserve():
    assert urgency_of(alarm()) is Urgency.URGENT
    assert urgency_of(life()) is Urgency.ORDINARY
