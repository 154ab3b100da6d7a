"""Tests of engine/smc/setup_row.py."""

import dataclasses

from engine.domain.setup import SmcContext
from engine.smc import setup_row
from engine.smc.arrays import LISTS
from engine.smc.setup_row import COLUMNS, CONTEXT, CONTEXT_COLUMNS, RECIPES, WIDTH


def test_columns_when_named_stand_where_their_constants_say() -> None:
    for position, name in enumerate(COLUMNS):
        assert getattr(setup_row, name.upper()) == position
    assert len(set(COLUMNS)) == WIDTH


def test_context_columns_when_compared_with_the_domain_are_its_fields_in_order() -> None:
    assert tuple(field.name for field in dataclasses.fields(SmcContext)) == CONTEXT_COLUMNS
    assert COLUMNS[CONTEXT:] == CONTEXT_COLUMNS


def test_recipe_codes_when_looked_up_name_their_recipe() -> None:
    for code, recipe in enumerate(RECIPES):
        assert getattr(setup_row, recipe.name) == code


def test_buffer_when_made_has_room_for_whole_rows() -> None:
    buffer = setup_row.new_setup_buffer(3, LISTS)
    assert len(buffer.value) == 3 * WIDTH
    assert buffer.used == [0]
