from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.outbox import FOLD_ABOVE, Batch, Inbox, next_batch
from engine.domain.notices import Notice, Priority
from engine.domain.signal import Rule
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


def test_batch_when_nothing_waits_is_none():
    assert next_batch([]) is None


def test_batch_when_one_notice_waits_is_that_notice():
    batch = next_batch([alarm(), life()])

    assert batch is not None
    assert batch.notices == (alarm(),)
    assert not batch.is_digest


def test_fills_when_of_one_order_are_told_together():
    batch = next_batch([fill_notice(1), fill_notice(2), life(), fill_notice(3)])

    assert batch is not None
    assert [n.notice_id for n in batch.notices] == ["fill:1", "fill:2", "fill:3"]
    assert not batch.is_digest


def test_news_of_a_trade_when_its_signal_still_waits_let_it_go_first():
    signal, other = signal_notice(), signal_notice("ETHUSDT")

    for news in (fill_notice(), protection(), exit_notice()):
        first = next_batch([news, other, signal])
        assert first is not None
        assert first.notices == (signal,)
        assert next_batch([news, other]) == Batch((news,))
    trouble = replace(protection(confirmed=False), priority=Priority.CRITICAL)
    assert next_batch([trouble, signal]) == Batch((trouble,))


def test_signals_when_few_are_told_one_by_one():
    waiting = [signal_notice(f"A{i}USDT") for i in range(FOLD_ABOVE)]

    batch = next_batch(waiting)

    assert batch is not None
    assert batch.notices == (waiting[0],)


def test_signals_when_a_burst_are_folded_with_the_best_first():
    waiting: list[Notice] = [signal_notice(f"A{i}USDT", value=0.5 + i / 100) for i in range(6)]

    batch = next_batch([*waiting, life()])

    assert batch is not None
    assert batch.is_digest
    assert list(batch.notices) == waiting[::-1]


def test_traded_signal_when_in_a_burst_keeps_its_own_message():
    burst = [signal_notice(f"A{i}USDT") for i in range(6)]
    traded = signal_notice("ETHUSDT", value=0.4, traded=True)

    batch = next_batch([*burst, traded])

    assert batch is not None
    assert batch.notices == (traded,)


def test_signal_when_it_asks_keeps_its_own_message_in_a_burst():
    burst = [signal_notice(f"A{i}USDT") for i in range(6)]
    asks = signal_notice("ETHUSDT", verdict=refused(signal(), Rule.APPROVAL, "waiting"))

    batch = next_batch([*burst, asks])

    assert batch is not None
    assert batch.notices == (asks,)


def test_inbox_when_full_gives_up_the_newest_of_the_least_important():
    inbox = Inbox(limit=3)
    for notice in (life("1"), alarm("1"), life("2"), exit_notice()):
        inbox.put(notice)

    assert [n.notice_id for n in inbox.peek(10)] == ["start:1", "alarm:1", "exit:1"]
    assert inbox.lost == 1


def test_inbox_when_some_are_stored_keeps_the_rest():
    inbox = Inbox()
    for key in "abc":
        inbox.put(life(key))
    first = inbox.peek(2)
    inbox.put(alarm("late"))

    inbox.done(first)

    assert [n.notice_id for n in inbox.peek(10)] == ["start:c", "alarm:late"]
    assert [n.notice_id for n in inbox.critical()] == ["alarm:late"]


@given(st.lists(st.sampled_from([alarm(), life(), exit_notice(), fill_notice()]), max_size=40))
def test_inbox_when_overrun_stays_bounded_and_keeps_what_is_critical(notices: list[Notice]):
    inbox = Inbox(limit=5)
    for notice in notices:
        inbox.put(notice)

    critical = sum(notice.priority is Priority.CRITICAL for notice in notices)
    assert len(inbox) == min(5, len(notices))
    assert len(inbox.critical()) == min(5, critical)
    assert inbox.lost == max(0, len(notices) - 5)
