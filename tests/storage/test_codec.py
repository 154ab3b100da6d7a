"""Domain values survive the trip through JSON text exactly."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import commands
from engine.domain.candle import Timeframe
from engine.domain.commands import ClosePosition, Command, Mute, SetRisk
from engine.domain.notices import Notice, Priority, SignalNotice
from engine.domain.order import Fill, Order
from engine.domain.setup import Direction, Setup
from engine.domain.signal import Score
from storage.codec import decoder, dumps, encoder, from_row, loads, to_row
from tests.storage import samples


@dataclass(frozen=True)
class Bag:
    """One field of each container."""

    weights: dict[str, Decimal]
    path: tuple[float, ...]
    note: str | None = None


def test_setup_when_stored_comes_back_equal() -> None:
    plain = samples.setup(direction=Direction.SHORT, timeframe=Timeframe.M15)
    assert loads(Setup, dumps(Setup, plain)) == plain


@pytest.mark.parametrize("verdict", [samples.approved(), samples.refused()])
def test_signal_notice_when_stored_keeps_its_verdict_type(verdict: object) -> None:
    notice = SignalNotice(
        notice_id="n1",
        at_ms=1,
        signal=samples.signal(),
        verdict=verdict,  # type: ignore[arg-type]
    )
    back = loads(Notice, dumps(Notice, notice))
    assert back == notice
    assert back.priority is Priority.SIGNAL


def test_command_union_when_every_member_is_plain_can_be_stored() -> None:
    stored = [
        dumps(Command, ClosePosition(command_id="a", requested_by="1", symbol="ÄUSDT")),
        dumps(Command, Mute(command_id="b", requested_by="1", symbol="X", until_ms=None)),
        dumps(Command, SetRisk(command_id="c", requested_by="1", risk_pct=Decimal("1.50"))),
    ]
    kinds = [type(loads(Command, text)) for text in stored]
    assert kinds == [ClosePosition, Mute, SetRisk]
    assert len(get_args(Command)) == len({kind.__name__ for kind in get_args(commands.Command)})


def test_union_when_value_is_foreign_is_refused() -> None:
    with pytest.raises(TypeError, match="Fill is none of Pause"):
        dumps(Command, samples.fill())


@given(
    price=st.decimals(allow_nan=False, allow_infinity=False),
    trade_id=st.integers(min_value=0, max_value=2**62),
)
def test_fill_when_stored_keeps_every_digit(price: Decimal, trade_id: int) -> None:
    plain = samples.fill(trade_id, price=price)
    back = loads(Fill, dumps(Fill, plain))
    assert str(back.price) == str(price)
    assert back == plain


@given(value=st.floats())
def test_score_when_float_is_anything_comes_back_the_same(value: float) -> None:
    back = loads(Score, dumps(Score, samples.score(samples.setup(), value)))
    assert back.value == value or (math.isnan(back.value) and math.isnan(value))


def test_row_when_built_holds_plain_values_only() -> None:
    row = to_row(samples.order())
    assert row["qty"] == "0.120"
    assert row["status"] == "PARTIALLY_FILLED"
    assert {type(value) for value in row.values()} <= {str, int, bool, float}
    assert from_row(Order, {**row, "extra": 1}) == samples.order()


def test_containers_when_stored_keep_their_shape() -> None:
    bag = Bag(weights={"a": Decimal("0.10")}, path=(1.0, 0.1))
    assert dumps(Bag, bag) == '{"weights":{"a":"0.10"},"path":[1.0,0.1],"note":null}'
    assert loads(Bag, dumps(Bag, bag)) == bag


def test_loads_when_a_field_is_newer_than_the_text_takes_its_default() -> None:
    assert loads(Bag, '{"weights":{},"path":[]}') == Bag(weights={}, path=())


@pytest.mark.parametrize("text", ["{", "[]", '{"weights":{}}', '{"weights":{"a":"x"},"path":[]}'])
def test_loads_when_text_is_not_of_the_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a stored Bag|unexpected|line 1"):
        loads(Bag, text)


def test_type_when_it_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no JSON form for bytes"):
        encoder(bytes)
    with pytest.raises(TypeError, match="no JSON form for bytes"):
        decoder(bytes)
    with pytest.raises(TypeError, match="dataclasses only, not int"):
        encoder(int | str)
