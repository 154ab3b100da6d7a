"""Table columns carry the field names of the domain values they store."""

from dataclasses import fields

import pytest
from sqlalchemy import Float, Table, Text

from engine.domain.effects import EquitySeen, SettingChanged
from engine.domain.events import TradeMemory
from engine.domain.order import Fill, Order, OrderRequest
from engine.domain.position import ClosedTrade
from engine.domain.signal import CostEstimate
from storage import tables


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (tables.settings, SettingChanged),
        (tables.intents, OrderRequest),
        (tables.orders, Order),
        (tables.fills, Fill),
        (tables.trades, TradeMemory),
        (tables.closed_trades, ClosedTrade),
        (tables.equity, EquitySeen),
        (tables.signals, CostEstimate),
    ],
)
def test_table_when_it_stores_a_value_has_a_column_for_each_field(table: Table, kind: type) -> None:
    assert {field.name for field in fields(kind)} <= set(table.columns.keys())


def test_money_columns_when_declared_are_text() -> None:
    money = {"qty", "price", "fee", "gross", "fees", "funding", "risk", "wallet", "realised_pnl"}
    found = {
        f"{table.name}.{column.name}": column.type
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if column.name in money
    }
    assert len(found) > 10
    assert {type(kind) for kind in found.values()} == {Text}


def test_float_columns_when_declared_are_double_precision() -> None:
    kinds = [
        column.type
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Float)
    ]
    assert {kind.precision for kind in kinds} == {53}
