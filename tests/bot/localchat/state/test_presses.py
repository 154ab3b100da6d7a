from bot.localchat.state.presses import ANSWER_WITHIN_S, MAX_OPEN, OpenPresses


def test_press_when_answered_in_time_is_closed_once() -> None:
    presses = OpenPresses(first_id=9)
    query_id = presses.open(0.0)
    assert query_id == "9"
    assert presses.close(query_id, ANSWER_WITHIN_S)
    assert not presses.close(query_id, ANSWER_WITHIN_S)


def test_press_when_answered_late_is_too_old() -> None:
    presses = OpenPresses()
    query_id = presses.open(0.0)
    assert not presses.close(query_id, ANSWER_WITHIN_S + 0.1)


def test_press_when_unknown_is_not_closed() -> None:
    assert not OpenPresses().close("1", 0.0)


def test_presses_when_too_many_are_open_forget_the_oldest() -> None:
    presses = OpenPresses()
    ids = [presses.open(0.0) for _ in range(MAX_OPEN + 1)]
    assert not presses.close(ids[0], 0.0)
    assert presses.close(ids[1], 0.0)
