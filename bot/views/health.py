"""How the machine feels: a card of ✓ and ✗ first, the figures below; as wide as a phone."""

from collections.abc import Iterator, Mapping

from bot.desk_health import HealthView, LatencyView
from bot.durations import words
from bot.engine_texts import said
from bot.formats import bold, compact, esc, pct, table
from bot.language import N_, _

GOOD, WARNING, BAD, OFF = "✓", "!", "✗", "–"
SLOW_MS, TOO_SLOW_MS = 100.0, 1_000.0
"""The product promises a decision within 100 ms; a second later a price is another price."""
_MUCH_WEIGHT = 0.70
_BACKLOG = 1_000
_WIDE = 10_000_000
_REQUESTS = {
    "startup": N_("Requests at start"),
    "scheduled": N_("by timetable"),
    "position_guard": N_("guarding positions"),
    "recovery": N_("after trouble"),
}
_CHAT = {
    "last poll": N_("Chat heard"),
    "rebuilt": N_("chat rebuilt"),
    "other pollers": N_("other pollers"),
    "delivered": N_("messages sent"),
    "refused": N_("refused"),
    "unstored": N_("not yet stored"),
    "lost": N_("lost"),
    "slowed down": N_("slowed down"),
    "strangers": N_("strangers"),
}

Sign = tuple[str, str]


def health(view: HealthView, chat: tuple[tuple[str, str], ...]) -> str:
    """Return the card and the figures.

    Args:
        view: the machine.
        chat: the chat's own figures by name.
    """
    figures = dict(chat)
    signs = list(_signs(view, figures))
    bad = sum(mark == BAD for mark, _text in signs)
    noted = sum(mark == WARNING for mark, _text in signs)
    lines = [_headline(bad, noted)]
    lines += [f"{mark} {esc(text)}" for mark, text in signs]
    return "\n".join([*lines, "", bold(_("Figures")), table(list(_rows(view, figures)), "<>")])


def _headline(bad: int, noted: int) -> str:
    if bad:
        return "🔴 " + bold(_("Something is wrong"))
    return "🟡 " + bold(_("Works, with remarks")) if noted else "🟢 " + bold(_("All is well"))


# --- the card ------------------------------------------------------------------------------------


def _signs(view: HealthView, chat: Mapping[str, str]) -> Iterator[Sign]:
    yield _market(view)
    yield _speed(view.decision)
    yield _exchange(view)
    if view.account is not None:
        yield _account(hears=view.account.hears, fast=view.account.fast)
    if view.journal_fails:
        yield BAD, _("Journal: cannot be written")
    if max(view.waiting_events, view.waiting_records) > _BACKLOG:
        yield BAD, _("Backlog: it cannot keep up")
    if "connected" in chat:
        yield _connected(chat["connected"] == "yes")
    yield _heartbeat(view)
    yield (
        GOOD,
        _("Up for {time}, {mb} MB", time=words(view.running_s), mb=f"{view.memory_mb:.0f}"),
    )


def _market(view: HealthView) -> Sign:
    if not view.symbols:
        return WARNING, _("Market: nothing is scanned yet")
    all_, blind = f"{view.symbols:,}", f"{view.blind:,}"
    if not view.blind:
        return GOOD, _("Market: all {count} symbols seen", count=all_)
    mark = BAD if 10 * view.blind > view.symbols else WARNING
    return mark, _("Market: {blind} of {count} blind", blind=blind, count=all_)


def _speed(decision: LatencyView) -> Sign:
    if not decision.count:
        return OFF, _("Decisions: none yet")
    within = decision.p99_ms
    mark = GOOD if within <= SLOW_MS else WARNING if within <= TOO_SLOW_MS else BAD
    return mark, _("Decisions: 99 % within {ms} ms", ms=f"{within:.0f}")


def _exchange(view: HealthView) -> Sign:
    used = pct(view.weight_ratio, 0)
    mark = GOOD if view.weight_ratio <= _MUCH_WEIGHT else WARNING
    return mark, _("Exchange: {used} of its limit used", used=used)


def _account(*, hears: bool, fast: bool) -> Sign:
    if not hears:
        return BAD, _("Account: its stream is down")
    return (GOOD, _("Account: heard, orders fast")) if fast else (WARNING, _("Orders: slow way"))


def _connected(connected: bool) -> Sign:
    return (GOOD, _("Chat: connected")) if connected else (BAD, _("Chat: not connected"))


def _heartbeat(view: HealthView) -> Sign:
    beat = view.heartbeat
    if beat is None:
        return OFF, _("Heartbeat: off")
    if beat.trouble:
        return BAD, _("Heartbeat silent: {reason}", reason=_troubles(beat.trouble))
    if beat.told_s_ago is None:
        return OFF, _("Heartbeat: not yet")
    return GOOD, _("Heartbeat: {time} ago", time=words(beat.told_s_ago))


def _troubles(trouble: str) -> str:
    return ", ".join(said(one) for one in trouble.split(", "))


# --- the figures ---------------------------------------------------------------------------------


def _rows(view: HealthView, chat: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield _("Candles"), _count(view.candles)
    yield _("  fetched later"), f"{view.backfilled:,}"
    yield _("  without a trade"), f"{view.flat:,}"
    yield _("Stream reconnects"), f"{view.reconnects:,}"
    yield _("Decision p99"), _ms(view.decision)
    yield _("Whole minute p99"), _ms(view.burst)
    yield _("Loop lag p99"), _ms(view.loop_lag)
    yield _("Events waiting"), f"{view.waiting_events:,}"
    yield _("Records waiting"), f"{view.waiting_records:,}"
    yield _("Task restarts"), f"{view.restarts:,}"
    for kind, count in view.rest_calls.items():
        label = _(_REQUESTS.get(kind, kind))
        yield (label if kind == "startup" else f"  {label}"), _count(count)
    for name, english in _CHAT.items():
        if name in chat:
            label = _(english)
            yield (label if name == "last poll" else f"  {label}"), chat[name]


def _count(value: int) -> str:
    return f"{value:,}" if value < _WIDE else compact(value)


def _ms(latency: LatencyView) -> str:
    return f"{latency.p99_ms:.0f} ms" if latency.count else "–"
