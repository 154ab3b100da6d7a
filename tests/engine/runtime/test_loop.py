from types import SimpleNamespace

import pytest

from engine.domain.commands import ChangeModel, ModelChange, Receipt
from engine.domain.effects import Acknowledge, Notify, Record, ScoreSetups, SettingChanged
from engine.domain.events import (
    BalanceChanged,
    CandleClosed,
    Origin,
    PriceMoved,
    ScorerChanged,
    SetupsScored,
    Ticked,
)
from engine.domain.notices import AlarmKind
from engine.domain.order import Book
from engine.runtime.health import Latencies
from engine.runtime.loop import EngineLoop, Hands
from engine.runtime.mailbox import Mailbox
from tests.fake_clock import FakeClock

_HANDS = (
    "submit",
    "cancel",
    "snapshot",
    "watch",
    "record",
    "notify",
    "acknowledge",
    "scored",
)


class Core:
    """Answers each kind of event with scripted effects and remembers what it saw."""

    def __init__(self, answers):
        self.answers = answers
        self.seen = []

    def process(self, event, now):
        self.seen.append(event)
        answer = self.answers.get(type(event), [])
        if isinstance(answer, Exception):
            raise answer
        return answer


class Scorer:
    name = "scripted"

    def __init__(self):
        self.batches = []

    def score(self, setups):
        self.batches.append(list(setups))
        return tuple(f"score of {s}" for s in setups)


def rig(answers):
    done = []
    hands = Hands(
        **{name: (lambda value, name=name: done.append((name, value))) for name in _HANDS}
    )
    clock = FakeClock()
    core = Core(answers)
    loop = EngineLoop(core, Mailbox(), clock, Scorer(), hands, Latencies.fresh())
    return SimpleNamespace(loop=loop, core=core, done=done, clock=clock)


def close(clock, open_time_ms=0, ago=0.0):
    candle = SimpleNamespace(open_time_ms=open_time_ms)
    return CandleClosed(candle, Origin.LIVE, clock.monotonic() - ago)


def test_loop_when_several_candles_raise_setups_scores_them_in_one_call():
    r = rig({CandleClosed: [ScoreSetups(("a", "b"))]})

    r.loop.handle([close(r.clock), close(r.clock)])

    assert r.loop.scorer.batches == [["a", "b", "a", "b"]]
    scores = tuple(f"score of {s}" for s in "abab")
    assert r.core.seen[-1] == SetupsScored(scores)


def test_loop_when_effects_come_dispatches_them_in_order():
    receipt = Receipt(command_id="1", accepted=True, detail="")
    entry = SettingChanged("mode", "paper")
    r = rig({Ticked: [Record(entry), Notify("notice"), Acknowledge(receipt)]})

    r.loop.handle([Ticked()])

    assert r.done == [("record", entry), ("notify", "notice"), ("acknowledge", receipt)]


def test_loop_when_a_market_event_is_indigestible_goes_on_with_the_next():
    r = rig({PriceMoved: ValueError("NaN"), Ticked: [Notify("alive")]})

    r.loop.handle([PriceMoved("A", 1.0, 0), Ticked()])

    assert r.loop.indigestible == 1
    assert r.done == [("notify", "alive")]


def test_loop_when_an_account_event_is_indigestible_goes_down():
    r = rig({BalanceChanged: ValueError("broken")})

    with pytest.raises(ValueError, match="broken"):
        r.loop.handle([BalanceChanged(Book.LIVE, 1, "", 0)])


def test_loop_when_candles_are_live_measures_from_the_stamp_at_the_socket():
    r = rig({})

    r.loop.handle([close(r.clock, 0, ago=0.030), close(r.clock, 0, ago=0.010)])
    r.loop.handle([close(r.clock, 60_000, ago=0.001)])

    decision = r.loop._latencies.decision.percentiles()
    burst = r.loop._latencies.burst.percentiles()
    assert decision.count == 3
    assert round(decision.max_ms) == 30
    assert (burst.count, round(burst.max_ms)) == (1, 10)


def test_loop_when_candles_are_preloaded_measures_nothing():
    r = rig({})
    event = CandleClosed(SimpleNamespace(open_time_ms=0), Origin.PRELOAD, 0.0)

    r.loop.handle([event])

    assert r.loop._latencies.decision.count == 0


def test_loop_when_the_scorer_fails_goes_on_without_scores_and_tells_once():
    """Failure 64: a bad model must never kill the trader."""
    r = rig({CandleClosed: [ScoreSetups(("a",))], Ticked: [Notify("alive")]})

    def fail(_setups):
        raise ValueError("leaf out of range")

    r.loop.scorer.score = fail

    r.loop.handle([close(r.clock)])
    r.loop.handle([close(r.clock), Ticked()])

    told = [value for name, value in r.done if name == "notify"]
    assert r.core.seen.count(SetupsScored(())) == 2
    assert (told[0].kind, told[1:]) == (AlarmKind.SCORER, ["alive"])
    assert r.loop.unscored == 2


def change(name="next"):
    command = ChangeModel(
        command_id="1", requested_by="ada", change=ModelChange.RELOAD, bundle="ab"
    )
    scorer = Scorer()
    scorer.name = name
    return scorer, ScorerChanged(command, name, (0.1, 0.9), 10.0)


def test_scorer_when_changed_in_a_burst_works_from_the_next_pause_on():
    r = rig({CandleClosed: [ScoreSetups(("a",))]})
    r.clock.advance(6)
    first, (second, event) = r.loop.scorer, change()

    r.loop.change_scorer(second, event)
    r.loop.handle([close(r.clock)])
    r.loop.handle([close(r.clock), Ticked()])
    assert (first.batches, r.loop.scorer) == ([["a"], ["a"]], first)
    r.loop.handle([Ticked()])
    r.loop.handle([close(r.clock)])

    assert r.loop.scorer is second
    assert second.batches == [["a"]]
    assert [one for one in r.core.seen if isinstance(one, ScorerChanged)] == [event]
    assert len(first.batches) == 2


def test_scorer_when_a_minutes_closes_still_come_ranks_them_all():
    """Between two sockets' closes a drain may hold none: that is no pause yet."""
    r = rig({CandleClosed: [ScoreSetups(("a",))]})
    first, (second, event) = r.loop.scorer, change()
    r.loop.change_scorer(second, event)

    for _ in range(3):
        r.loop.handle([close(r.clock)])
        r.clock.advance(1.5)
        r.loop.handle([Ticked()])
    assert (first.batches, r.loop.scorer) == ([["a"]] * 3, first)
    r.clock.advance(0.5)
    r.loop.handle([Ticked()])

    assert r.loop.scorer is second


def test_scorer_when_changed_reaches_the_core_in_the_same_moment():
    r = rig({ScorerChanged: [Notify("told")]})
    r.clock.advance(30)
    second, event = change()
    r.loop.change_scorer(second, event)

    r.loop.handle([Ticked()])

    assert r.done == [("notify", "told")]
    assert (r.core.seen[-1], r.loop.scorer) == (event, second)


def test_scorer_when_the_market_never_pauses_is_changed_after_two_minutes():
    r = rig({})
    first, (second, event) = r.loop.scorer, change()
    r.loop.change_scorer(second, event)

    r.clock.advance(119)
    r.loop.handle([close(r.clock)])
    assert r.loop.scorer is first
    r.clock.advance(1)
    r.loop.handle([close(r.clock)])
    r.loop.handle([close(r.clock)])

    assert r.loop.scorer is second
    assert r.core.seen.count(event) == 1


def test_setups_when_scored_are_handed_on_after_the_core_has_judged():
    r = rig({CandleClosed: [ScoreSetups(("a",))], SetupsScored: [Notify("signal")]})

    r.loop.handle([close(r.clock)])

    assert r.done == [("notify", "signal"), ("scored", ["a"])]
