"""What the operator is told and whether entries ask first."""

import re
from dataclasses import replace

from bot import keyboards
from bot.context import Answer, Call, Front
from bot.handlers.obey import ask, obey
from bot.parsing import BadInput, no_more, read_on_off, shown
from bot.preferences import Kind, Loudness, Preferences, QuietHours
from bot.views.settings import settings as view
from engine.domain.commands import SetApproval
from engine.domain.errors import JournalError

_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?::([0-5][0-9]))?")
_EXAMPLES = "e.g. /settings quiet 22:30 7:00 or /settings signals silent"
NOT_STORED = "Not changed: it could not be stored. /health tells more."


async def settings(call: Call, front: Front) -> Answer:
    """Show the choices, or change one: `/settings signals silent`, `/settings quiet 22:30 7:00`."""
    if not call.args:
        return shown_now(front)
    name, *values = (part.lower() for part in call.args)
    if name == "approval":
        return await _approval(call, front, tuple(values))
    chosen = _changed(front.preferences.current, name, tuple(values))
    try:
        await front.preferences.change(chosen)
    except JournalError:
        return Answer(text=NOT_STORED, toast=NOT_STORED, replace=False)
    return shown_now(front)


def shown_now(front: Front) -> Answer:
    """Return the choices of now with their buttons."""
    chosen, approval = front.preferences.current, front.desk.snapshot().approval
    return Answer(
        text=view(chosen, front.zone, approval=approval),
        keyboard=keyboards.settings(chosen, approval=approval),
    )


async def _approval(call: Call, front: Front, values: tuple[str, ...]) -> Answer:
    no_more(values, 1, "/settings approval on")
    required = read_on_off(values[0] if values else "", "/settings approval")
    command = SetApproval(command_id=call.command_id, requested_by=call.user, required=required)
    if required:
        return await obey(front, call, command)
    mode = front.desk.snapshot().mode.value
    question = f"Make entries without asking you? Mode is {mode}."
    return ask(front, call, question, command, label="Enter unasked")


def _changed(chosen: Preferences, name: str, values: tuple[str, ...]) -> Preferences:
    if name == "quiet":
        return replace(chosen, quiet=_quiet(values))
    if name == "digest":
        no_more(values, 1, "/settings digest 20")
        return replace(chosen, digest_hour=_hour(values[0] if values else ""))
    if name not in set(Kind):
        raise BadInput(f"There is no setting {shown(name)!r}, {_EXAMPLES}")
    value = values[0] if values else ""
    if len(values) != 1 or value not in set(Loudness):
        raise BadInput(f"{name} was {shown(value)!r}: on, silent or off, {_EXAMPLES}")
    return chosen.with_loudness(Kind(name), Loudness(value))


def _quiet(values: tuple[str, ...]) -> QuietHours | None:
    if values == ("off",):
        return None
    times = [_minute(value) for value in values]
    known = [minute for minute in times if minute is not None]
    if len(values) != 2 or len(known) != 2 or known[0] == known[1]:
        given = shown(" ".join(values))
        raise BadInput(
            f"Quiet hours were {given!r}: from and to, e.g. /settings quiet 22:30 7:00, or off"
        )
    return QuietHours(*known)


def _minute(text: str) -> int | None:
    match = _TIME.fullmatch(text)
    return None if match is None else int(match.group(1)) * 60 + int(match.group(2) or 0)


def _hour(text: str) -> int | None:
    if text == "off":
        return None
    minute = _minute(text)
    if minute is None or minute % 60:
        raise BadInput(f"Digest was {shown(text)!r}: a full hour or off, e.g. /settings digest 20")
    return minute // 60
