"""From a typed command or a pressed button to the handler's answer. Never raises on bad input."""

from difflib import get_close_matches

from bot.callbacks import StaleButton, is_token, unpack
from bot.context import Answer, Call, Front, Role
from bot.desk import UnknownSymbol
from bot.desk_why import UnknownSetup
from bot.formats import esc
from bot.handlers.ladder import decided
from bot.handlers.table import COMMANDS, Entry
from bot.language import N_, _
from bot.parsing import BadInput, did_you_mean, shown

VIEWER_REFUSED = N_("You may look, not act: ask an owner.")
LATE_REFUSED = N_(
    "Not done: that message is older than 60 s. Send it again if you still mean it. "
    "(If it is new, the clock of the bot's computer is wrong.)"
)

WAITED_REFUSED = N_("Not done: pressed while I was away. Press it again if you still mean it.")


async def answer_command(name: str, call: Call, front: Front) -> Answer:
    """Answer a typed command."""
    entry = COMMANDS.get(name)
    if entry is None:
        return Answer(text=_unknown(name))
    if call.late and not entry.when_late:
        return Answer(text=f"/{name}: " + _(LATE_REFUSED))
    return await _run(entry, call, front)


def _unknown(name: str) -> str:
    near = [f"/{one}" for one in get_close_matches(name, COMMANDS, n=1)]
    refusal = _("I do not know /{command}.", command=esc(shown(name)))
    parts = (refusal, did_you_mean(near), _("/help lists everything."))
    return " ".join(part for part in parts if part)


async def answer_press(data: str, call: Call, front: Front) -> Answer:
    """Answer a pressed button."""
    action, args = unpack(data)
    if is_token(data):
        return await _confirm(data, call, front)
    if action == "no" and args:
        front.nonces.withdraw(args[0], call.user_id)
        return Answer(text=_("Cancelled, nothing was done."))
    entry = COMMANDS.get(action)
    if entry is None or not entry.button:
        return Answer(toast=_("This button is old."))
    if call.late and entry.acts and not entry.when_late:
        return Answer(text=_(WAITED_REFUSED), toast=_(WAITED_REFUSED), replace=False)
    return await _run(
        entry,
        Call(
            command_id=call.command_id,
            user_id=call.user_id,
            user=call.user,
            role=call.role,
            args=args,
            pressed=True,
        ),
        front,
    )


async def _confirm(data: str, call: Call, front: Front) -> Answer:
    if call.role is not Role.OWNER:
        return Answer(toast=_(VIEWER_REFUSED))
    try:
        return await decided(call, front, front.nonces.burn(data, call.user_id))
    except StaleButton as stale:
        return Answer(text=str(stale), toast=str(stale))


async def _run(entry: Entry, call: Call, front: Front) -> Answer:
    if entry.acts and call.role is not Role.OWNER:
        return Answer(text=_(VIEWER_REFUSED), toast=_(VIEWER_REFUSED), replace=False)
    try:
        return await entry.handler(call, front)
    except (BadInput, UnknownSymbol, UnknownSetup) as bad:
        return Answer(text=esc(bad), toast=str(bad), replace=False)
