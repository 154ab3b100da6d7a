"""Tests of bot/reports/plots.py."""

import struct

import numpy as np
import polars as pl
import pytest

from bot.reports.plots import (
    bars_picture,
    calibration_picture,
    equity_picture,
    score_groups_picture,
)
from models.evaluation import Scored, evaluate
from tests.models.rows import labelled


def scored(count: int = 1_000) -> Scored:
    rows = labelled(count, edge=0.5)
    outputs = rows["liquidity_grab"].cast(pl.Float64).to_numpy() / 3
    return Scored(rows=rows, outputs=outputs, probability=outputs, base_rate=0.3)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_pictures_when_drawn_are_png_of_one_size() -> None:
    told = scored()
    report = evaluate(told, 0.5, seed=1)
    pictures = [
        calibration_picture([("a", report), ("b", report)]),
        score_groups_picture(told, 1),
        equity_picture([("a", told), ("b", told)], 0.5),
        bars_picture({"x": 0.3, "y": 0.1}, "share", limit=0.2),
    ]
    assert {size(picture) for picture in pictures} == {(880, 396)}
    assert len(set(pictures)) == 4


def test_bars_when_there_are_many_grow_so_that_their_names_do_not_overlap() -> None:
    few, many = (bars_picture({str(i): 1.0 for i in range(n)}, "share") for n in (12, 26))

    assert size(few) == (880, 396)
    assert size(many) == (880, 715)


@pytest.mark.parametrize("threshold", [0.0, 2.0])
def test_equity_when_nothing_was_traded_is_still_a_picture(threshold: float) -> None:
    told = scored(30)
    dear = Scored(
        rows=told.rows.with_columns(cost_r=pl.lit(1.0)),
        outputs=told.outputs,
        probability=np.full(30, 0.3),
        base_rate=0.3,
    )
    assert size(equity_picture([("a", dear)], threshold))
    assert size(score_groups_picture(dear, 1))
