"""What the operator is told and whether entries ask first."""

import re
from dataclasses import replace

from bot import keyboards
from bot.context import Answer, Call, Front
from bot.formats import at, esc
from bot.handlers.obey import ask, obey
from bot.language import N_, _, languages, learn, speaking
from bot.parsing import BadInput, no_more, read_on_off, shown
from bot.preferences import Kind, Loudness, Preferences, QuietHours
from bot.views.settings import settings as view
from bot.zones import find_zone, near_zones
from engine.domain.commands import SetApproval
from engine.domain.errors import JournalError

_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?::([0-5][0-9]))?")
_EXAMPLES = N_("/settings quiet 22:30 7:00 or /settings signals silent")
NOT_STORED = N_("Not changed: it could not be stored. /health tells more.")


async def settings(call: Call, front: Front) -> Answer:
    """Show the choices, or change one: `/settings signals silent`, `/settings quiet 22:30 7:00`."""
    if not call.args:
        return shown_now(front)
    name, *values = (part.lower() for part in call.args)
    if name == "zone" and not values:
        return _zones(front)
    if name == "approval":
        return await _approval(call, front, tuple(values))
    chosen = _changed(front.preferences.current, name, tuple(values))
    await learn(chosen.language)
    try:
        await front.preferences.change(chosen)
    except JournalError:
        return Answer(text=_(NOT_STORED), toast=_(NOT_STORED), replace=False)
    with speaking(front.language):
        return shown_now(front)


def shown_now(front: Front) -> Answer:
    """Return the choices of now with their buttons."""
    chosen, approval = front.preferences.current, front.desk.snapshot().approval
    return Answer(
        text=view(chosen, front.zone, approval=approval),
        keyboard=keyboards.settings(chosen, zone=front.zone.key, approval=approval),
    )


async def _approval(call: Call, front: Front, values: tuple[str, ...]) -> Answer:
    no_more(values, 1, "/settings approval on")
    required = read_on_off(values[0] if values else "", "/settings approval")
    command = SetApproval(command_id=call.command_id, requested_by=call.user, required=required)
    if required:
        return await obey(front, call, command)
    mode = front.desk.snapshot().mode.value
    question = _("Make entries without asking you? Mode is {mode}.", mode=mode)
    return ask(front, call, question, command, label=_("Enter unasked"))


def _changed(chosen: Preferences, name: str, values: tuple[str, ...]) -> Preferences:
    if name == "quiet":
        return replace(chosen, quiet=_quiet(values))
    if name == "digest":
        no_more(values, 1, "/settings digest 20")
        return replace(chosen, digest_hour=_hour(values[0] if values else ""))
    if name == "zone":
        return replace(chosen, zone=_zone(values))
    if name == "language":
        return replace(chosen, language=_language(values))
    if name not in set(Kind):
        raise BadInput(
            _(
                "There is no setting {given!r}: /settings shows all, e.g. {example}",
                given=shown(name),
                example=_(_EXAMPLES),
            )
        )
    value = values[0] if values else ""
    if len(values) != 1 or value not in set(Loudness):
        raise BadInput(
            _(
                "{name} was {given!r}: on, silent or off, e.g. {example}",
                name=name,
                given=shown(value),
                example=_(_EXAMPLES),
            )
        )
    return chosen.with_loudness(Kind(name), Loudness(value))


def _zones(front: Front) -> Answer:
    now = at(front.clock.wall_ms(), front.zone)
    text = _(
        "Times are in {zone}, where it is {now} now. Another one by its button or its name, "
        "e.g. /settings zone Europe/Berlin",
        zone=esc(front.zone),
        now=now,
    )
    return Answer(text=text, keyboard=keyboards.zones(front.zone.key))


def _zone(values: tuple[str, ...]) -> str:
    given = " ".join(values)
    found = find_zone(given)
    if found is not None:
        return found
    near = near_zones(given)
    hint = _(" Did you mean {names}?", names=_(" or ").join(near)) if near else ""
    raise BadInput(
        _(
            "Zone was {given!r}: a name of the time zone database, "
            "e.g. /settings zone Europe/Berlin.",
            given=shown(given),
        )
        + hint
    )


def _language(values: tuple[str, ...]) -> str:
    value = values[0] if values else ""
    if len(values) != 1 or value not in languages():
        raise BadInput(
            _(
                "Language was {given!r}: {known}, e.g. /settings language {example}",
                given=shown(" ".join(values)),
                known=_(" or ").join(languages()),
                example=languages()[-1],
            )
        )
    return value


def _quiet(values: tuple[str, ...]) -> QuietHours | None:
    if values == ("off",):
        return None
    times = [_minute(value) for value in values]
    known = [minute for minute in times if minute is not None]
    if len(values) != 2 or len(known) != 2 or known[0] == known[1]:
        given = shown(" ".join(values))
        raise BadInput(
            _(
                "Quiet hours were {given!r}: from and to, e.g. /settings quiet 22:30 7:00, or off",
                given=given,
            )
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
        raise BadInput(
            _(
                "Digest was {given!r}: a full hour or off, e.g. /settings digest 20",
                given=shown(text),
            )
        )
    return minute // 60
