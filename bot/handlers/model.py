"""The model: its card and how it fares, another file, the one before, a challenger."""

from bot import keyboards
from bot.context import Answer, Call, Front, Role
from bot.handlers.obey import ask, obey
from bot.language import _
from bot.parsing import BadInput, no_more, shown
from bot.views import model as view
from bot.views.model_evidence import evidence
from engine.domain.commands import ChangeModel, ModelChange, SetShadow
from engine.domain.errors import JournalError
from engine.domain.signal import Mode

_EXAMPLE = "/model reload"


async def model(call: Call, front: Front) -> Answer:
    """Show the card, or change the model: `reload`, `rollback`, `shadow NAME`, `shadow off`."""
    no_more(call.args, 2, _EXAMPLE)
    if not call.args:
        return await _shown(call, front)
    if call.role is not Role.OWNER:
        raise BadInput(_("You may look, not act: ask an owner."))
    verb = call.args[0].lower()
    if verb == "shadow":
        return await _shadow(call, front)
    no_more(call.args, 1, _EXAMPLE)
    if verb not in set(ModelChange):
        raise BadInput(
            _(
                "I do not know /model {verb}: reload, rollback, shadow NAME or shadow off",
                verb=shown(verb),
            )
        )
    return await _change(call, front, ModelChange(verb))


async def _shown(call: Call, front: Front) -> Answer:
    found = front.desk.model()
    try:
        fares = evidence(await front.desk.model_evidence())
    except JournalError:
        fares = _("How it fares is unknown: the journal cannot be read.")
    owner = call.role is Role.OWNER
    return Answer(
        text=view.with_evidence(found, fares), keyboard=keyboards.model(found, owner=owner)
    )


async def _change(call: Call, front: Front, change: ModelChange) -> Answer:
    """Check first. Where real entries hang on it, ask; else do it."""
    proposal = await front.desk.propose_model(change)
    if proposal.problem:
        return Answer(text=view.refused(proposal), replace=False)
    command = ChangeModel(
        command_id=call.command_id,
        requested_by=call.user,
        change=change,
        bundle=proposal.bundle,
    )
    if front.desk.snapshot().mode is not Mode.LIVE:
        return await obey(front, call, command)
    question = view.question(front.desk.model(), proposal)
    return ask(front, call, question, command, label=_("Change the model"))


async def _shadow(call: Call, front: Front) -> Answer:
    if len(call.args) < 2:
        raise BadInput(_("Say which: /model shadow challenger, or /model shadow off"))
    name = call.args[1]
    command = SetShadow(
        command_id=call.command_id,
        requested_by=call.user,
        model="" if name.lower() == "off" else name,
    )
    return await obey(front, call, command)
