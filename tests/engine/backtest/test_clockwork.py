"""Actions in the order of their time."""

from engine.backtest.clockwork import Clockwork, Rank


def test_clockwork_when_run_goes_by_time_then_rank_then_symbol_then_arrival() -> None:
    clock, done = Clockwork(), list[str]()
    for at, rank, symbol, name in (
        (5, Rank.NEWS, "A", "news"),
        (5, Rank.ORDER, "B", "order b"),
        (5, Rank.ORDER, "A", "order a first"),
        (5, Rank.ORDER, "A", "order a second"),
        (5, Rank.FUNDING, "Z", "funding"),
        (5, Rank.MARKET, "Z", "market"),
        (4, Rank.NEWS, "Z", "before"),
    ):
        clock.at(at, rank, symbol, lambda _now, name=name: done.append(name))
    clock.run_until(6)
    assert done == [
        "before", "market", "funding", "order a first", "order a second", "order b", "news",
    ]  # fmt: skip


def test_clockwork_when_told_an_end_leaves_what_is_due_then() -> None:
    clock, done = Clockwork(), list[int]()
    clock.at(9, Rank.NEWS, "", done.append)
    clock.at(10, Rank.NEWS, "", done.append)
    clock.run_until(10)
    assert (done, bool(clock), clock.now_ms) == ([9], True, 10)
    clock.run_until(11)
    assert (done, bool(clock)) == ([9, 10], False)


def test_clockwork_when_an_action_sets_another_does_it_in_the_same_run() -> None:
    clock, done = Clockwork(), list[int]()

    def first(now_ms: int) -> None:
        done.append(now_ms)
        clock.at(now_ms - 5, Rank.NEWS, "", done.append)

    clock.at(3, Rank.MARKET, "", first)
    clock.run_until(10)
    assert done == [3, 3]  # what is set for the past happens now
