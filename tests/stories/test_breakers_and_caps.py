"""Breakers from the exchange's equity, and the portfolio caps that reserve at approval."""

from engine.domain.commands import Pause, ResetBreaker, Resume
from engine.domain.effects import EquitySeen, SettingChanged
from engine.domain.events import (
    BalanceChanged,
    FeedBlind,
    FeedSeeing,
    FundingPaid,
    MarkMoved,
    StateRestored,
    StopRequested,
)
from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import OrderStatus, Purpose
from engine.domain.setup import Direction
from engine.domain.signal import RiskApproved, RiskRefused, Rule
from tests.builders import d, setup
from tests.stories.story import Story

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "BNBUSDT", "LTCUSDT", "DOTUSDT")


def started(**config) -> Story:
    story = Story(**config)
    story.start(SYMBOLS)
    return story


def refusal(story: Story, symbol: str = "BTCUSDT", **fields) -> Rule | None:
    verdict = story.signal(setup(symbol, **fields))
    return verdict.rule if isinstance(verdict, RiskRefused) else None


def breaker_alarms(story: Story) -> list[AlarmNotice]:
    return story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.BREAKER)


def test_daily_loss_when_reached_blocks_entries_until_the_owner_resets():
    story = started()
    story.feed(BalanceChanged(story.book, d(9500), "ORDER", story.ms))

    assert len(breaker_alarms(story)) == 1
    assert refusal(story) is Rule.BREAKER
    story.jump(86_400_000)
    assert story.view().books[0].breakers == ("daily_loss",)

    receipt = story.command(ResetBreaker(command_id="r", requested_by="me"))
    assert "daily loss" in receipt.detail
    assert story.view().books[0].breakers == ()
    assert story.view().books[0].high_water == 9500


def test_equity_gap_of_60_percent_trips_on_the_next_update_and_survives_a_restart():
    story = started()
    story.enter(setup())
    mark = 100.0 - 0.6 * 10_000 / float(story.held())
    story.feed(MarkMoved("BTCUSDT", max(mark, 0.5), 0.0, 0, story.ms))
    assert {one.text.split(":")[0] for one in breaker_alarms(story)} == {"paper book"}
    assert set(story.view().books[0].breakers) >= {"daily_loss"}

    stored = {one.key: one.value for one in story.entries(SettingChanged)}
    second = Story()
    second.start(restored=StateRestored(stored, (), (), (), ()))
    assert "daily_loss" in second.view().books[0].breakers
    assert refusal(second) is Rule.BREAKER


def test_six_losses_in_a_row_pause_trading():
    story = started()
    for symbol in SYMBOLS[:6]:
        story.enter(setup(symbol))
        stop, target = story.last(Purpose.STOP), story.last(Purpose.TARGET)
        story.fill(stop, price="99.9")
        story.change(stop, OrderStatus.FILLED, filled=stop.qty)
        story.change(target, OrderStatus.CANCELED)

    assert "6 losses in a row" in story.view().paused
    assert refusal(story, "LTCUSDT") is Rule.PAUSED
    story.command(Resume(command_id="r", requested_by="me"))
    assert refusal(story, "LTCUSDT") is Rule.BREAKER


def test_three_rejected_entries_within_ten_minutes_trip_a_breaker():
    story = started()
    for symbol in SYMBOLS[:3]:
        story.signal(setup(symbol))
        story.reject(story.last(Purpose.ENTRY), -2019, "Margin is insufficient.")

    assert refusal(story, "ADAUSDT") is Rule.BREAKER
    assert len(story.sent(Purpose.ENTRY)) == 3


def test_deposit_when_booked_is_no_profit_and_withdrawal_no_loss():
    story = started()
    story.feed(BalanceChanged(story.book, d(5000), "WITHDRAW", story.ms))

    assert breaker_alarms(story) == []
    assert story.view().books[0].high_water == 5000


def test_caps_when_approvals_are_pending_count_them_in_the_same_step():
    story = started()
    verdicts = [story.signal(setup(symbol), value=0.9) for symbol in SYMBOLS[:6]]

    approved = [one for one in verdicts if isinstance(one, RiskApproved)]
    refused = [one.rule for one in verdicts if isinstance(one, RiskRefused)]
    assert len(approved) == 3  # 1 % each, 3 % a side
    assert refused == [Rule.SIDE_RISK] * 3
    assert abs(story.view().books[0].open_risk_ratio - 0.03) < 0.001


def test_caps_when_both_sides_are_used_stop_at_the_total():
    story = started()
    rules = [refusal(story, symbol) for symbol in SYMBOLS[:3]]
    rules += [refusal(story, symbol, direction=Direction.SHORT) for symbol in SYMBOLS[3:6]]

    assert rules[:5] == [None] * 5
    assert rules[5] in {Rule.TOTAL_RISK, Rule.MAX_POSITIONS}


def test_reservation_when_the_entry_ends_unfilled_is_given_back():
    story = started()
    for symbol in SYMBOLS[:3]:
        story.signal(setup(symbol))
    assert refusal(story, "XRPUSDT") is Rule.SIDE_RISK

    story.change(story.last(Purpose.ENTRY), OrderStatus.EXPIRED)

    assert refusal(story, "ADAUSDT") is None


def test_equity_when_marks_move_and_funding_is_paid_is_wallet_plus_unrealised():
    story = started()
    entry = story.enter(setup())
    story.feed(MarkMoved("BTCUSDT", 101.0, 0.0001, story.ms + 1, story.ms))
    story.feed(FundingPaid(story.book, "BTCUSDT", d("-0.5"), story.ms))

    assert story.view().books[0].equity == 10_000 + entry.qty
    story.fill(story.last(Purpose.STOP), price=98)
    assert story.closed()[0].funding == d("-0.5")
    assert story.closed()[0].net == -2 * entry.qty - d("0.5")


def test_equity_is_recorded_once_a_minute_of_exchange_time():
    story = started(books=(Story().book,))
    effects = story.later(120)

    minutes = [one.at_ms // 60_000 for one in story.entries(EquitySeen, effects)]
    assert len(minutes) == 3
    assert len(set(minutes)) == 3


def test_paused_when_commanded_refuses_with_the_reason():
    story = started()
    story.command(Pause(command_id="p", requested_by="me", reason="holiday"))

    verdict = story.signal(setup())

    assert isinstance(verdict, RiskRefused)
    assert verdict.rule is Rule.PAUSED
    assert "holiday" in verdict.detail


def test_blind_symbol_when_a_setup_is_found_is_only_journalled():
    from engine.domain.effects import SetupSeen

    story = started()
    story.feed(FeedBlind(frozenset({"BTCUSDT"}), "shard 1 stalled"))

    assert story.signal(setup()) is None
    assert [one.fate for one in story.entries(SetupSeen)] == ["blind"]
    story.feed(FeedSeeing(frozenset({"BTCUSDT"})))
    assert isinstance(story.signal(setup()), RiskApproved)


def test_stop_requested_when_given_refuses_entries_and_keeps_exits():
    story = started()
    story.enter(setup())
    story.feed(StopRequested())

    assert refusal(story, "ETHUSDT") is Rule.NOT_READY
    assert len(story.sent(Purpose.EXIT, story.jump(7_300_000))) == 1


def test_foreign_fee_asset_when_its_price_is_known_is_valued_in_usdt():
    story = started()
    story.close("BNBUSDT", 600.0)
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)

    story.fill(entry, fee="0.001", fee_asset="BNB")
    story.fill(story.last(Purpose.STOP), price=98)

    assert story.closed()[0].fees == d("0.6")
