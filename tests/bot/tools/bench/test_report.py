import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from bot.tools.bench import report
from bot.tools.bench.measure import Row
from bot.tools.bench.report import (
    as_json,
    footnote,
    mark,
    number,
    table,
    this_machine,
    write_json,
)

ROW = Row(
    part="codec",
    what="decoding [a] frame",
    load="5 frames",
    value=3.14159,
    unit="µs",
    count=1_234,
    reach=2.0,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (9.994, "9.99"), (10.04, "10.0"), (99.94, "99.9"), (12_345.6, "12,346")],
)
def test_number_when_shown_has_three_digits_that_matter(value, text):
    assert number(value) == text


def test_mark_when_nothing_is_promised_is_empty():
    assert mark(replace(ROW, reach=None)) == ""
    assert mark(ROW) == "≤ 2.00 µs"
    assert mark(replace(ROW, more_is_better=True)) == "≥ 2.00 µs"


def test_table_when_printed_shows_value_mark_count_and_load():
    output = io.StringIO()

    Console(file=output, width=100).print(table([ROW, replace(ROW, reach=None, what="other")]))

    text = output.getvalue()
    assert "decoding [a] frame" in text, "brackets are no markup"
    for shown in ("3.14 µs", "≤ 2.00 µs", "1,234", "5 frames", "other"):
        assert shown in text


def test_table_when_rows_share_their_load_says_it_once():
    output = io.StringIO()
    rows = [ROW, replace(ROW, what="same load"), replace(ROW, load="9 frames")]

    Console(file=output, width=100).print(table(rows))

    assert output.getvalue().count("5 frames") == 1
    assert output.getvalue().count("9 frames") == 1


def test_machine_when_described_has_its_load():
    machine = this_machine()

    assert machine.cores >= 1
    assert all(value >= 0 for value in machine.load)
    assert f"load average {machine.load[0]:.2f} before and 7.00 after" in footnote(
        machine, replace(machine, load=(7.0, 7.0, 7.0))
    )


def test_machine_when_the_system_knows_no_load_says_minus_one(monkeypatch):
    def unknown() -> None:
        raise OSError

    monkeypatch.setattr(report.os, "getloadavg", unknown)

    assert this_machine().load == (-1.0, -1.0, -1.0)


def test_result_when_written_reads_back(tmp_path):
    machine = this_machine()
    path = tmp_path / "bench.json"

    write_json(path, as_json([ROW], machine, machine))

    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["rows"][0]["what"] == ROW.what
    assert told["rows"][0]["reached"] is False
    assert told["before"]["load"] == list(machine.load)
    assert [p.name for p in tmp_path.iterdir()] == ["bench.json"]


def test_table_when_a_row_has_no_value_shows_a_dash_and_why():
    output = io.StringIO()
    empty = replace(ROW, value=None, remark="pip: no network")
    wide = replace(ROW, spread=(2.0, 4.5))

    Console(file=output, width=100).print(table([empty, wide]))

    text = output.getvalue()
    assert "–" in text
    assert "pip: no network" in text
    assert "2.00 … 4.50" in text
    assert empty.reached is None
