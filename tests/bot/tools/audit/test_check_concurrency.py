from pathlib import Path

import pytest

from bot.tools.audit import check_concurrency
from bot.tools.audit.check_concurrency import check_data, check_shards, check_tasks
from engine.scanner.plan import ShardPlan
from tests.bot.tools.audit.trees import faults, program


def test_shards_when_planned_hold_every_symbol_once() -> None:
    (fine,) = check_shards()

    assert faults([fine]) == []
    assert fine.text.startswith("530 symbols on 11 connections")


@pytest.mark.parametrize(
    "plans",
    [
        lambda names, _: (ShardPlan("all", tuple(names)),),
        lambda names, _: (ShardPlan("one", tuple(names[:100])), ShardPlan("two", ())),
        lambda names, _: tuple(ShardPlan(str(i), tuple(names[:53])) for i in range(10)),
    ],
    ids=["too many on one", "some are missing", "some are twice"],
)
def test_shards_when_planned_badly_are_a_fault(plans, monkeypatch) -> None:
    monkeypatch.setattr(check_concurrency, "plan_shards", plans)

    assert len(faults(check_shards())) == 1


def test_tasks_when_nobody_holds_one_name_the_place(tmp_path: Path) -> None:
    files = {
        "bot.a": "import asyncio\nasyncio.create_task(work())",
        "bot.b": "group.create_task(work())",
        "bot.c": "held = asyncio.create_task(work())",
    }

    assert faults(check_tasks(program(tmp_path, files))) == ["bot.a:2 drops a task"]


def test_threads_when_used_where_decisions_are_made_are_a_fault(tmp_path: Path) -> None:
    files = {
        "engine.core.engine": "async def f():\n    await asyncio.to_thread(g)",
        "bot.recording": "async def f():\n    await asyncio.to_thread(g)",
    }

    assert faults(check_tasks(program(tmp_path, files))) == ["engine.core.engine uses threads"]


def test_data_when_bytes_from_elsewhere_are_unpickled_are_a_fault(tmp_path: Path) -> None:
    files = {
        "models.a": "import pickle\npickle.loads(read())",
        "models.b": "import pickle\npickle.loads(pickle.dumps(1))",
        "models.c": "import json\njson.loads(read())",
        "models.d": "import pandas",
        "models.e": "import polars",
    }

    findings = faults(check_data(program(tmp_path, files)))

    assert findings == ["models.a unpickles", "models.d imports pandas"]


def test_data_when_sound_count_tables_and_modules(tmp_path: Path) -> None:
    (fine,) = check_data(program(tmp_path, {"models.e": "import polars"}))

    assert "Polars in 1 modules" in fine.text
