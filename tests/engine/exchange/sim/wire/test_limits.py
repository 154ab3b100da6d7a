"""Weight and order limits refuse with 429, persistence earns 418 and a ban that ends."""

from collections.abc import Callable

import pytest

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.wire.limits import Limits, RateLimiter

IP = "127.0.0.1"


class Wall:
    def __init__(self) -> None:
        self.now = 6000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


def limiter(wall: Wall, *, speed: float = 1.0, **limits: int) -> RateLimiter:
    return RateLimiter(SimClock(wall, epoch_ms=10**12, speed=speed), Limits(**limits))


def refused(call: Callable[[], None]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


def test_charge_weight_when_below_the_limit_is_counted(wall: Wall) -> None:
    rates = limiter(wall)

    rates.charge_weight(IP, 5)
    rates.charge_weight(IP, 40)

    assert rates.used_weight(IP) == 45


def test_charge_weight_when_above_the_limit_is_refused_with_429(wall: Wall) -> None:
    rates = limiter(wall)
    rates.charge_weight(IP, 2400)

    error = refused(lambda: rates.charge_weight(IP, 1))

    assert (error.code, error.status) == (-1003, 429)
    assert "2400 requests per minute" in error.msg
    assert rates.used_weight(IP) == 2400


def test_charge_weight_when_the_next_minute_begins_starts_again(wall: Wall) -> None:
    rates = limiter(wall)
    rates.charge_weight(IP, 2400)

    wall.now += 60.0
    rates.charge_weight(IP, 7)

    assert rates.used_weight(IP) == 7


def test_charge_weight_when_exchange_time_runs_fast_still_counts_wall_minutes(wall: Wall) -> None:
    rates = limiter(wall, speed=20.0)
    rates.charge_weight(IP, 2400)

    wall.now += 10.0

    assert refused(lambda: rates.charge_weight(IP, 1)).status == 429


def test_charge_weight_when_another_address_asks_has_its_own_count(wall: Wall) -> None:
    rates = limiter(wall)
    rates.charge_weight(IP, 2400)

    rates.charge_weight("127.0.0.2", 1)

    assert rates.used_weight("127.0.0.2") == 1


def test_charge_weight_when_refusals_persist_bans_with_418(wall: Wall) -> None:
    rates = limiter(wall, ban_after=3)
    rates.charge_weight(IP, 2400)

    statuses = [refused(lambda: rates.charge_weight(IP, 1)).status for _ in range(4)]

    assert statuses == [429, 429, 418, 418]
    assert (rates.refused_429, rates.refused_418) == (2, 2)


def test_ban_when_two_minutes_passed_ends_and_the_next_is_longer(wall: Wall) -> None:
    rates = limiter(wall, speed=20.0)
    rates.ban(IP)

    first = refused(lambda: rates.charge_weight(IP, 1))
    wall.now += 121.0
    rates.charge_weight(IP, 1)
    rates.ban(IP)
    wall.now += 121.0

    assert "banned until 1000002400000." in first.msg  # 120 wall seconds are 2400 exchange seconds
    assert refused(lambda: rates.charge_weight(IP, 1)).status == 418


def test_charge_order_when_ten_second_limit_is_reached_is_refused(wall: Wall) -> None:
    rates = limiter(wall)
    for _ in range(300):
        rates.charge_order("me")

    error = refused(lambda: rates.charge_order("me"))

    assert (error.code, error.status) == (-1015, 429)
    assert "300 orders per TEN_SECONDS" in error.msg
    assert rates.order_counts("me") == (300, 300)
    assert rates.order_counts("you") == (0, 0)


def test_charge_order_when_minute_limit_is_reached_is_refused(wall: Wall) -> None:
    rates = limiter(wall)
    for _ in range(4):
        for _ in range(300):
            rates.charge_order("me")
        wall.now += 10.0

    error = refused(lambda: rates.charge_order("me"))

    assert "1200 orders per MINUTE" in error.msg
    assert rates.order_counts("me") == (0, 1200)


def test_charge_funding_when_its_own_limit_is_reached_leaves_the_weight_alone(wall: Wall) -> None:
    rates = limiter(wall, funding_per_5min=2)
    rates.charge_funding(IP)
    rates.charge_funding(IP)

    assert refused(lambda: rates.charge_funding(IP)).status == 429
    assert rates.used_weight(IP) == 0
    wall.now += 300.0
    rates.charge_funding(IP)
