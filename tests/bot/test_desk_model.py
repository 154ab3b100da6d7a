"""What the front shows must stay light: the chart process imports the desk too."""

import subprocess
import sys

from bot.desk_model import ModelView


def test_view_when_there_is_no_model_has_no_card():
    assert ModelView(scorer="heuristic", card=None, problem="none").card is None


def test_desk_when_imported_brings_no_model_library():
    code = "import sys, bot.desk; print({'polars', 'lightgbm', 'telegram'} & set(sys.modules))"

    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert said.strip() == "set()"
