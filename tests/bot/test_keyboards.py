from bot import keyboards
from bot.callbacks import MAX_DATA_BYTES
from bot.context import Button
from bot.desk import Period, SignalRow
from bot.preferences import Preferences
from engine.domain.setup import Direction
from engine.domain.signal import Mode
from tests.bot.fake_desk import position, snapshot
from tests.builders import setup


def labels(keyboard: keyboards.Keyboard) -> list[list[str]]:
    return [[button.label for button in row] for row in keyboard]


def past_signal(symbol: str) -> SignalRow:
    return SignalRow(
        setup_id=setup(symbol).setup_id,
        symbol=symbol,
        direction=Direction.LONG,
        at_ms=0,
        score=0.5,
        cost_r=0.1,
        outcome="told",
    )


def test_status_when_paused_offers_to_resume():
    assert labels(keyboards.status(snapshot(), owner=True))[0][-1] == "⏸ Pause"
    assert labels(keyboards.status(snapshot(paused="x"), owner=True))[0][-1] == "▶ Resume"
    assert len(keyboards.status(snapshot(), owner=False)[0]) == 2


def test_positions_when_many_stay_usable():
    rows = keyboards.positions([position(f"A{i}USDT") for i in range(30)], owner=True)

    assert len(rows) == 9
    assert labels(rows)[0] == ["A0", "Close", "Half", "BE", "Why"]


def test_buttons_when_a_name_is_too_long_are_left_out_rather_than_broken():
    assert keyboards.button("x", "chart", "币" * 30) is None
    assert keyboards.positions([position("币" * 30)], owner=False) == (
        (Button("Refresh", "positions"),),
    )


def test_every_button_when_shown_fits_into_telegrams_limit():
    shown = (
        *keyboards.status(snapshot(), owner=True),
        *keyboards.positions([position("1000000BABYDOGEUSDT")], owner=True),
        *keyboards.signal(setup("币安人生USDT")),
        *keyboards.signal(setup("1000000BABYDOGEUSDT"), asks=True),
        *keyboards.settings(Preferences(digest_hour=8), zone="UTC", approval=True),
        *keyboards.explained(setup("1000000BABYDOGEUSDT")),
        *keyboards.modes(Mode.PAPER),
        *keyboards.periods(Period.DAY),
        *keyboards.confirm("!" + "x" * 22, "Close"),
    )

    assert all(len(b.data.encode()) <= MAX_DATA_BYTES for row in shown for b in row)


def test_signals_when_listed_can_be_explained_the_newest_first():
    past = [past_signal(f"A{i}USDT") for i in range(20)]

    rows = keyboards.signals(past)

    assert labels(rows) == [
        ["A0", "A1", "A2", "A3"],
        ["A4", "A5", "A6", "A7"],
    ]
    assert rows[0][0].data == f"why:{past[0].setup_id}"
    assert keyboards.signals([]) == ()


def test_choices_when_shown_mark_or_leave_out_the_present_one():
    assert labels(keyboards.modes(Mode.PAPER)) == [["signals", "live"]]
    assert labels(keyboards.periods(Period.WEEK)) == [["day", "• week", "month", "all"]]
    assert keyboards.short("BTCUSDT") == "BTC"
    assert keyboards.short("USDT") == "USDT"
