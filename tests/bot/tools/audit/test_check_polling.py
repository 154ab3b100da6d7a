from pathlib import Path

from bot.schedule import TIMETABLE
from bot.tools.audit import check_polling as polling
from bot.tools.audit.check_polling import check_polling, check_timetable
from tests.bot.tools.audit.test_calls import FILES
from tests.bot.tools.audit.trees import faults, program


def test_polling_when_a_loop_asks_for_ever_names_it(tmp_path: Path) -> None:
    found = faults(check_polling(program(tmp_path, FILES), known={}))

    assert found == ["bot.watch.poll waits by the clock and can reach REST for ever"]


def test_polling_when_the_reason_is_known_tells_it(tmp_path: Path) -> None:
    findings = list(check_polling(program(tmp_path, FILES), known={"bot.watch.poll": "a guard"}))

    assert faults(findings) == []
    assert findings[0].text.startswith("3 loops wait by the clock; 1 can reach REST and end")
    assert findings[1].text == "bot.watch.poll: a guard"


def test_polling_when_an_excuse_is_no_longer_needed_says_so(tmp_path: Path) -> None:
    known = {"bot.watch.poll": "a guard", "bot.watch.pure": "why?"}

    assert faults(check_polling(program(tmp_path, FILES), known=known)) == [
        "bot.watch.pure is excused but does not ask"
    ]


def test_timetable_when_it_asks_too_often_is_a_fault(monkeypatch) -> None:
    (fine,) = check_timetable()
    assert faults([fine]) == []
    assert f"{sum(86_400_000 // row.period_ms for row in TIMETABLE)} scheduled" in fine.text

    monkeypatch.setattr(polling, "calls_a_day", lambda: 97)
    assert faults(check_timetable())[0].startswith("97 scheduled REST calls a day")
