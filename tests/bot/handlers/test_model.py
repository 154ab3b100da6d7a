from dataclasses import replace

import pytest

from bot.context import Role
from bot.desk_model import ModelProposal, ModelView
from bot.handlers.model import model
from bot.handlers.route import answer_command, answer_press
from bot.parsing import BadInput
from engine.domain.commands import ChangeModel, ModelChange, SetShadow
from engine.domain.errors import JournalError
from engine.domain.signal import Mode
from tests.bot.fake_desk import FakeDesk, snapshot
from tests.bot.front_kit import call, front, token_of

READY = ModelProposal(scorer="lgbm:abababab", bundle="ab" * 32)
WITH_MORE = ModelView(scorer="lgbm:1", card=None, problem="", previous="heuristic", shadow="lgbm:2")


async def test_model_when_asked_shows_card_and_evidence_with_buttons_for_owners():
    desk = FakeDesk(model_view=WITH_MORE)

    owner = await model(call(), front(desk))
    viewer = await model(call(role=Role.VIEWER), front(desk))

    assert "setups scored here in 14 days" in owner.text
    assert [b.data for row in owner.keyboard for b in row] == [
        "model:reload",
        "model:rollback",
        "model:shadow:off",
    ]
    assert viewer.keyboard == ()
    assert viewer.text == owner.text


async def test_model_when_the_journal_is_silent_still_shows_the_card():
    class Broken(FakeDesk):
        async def model_evidence(self):
            raise JournalError("locked")

    answer = await model(call(), front(Broken()))

    assert "there is no model at models/" in answer.text
    assert "How it fares is unknown" in answer.text


@pytest.mark.parametrize("mode", [Mode.SIGNALS, Mode.PAPER])
@pytest.mark.parametrize("verb", ["reload", "rollback"])
async def test_change_when_no_real_entry_hangs_on_it_is_done_at_once(verb, mode):
    desk = FakeDesk(state=snapshot(mode=mode), proposal=READY)

    answer = await model(call(verb), front(desk))

    assert desk.submitted == [
        ChangeModel(
            command_id="tg-1-100",
            requested_by="ada",
            change=ModelChange(verb),
            bundle=READY.bundle,
        )
    ]
    assert "Done: ChangeModel." in answer.text


async def test_change_when_live_asks_first_and_is_bound_to_the_bundle_shown():
    desk = FakeDesk(state=snapshot(mode=Mode.LIVE), proposal=READY)
    chat = front(desk)

    asked = await answer_command("model", call("reload"), chat)
    assert desk.submitted == []
    desk.proposal = replace(READY, bundle="cd" * 32)
    done = await answer_press(token_of(asked), call(command_id="tg-2"), chat)

    (command,) = desk.submitted
    assert (command.bundle, command.command_id) == (READY.bundle, "tg-2")
    assert "Done" in done.text


async def test_change_when_the_scorer_is_another_one_meanwhile_is_not_done():
    desk = FakeDesk(state=snapshot(mode=Mode.LIVE), proposal=READY)
    chat = front(desk)
    asked = await answer_command("model", call("rollback"), chat)

    desk.state = snapshot(mode=Mode.LIVE, scorer="lgbm:other")
    done = await answer_press(token_of(asked), call(command_id="tg-2"), chat)

    assert desk.submitted == []
    assert "things have changed" in done.text


async def test_change_when_the_bundle_is_bad_changes_nothing_and_says_why():
    desk = FakeDesk(proposal=ModelProposal(problem="golden vectors differ."))

    answer = await model(call("reload"), front(desk))

    assert answer.text == "Nothing was changed. golden vectors differ."
    assert desk.submitted == []


@pytest.mark.parametrize(("args", "name"), [(("shadow", "next"), "next"), (("SHADOW", "OFF"), "")])
async def test_challenger_when_named_or_sent_away_is_commanded_without_a_question(args, name):
    desk = FakeDesk(state=snapshot(mode=Mode.LIVE))

    await model(call(*args), front(desk))

    assert desk.submitted == [SetShadow(command_id="tg-1-100", requested_by="ada", model=name)]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("shadow",), "Say which"),
        (("fly",), "I do not know /model fly"),
        (("reload", "now"), "/model reload"),
        (("shadow", "a", "b"), "/model reload"),
    ],
)
async def test_arguments_when_wrong_are_refused_in_one_line(args, told):
    with pytest.raises(BadInput, match=told):
        await model(call(*args), front())


@pytest.mark.parametrize("args", [("reload",), ("rollback",), ("shadow", "off")])
async def test_viewer_when_acting_is_refused(args):
    desk = FakeDesk(proposal=READY)

    answer = await answer_command("model", call(*args, role=Role.VIEWER), front(desk))

    assert "ask an owner" in answer.text
    assert (desk.submitted, desk.asked) == ([], [])
