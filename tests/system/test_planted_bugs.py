"""The judge is judged: each bug planted here must turn a test of the law red.

A suite that stays green over a broken bot proves nothing. The bugs are the classic ones of
trading bots; each names the law's test that has to convict it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from engine.core import protection, reconcile, reconcile_strays, trades
from engine.core.adopt import take_over
from engine.core.protection import Protection
from engine.core.state import BookState
from engine.domain.order import IntentState
from engine.domain.setup import Direction
from engine.exchange.binance.expectations import Expectations
from engine.execution.executor import Executor
from engine.runtime.tasks import Supervisor
from storage.journal import SqlJournal
from tests.system import test_law_1_entries as law_1
from tests.system import test_law_2_protection as law_2
from tests.system import test_law_3_unknown as law_3
from tests.system import test_law_4_truth as law_4
from tests.system import test_law_5_downtime as law_5
from tests.system import test_law_6_tasks as law_6
from tests.system.choice import usual

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    """How a bug gets in, and the test that must notice."""

    plant: Plant
    test: Callable[..., None]
    case: Mapping[str, Any] = field(default_factory=dict)


def entry_is_resent(patch: pytest.MonkeyPatch) -> None:
    """No reply, so send it again under another name."""
    honest = Executor._send

    async def resend(self, intent):
        outcome = await honest(self, intent)
        if outcome is not None and outcome[0] is IntentState.UNKNOWN:
            client_id = intent.request.client_id[:-1] + "9"
            await self._venue.place(replace(intent.request, client_id=client_id))
        return outcome

    patch.setattr(Executor, "_send", resend)


def unknown_is_failed(patch: pytest.MonkeyPatch) -> None:
    """A timeout counts as a refusal."""
    patch.setattr(
        Executor, "_unknown", lambda self, intent, reason: self._refused(intent, -1, reason)
    )


def signals_have_no_key(patch: pytest.MonkeyPatch) -> None:
    """The journal lets the same signal enter twice."""
    honest = SqlJournal.save_intent

    async def forgetful(self, intent):
        await honest(self, intent)
        return True

    patch.setattr(SqlJournal, "save_intent", forgetful)


def lost_entries_are_looked_for_late(patch: pytest.MonkeyPatch) -> None:
    """Only queries are believed for the first half minute."""
    patch.setattr(trades, "UNKNOWN_URGENT_S", 0.0)


def stops_are_believed_unseen(patch: pytest.MonkeyPatch) -> None:
    """Sent is taken for confirmed."""
    patch.setattr(Protection, "guarded_qty", lambda self, _purpose=None: 10**9)


def naked_is_never_given_up(patch: pytest.MonkeyPatch) -> None:
    """One stop more, one day, instead of a market exit."""
    patch.setattr(protection, "GIVE_UP_AT_S", 60.0)


def foreign_is_ours(patch: pytest.MonkeyPatch) -> None:
    """Whatever is found in the account is managed."""

    states: dict[Any, Any] = {}
    honest = reconcile.on_unexpected_position

    def remember(state, book, *rest):
        states[book.book] = state
        return honest(state, book, *rest)

    def adopt(book, row, now):
        direction = Direction.LONG if row.qty > 0 else Direction.SHORT
        state = states[book.book]
        return take_over(state, book, row.symbol, direction, row.entry_price, now)[1]

    patch.setattr(reconcile, "on_unexpected_position", remember)
    patch.setattr(reconcile_strays, "_foreign", adopt)


def fills_count_twice(patch: pytest.MonkeyPatch) -> None:
    """Every delivery of an execution is applied."""
    patch.setattr(BookState, "first_sight", lambda *_: True)


def silence_is_trusted(patch: pytest.MonkeyPatch) -> None:
    """A stream that says nothing is taken for an account where nothing happens."""
    patch.setattr(Expectations, "expect", lambda *_: None)


def plans_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A restart knows nothing of what it had planned."""
    honest = SqlJournal.restore

    async def forget(self):
        return replace(await honest(self), trades=(), intents=())

    patch.setattr(SqlJournal, "restore", forget)


def death_is_silent(patch: pytest.MonkeyPatch) -> None:
    """A vital task is run like any other."""

    async def run(_self, _name, work):
        await work()

    patch.setattr(Supervisor, "_run_vital", run)


LOST = {"fate": "503 unknown", "stream": "mute"}
BUGS = {
    "entry resent": Bug(
        entry_is_resent,
        law_1.test_entry_when_its_reply_is_lost_is_found_and_protected_not_repeated,
        LOST,
    ),
    "unknown is failed": Bug(
        unknown_is_failed,
        law_3.test_entry_when_its_reply_proves_nothing_is_unknown_and_keeps_its_reserve,
        {"reply": "502 html", "channel": "ws_api"},
    ),
    "no signal key": Bug(
        signals_have_no_key,
        law_1.test_signal_when_raised_again_is_not_entered_again,
        {"restart": True},
    ),
    "lost entry looked for late": Bug(
        lost_entries_are_looked_for_late,
        law_1.test_entry_when_queries_lie_and_the_stream_is_mute_is_found_by_its_position,
    ),
    "stop believed unseen": Bug(
        stops_are_believed_unseen,
        law_2.test_position_when_no_stop_arrives_for_7_seconds_is_closed_at_market,
        {"fate": law_2.DropRequest()},
    ),
    "naked never given up": Bug(
        naked_is_never_given_up,
        law_2.test_position_when_no_stop_arrives_for_7_seconds_is_closed_at_market,
        {"fate": law_2.DropRequest()},
    ),
    "foreign is ours": Bug(
        foreign_is_ours,
        law_4.test_position_of_somebody_else_is_shown_and_never_touched,
        {"when": "while running"},
    ),
    "fills count twice": Bug(
        fills_count_twice,
        law_4.test_books_when_user_events_misbehave_equal_the_exchange_after_the_heal,
        {"trouble": "lost"},
    ),
    "silence trusted": Bug(
        silence_is_trusted,
        law_4.test_stream_when_mute_is_found_deaf_within_3_seconds_of_an_order,
    ),
    "plans forgotten": Bug(
        plans_are_forgotten, law_5.test_position_when_the_bot_is_killed_is_adopted_with_its_plan
    ),
    "silent death": Bug(
        death_is_silent,
        law_6.test_process_when_a_vital_task_ends_goes_down_and_its_stops_rest,
        {"name": "engine"},
    ),
}
EVERY_TIME = {"entry resent", "naked never given up", "plans forgotten", "silent death"}


@pytest.mark.parametrize("name", usual(BUGS, EVERY_TIME))
def test_planted_bug_when_the_law_is_tested_is_convicted(tmp_path, monkeypatch, name):
    bug = BUGS[name]
    bug.plant(monkeypatch)

    with pytest.raises(AssertionError):  # any other error would be a broken test, no verdict
        bug.test(tmp_path=tmp_path, **bug.case)
