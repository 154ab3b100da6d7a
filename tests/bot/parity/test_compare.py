"""Lining up: matched, missed, extra, and what the journal itself explains."""

from dataclasses import replace

from bot.parity.compare import compare
from bot.parity.outcome import Parity
from bot.parity.taken import Replayed, SetupFate
from engine.domain.signal import Rule
from storage.queries import StoredSetup
from tests.bot.notice_kit import approved, closed_trade, refused
from tests.bot.parity.kit import AT, journalled, replayed
from tests.bot.test_explanations import verdict
from tests.builders import score, setup, signal

BTC, ETH = setup("BTCUSDT"), setup("ETHUSDT")


def compared(
    *journal: StoredSetup, replay: Replayed, exact: bool = True, excuse: str = ""
) -> Parity:
    return compare(
        journal,
        replay,
        since_ms=AT - 1,
        until_ms=AT + 1,
        exact=exact,
        excuse=lambda _one: excuse,
        notes=("a",),
    )


def test_signal_when_both_raised_it_matches_with_its_score_difference():
    found = compared(journalled(BTC), replay=replayed(BTC, value=0.55))

    (pair,) = found.matched
    assert pair.setup_id == BTC.setup_id
    assert abs(pair.score_difference - 0.05) < 1e-12
    assert not found.is_equal, "it was replayed exactly"
    assert replace(found, exact=False).is_equal
    assert found.notes == ("a",)


def test_signal_when_the_replay_judged_otherwise_is_missed_with_its_fate():
    found = compared(journalled(BTC), journalled(ETH), replay=replayed(BTC, fate="below"))

    assert [one.why for one in found.missed] == ["replay: below", "replay: no such setup"]
    assert not found.is_equal


def test_signal_when_only_the_replay_raised_it_is_extra_with_the_journals_fate():
    muted = journalled(BTC, fate="muted", threshold=None)

    found = compared(muted, replay=replayed(BTC, ETH))

    assert [one.why for one in found.extra] == ["journal: muted", "not in the journal"]
    assert [one.symbol for one in found.extra] == ["BTCUSDT", "ETHUSDT"]


def test_signal_when_the_bot_saw_it_late_excuses_plain_candles_but_no_recording():
    stale = journalled(BTC, fate="stale", threshold=None, score=None)

    assert compared(stale, replay=replayed(BTC), exact=False).excused
    assert compared(stale, replay=replayed(BTC), exact=True).extra


def test_signal_when_it_cannot_be_compared_is_named_and_never_dropped():
    found = compared(journalled(BTC), replay=replayed(), excuse="no candles of BTCUSDT")

    assert found.missed == ()
    assert [one.why for one in found.excused] == ["no candles of BTCUSDT"]
    assert not found.is_equal, "nothing was compared"


def test_signal_when_outside_the_period_is_no_extra():
    assert compared(replay=replayed(BTC, at_ms=AT + 1)).extra == ()


def test_trades_when_both_sides_have_them_are_paired_with_the_gates_words():
    trade = closed_trade(setup_id=BTC.setup_id)
    replay = replayed(BTC)
    replay.closed[BTC.setup_id] = trade
    replay.verdicts[BTC.setup_id] = approved(signal(BTC))
    stored = journalled(BTC, closed=(trade,), verdicts=(verdict(rule=Rule.COST),))

    (pair,) = compared(stored, replay=replay).matched

    assert (pair.trades.live, pair.trades.replay) == (trade, trade)
    assert (pair.trades.live_word, pair.trades.replay_word) == ("cost", "approved")


def test_words_when_taken_after_a_refusal_are_the_approval():
    stored = journalled(
        BTC, verdicts=(verdict(approved=True, detail=""), verdict(rule=Rule.APPROVAL))
    )
    replay = replayed(BTC)
    replay.verdicts[BTC.setup_id] = refused(signal(BTC), Rule.SPREAD)

    (pair,) = compared(stored, replay=replay).matched

    assert (pair.trades.live_word, pair.trades.replay_word) == ("approved", "spread")
    (bare,) = compared(journalled(BTC), replay=replayed(BTC)).matched
    assert (bare.trades.live_word, bare.trades.replay_word) == ("not judged", "not judged")


def test_setups_when_judged_by_both_must_agree_in_fate_and_score():
    third = setup("SOLUSDT")
    journal = [
        journalled(BTC, fate="below", threshold=None),
        journalled(ETH, fate="below", threshold=None),
        journalled(third, fate="stale", threshold=None, score=None),
    ]
    replay = replayed(BTC, ETH, fate="below")
    replay.setups[ETH.setup_id] = SetupFate("below", score(0.61, of=ETH), AT)

    found = compared(*journal, replay=replay)

    assert (found.setups, found.setups_equal) == (2, 1)
    assert found.setup_differences[0].endswith("journal below 0.600000, replay below 0.610000")
    assert found.setup_differences[1].endswith("journal stale, replay has none")
    assert not found.is_equal, "it was replayed exactly"
    assert replace(found, exact=False).is_equal, "setups below the threshold decide nothing"


def test_signal_when_the_bot_had_only_just_started_is_excused_and_says_so():
    found = compare(
        [],
        replayed(BTC),
        since_ms=AT,
        until_ms=AT + 1,
        exact=False,
        excuse=lambda _one: "",
        notes=(),
        starting=lambda at_ms: at_ms == AT,
    )

    assert found.extra == ()
    assert found.excused[0].why == "not in the journal, the bot had only just started"
