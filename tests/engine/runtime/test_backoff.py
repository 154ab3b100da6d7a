import random

from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.backoff import Backoff


@given(st.integers(), st.integers(1, 40))
def test_backoff_when_repeated_stays_between_half_and_full_step(seed, tries):
    backoff = Backoff(random.Random(seed), base_s=0.25, factor=2, cap_s=30)
    step = 0.25
    for _ in range(tries):
        delay = backoff.next_delay()
        assert step / 2 <= delay <= step
        step = min(step * 2, 30)


def test_backoff_when_reset_starts_over():
    backoff = Backoff(random.Random(1), base_s=1, cap_s=100)
    for _ in range(5):
        backoff.next_delay()

    backoff.reset()

    assert backoff.next_delay() <= 1
