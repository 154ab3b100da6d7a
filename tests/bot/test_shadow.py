import asyncio

import pytest

from bot.shadow import Shadow
from engine.domain.effects import ShadowScored
from tests.builders import score, setup
from tests.fake_clock import FakeClock
from tests.virtual_loop import run_virtual

NAME = "lgbm:challenger"


class Challenger:
    name = NAME

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.broken = False

    def score(self, setups):
        if self.broken:
            raise ValueError("no")
        self.batches.append(len(setups))
        return tuple(
            score(0.5, of=one, scorer=NAME if one.symbol != "XUSDT" else "heuristic")
            for one in setups
        )


class LoopTime(FakeClock):
    """Wall time is the loop's, exchange time stands still."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Rig:
    def __init__(self, speed: float = 1.0) -> None:
        self.clock, self.recorded, self.backlog = LoopTime(speed=speed), [], 0
        self.challenger = Challenger()
        self.shadow = Shadow(self.clock, self.recorded.append, lambda: self.backlog)

    def offer(self, *setups, seconds: float = 5.0) -> None:
        async def work() -> None:
            self.shadow.offer(setups)
            task = asyncio.ensure_future(self.shadow.run())
            await asyncio.sleep(seconds)
            task.cancel()

        run_virtual(work())


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_setups_when_nobody_challenges_are_not_even_kept(rig):
    rig.shadow.offer([setup()])

    assert len(rig.shadow._setups) == 0


def test_setups_when_offered_are_scored_later_in_small_batches_and_journalled(rig):
    rig.shadow.challenge(rig.challenger)
    found = [setup(f"S{n}USDT") for n in range(70)]

    rig.offer(*found)

    assert rig.challenger.batches == [32, 32, 6]
    assert rig.recorded == [
        ShadowScored(score(0.5, of=one, scorer=NAME), rig.clock.exchange_ms()) for one in found
    ]
    assert rig.shadow.scored == 70


def test_setups_when_the_challenger_does_not_know_their_kind_are_not_its_scores(rig):
    rig.shadow.challenge(rig.challenger)

    rig.offer(setup("XUSDT"), setup("YUSDT"))

    assert [one.score.setup_id for one in rig.recorded] == [setup("YUSDT").setup_id]


@pytest.mark.parametrize(
    ("speed", "seconds", "batches"), [(1.0, 2.9, 0), (1.0, 3.2, 1), (60.0, 0.2, 0), (60.0, 0.4, 1)]
)
def test_scoring_when_setups_came_just_now_waits_until_the_burst_is_over(speed, seconds, batches):
    rig = Rig(speed)
    rig.shadow.challenge(rig.challenger)

    rig.offer(setup(), seconds=seconds)

    assert len(rig.challenger.batches) == batches


@pytest.mark.parametrize(("seconds", "batches"), [(9.8, 0), (10.2, 1)])
def test_scoring_when_the_core_has_work_waits_for_it_but_not_for_ever(rig, seconds, batches):
    rig.shadow.challenge(rig.challenger)
    rig.backlog = 3

    rig.offer(setup(), seconds=seconds)

    assert len(rig.challenger.batches) == batches


def test_scoring_when_too_many_wait_drops_the_oldest_and_counts(rig):
    rig.shadow.challenge(rig.challenger)
    one = setup()

    rig.offer(*[one] * 5_003, seconds=0.1)

    assert (len(rig.shadow._setups), rig.shadow.dropped) == (5_000, 3)


def test_challenger_when_it_fails_is_sent_away_and_nothing_else_happens(rig):
    rig.challenger.broken = True
    rig.shadow.challenge(rig.challenger)

    rig.offer(setup())

    assert (rig.shadow.scorer, rig.recorded) == (None, [])


def test_challenger_when_replaced_does_not_score_what_was_kept_for_the_former(rig):
    rig.shadow.challenge(rig.challenger)
    rig.offer(setup(), seconds=0.1)

    rig.shadow.challenge(Challenger())
    rig.offer()

    assert (rig.shadow.scored, rig.recorded) == (0, [])
