from hypothesis import given
from hypothesis import strategies as st

from bot.localchat.state.throttle import SendThrottle, TokenBucket


def test_throttle_when_a_burst_of_five_is_spent_asks_to_wait() -> None:
    throttle = SendThrottle(0.0)
    assert [throttle.admit(1, 0.0) for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_throttle_when_a_second_has_passed_admits_one_more() -> None:
    throttle = SendThrottle(0.0)
    for _ in range(5):
        throttle.admit(1, 0.0)
    assert throttle.admit(1, 0.99) == 1
    assert throttle.admit(1, 1.0) == 0
    assert throttle.admit(1, 1.0) == 1


def test_throttle_when_refusing_counts_nothing() -> None:
    throttle = SendThrottle(0.0)
    for _ in range(50):
        throttle.admit(1, 0.0)
    assert throttle.admit(1, 1.0) == 0


def test_throttle_when_an_album_exceeds_the_burst_is_paid_off_later() -> None:
    throttle = SendThrottle(0.0)
    assert throttle.admit(10, 0.0) == 0
    assert throttle.admit(1, 0.0) == 6
    assert throttle.admit(1, 6.0) == 0


def test_bucket_when_time_goes_back_does_not_refill() -> None:
    bucket = TokenBucket(per_second=1.0, burst=1, now=10.0)
    bucket.spend(1)
    assert bucket.shortage(1, 0.0) == 1.0
    assert bucket.shortage(1, 10.5) == 0.5


@given(st.lists(st.floats(0.0, 3.0), max_size=80))
def test_throttle_when_asked_at_any_pace_never_exceeds_its_rate(pauses: list[float]) -> None:
    throttle, now, admitted = SendThrottle(0.0), 0.0, 0
    for pause in pauses:
        now += pause
        admitted += throttle.admit(1, now) == 0
        assert admitted <= 5 + now + 1e-6


@given(st.floats(0.0, 1e9))
def test_throttle_when_told_to_wait_admits_after_that_wait(start: float) -> None:
    throttle = SendThrottle(start)
    while not (wait := throttle.admit(1, start)):
        pass
    assert throttle.admit(1, start + wait) == 0


def test_throttle_when_it_refuses_counts_it():
    throttle = SendThrottle(0.0)

    waits = [throttle.admit(1, 0.0) for _ in range(7)]

    assert throttle.refused == sum(wait > 0 for wait in waits) == 2
