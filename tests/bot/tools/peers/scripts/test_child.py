import json
from pathlib import Path

import numpy as np
import pytest

from bot.tools.peers.scripts.child import load, main, prepare_of, timed

SCRIPT = """
def prepare(market):
    print("a greeting")
    return lambda: {"rows": sum(len(one["close"]) for one in market)}
"""


@pytest.fixture
def market(tmp_path: Path) -> Path:
    path = tmp_path / "AUSDT.npz"
    np.savez(path, close=np.arange(5.0), entries=np.zeros((0, 4)))
    return path


def test_main_when_run_prints_figures_of_each_repetition_last(tmp_path, market, capsys):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")

    main([str(script), "2", str(market), str(market)])

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(told["wall_s"]) == len(told["cpu_s"]) == 2
    assert told["counts"] == {"rows": 10}
    assert told["peak_mb"] > 1


def test_timed_when_runs_differ_refuses():
    numbers = iter(range(9))

    with pytest.raises(ValueError, match="differ"):
        timed(lambda: lambda: {"n": next(numbers)}, 2)


def test_load_when_read_names_the_symbol_by_the_file(market):
    assert load(market)["symbol"] == "AUSDT"


def test_script_when_it_is_no_python_is_refused(tmp_path):
    with pytest.raises(ImportError):
        prepare_of(tmp_path / "script.txt")
