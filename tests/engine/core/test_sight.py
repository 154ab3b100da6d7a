from engine.core.sight import TELL_AFTER_S, Sight
from engine.domain.events import FeedBlind, FeedSeeing, Instant
from engine.domain.notices import AlarmKind, Priority

NOBODY = frozenset()


def at(wall_s: float) -> Instant:
    return Instant(int(wall_s * 1000), wall_s)


def blind(*symbols: str) -> FeedBlind:
    return FeedBlind(frozenset(symbols), "a candle is missing")


def seeing(*symbols: str) -> FeedSeeing:
    return FeedSeeing(frozenset(symbols))


def test_blindness_when_it_heals_within_seconds_is_nobodys_business():
    """A demo told a red alarm for every candle that arrived a second late."""
    sight = Sight()
    sight.lose(blind("A"), at(0))

    assert sight.tell(at(TELL_AFTER_S - 1), 100, NOBODY) == []
    assert sight.regain(seeing("A"), at(TELL_AFTER_S - 1)) == []
    assert sight.tell(at(100), 100, NOBODY) == []


def test_blindness_when_it_lasts_is_told_once_for_all_symbols_and_so_is_its_end():
    sight = Sight()
    sight.lose(blind("A", "B"), at(0))
    sight.lose(blind("A"), at(10))

    (told,) = sight.tell(at(TELL_AFTER_S), 100, NOBODY)
    assert sight.tell(at(TELL_AFTER_S + 1), 100, NOBODY) == []
    (healed,) = sight.regain(seeing("A", "B", "C"), at(60))

    assert told.notice.text == "2 symbols have no data (a candle is missing): A, B"
    assert told.notice.priority is Priority.INFO
    assert (healed.notice.kind, healed.notice.text) == (
        AlarmKind.SEEING,
        "2 symbols have data again: A, B",
    )
    assert sight.reasons == {}


def test_blindness_when_money_is_at_stake_or_many_are_blind_is_critical():
    held, many = Sight(), Sight()
    held.lose(blind("A"), at(0))
    many.lose(blind(*(f"S{i}" for i in range(10))), at(0))

    (one,) = held.tell(at(40), 100, frozenset({"A"}))
    (all_,) = many.tell(at(40), 100, NOBODY)

    assert one.notice.text == "1 symbol has no data (a candle is missing): A"
    assert one.notice.priority is all_.notice.priority is Priority.CRITICAL
    assert all_.notice.text.endswith("...")


def test_blindness_when_the_symbol_leaves_is_forgotten():
    sight = Sight()
    sight.lose(blind("A"), at(0))

    sight.forget("A")

    assert sight.reason("A") == ""
    assert sight.tell(at(60), 100, NOBODY) == []
