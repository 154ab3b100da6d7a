"""Pushes in words. Every notice answers: what happened, what it means, what can be done."""

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.durations import words
from bot.engine_texts import said
from bot.formats import (
    at,
    bold,
    clip,
    decimals_of,
    esc,
    gain,
    guess_decimals,
    in_r,
    money,
    price,
    qty,
    side,
)
from bot.language import N_, _, ngettext
from bot.views.signals import signal_caption
from engine.domain.notices import (
    AlarmKind,
    AlarmNotice,
    ExitNotice,
    FillNotice,
    LifeNotice,
    ModeNotice,
    Notice,
    ProtectionNotice,
    SignalNotice,
)
from engine.domain.position import ZERO, ExitReason

_GOOD_NEWS = frozenset({AlarmKind.SEEING, AlarmKind.ADOPTED})
_REASONS = {
    ExitReason.STOP: N_("stop hit"),
    ExitReason.TARGET: N_("target hit"),
    ExitReason.TIME: N_("held long enough"),
    ExitReason.STAGNATION: N_("went nowhere"),
    ExitReason.OPERATOR: N_("closed by you"),
    ExitReason.BREAKER: N_("closed by a breaker"),
    ExitReason.UNPROTECTED: N_("closed: its stop could not be confirmed"),
    ExitReason.DELISTING: N_("closed before delisting"),
    ExitReason.LIQUIDATION: N_("liquidated"),
    ExitReason.EXTERNAL: N_("closed elsewhere"),
}
_BOUGHT = N_("Bought {qty} <b>{symbol}</b> at {price}")
_SOLD = N_("Sold {qty} <b>{symbol}</b> at {price}")
_WORTH_TELLING_R = 0.05


def notice_text(notice: Notice, zone: ZoneInfo) -> str:
    """Return a notice as a message of its own."""
    match notice:
        case SignalNotice():
            return signal_caption(notice, zone)
        case FillNotice():
            return fills_text([notice])
        case ProtectionNotice():
            return _protection(notice)
        case ExitNotice():
            return _exit(notice)
        case AlarmNotice():
            return clip(f"{'🟢' if notice.kind in _GOOD_NEWS else '🔴'} {esc(said(notice.text))}")
        case ModeNotice():
            return clip(_mode(notice))
        case LifeNotice():
            return clip(esc(said(notice.text)))


def fills_text(notices: Sequence[FillNotice]) -> str:
    """Return executions of one order as one message."""
    last, fills = notices[-1], [notice.fill for notice in notices]
    total = sum((fill.qty for fill in fills), ZERO)
    worth = sum((fill.qty * fill.price for fill in fills), ZERO)
    fee = sum((fill.fee for fill in fills), ZERO)
    fill = fills[0]
    places = _places(last.stop_price, last.target_price, fill.price)
    average = price(worth / total if total else fill.price, places)
    done = _BOUGHT if fill.side.sign > 0 else _SOLD
    head = _(done, qty=qty(total), symbol=esc(fill.symbol), price=average)
    if len(fills) > 1:
        head = ngettext("{head} in {count} fill", "{head} in {count} fills", len(fills), head=head)
    paid = _("fee {fee} {asset}", fee=money(fee), asset=esc(fill.fee_asset))
    lines = [f"✅ {head}", f"{last.book} · {money(worth)} USDT · {paid}"]
    if last.stop_price and last.target_price:
        stop, target = price(last.stop_price, places), price(last.target_price, places)
        lines.append(_("Stop {stop} · target {target}", stop=stop, target=target))
    if total and (drift := _drift(last, worth / total)):
        lines.append(drift)
    return "\n".join(lines)


def _drift(notice: FillNotice, average: Decimal) -> str:
    """Return how far from the plan the fill is, in R of the plan; empty where it hardly is."""
    planned = notice.planned_price
    risk = abs(planned - notice.stop_price)
    if not planned or not notice.stop_price or not risk:
        return ""
    worse = float((average - planned) * notice.fill.side.sign / risk)
    if abs(worse) < _WORTH_TELLING_R:
        return ""
    plan = price(planned, _places(planned, notice.stop_price))
    if worse > 0:
        return _("{r} R worse than planned at {price}", r=f"{worse:.2f}", price=plan)
    return _("{r} R better than planned at {price}", r=f"{-worse:.2f}", price=plan)


def _mode(notice: ModeNotice) -> str:
    by = _("by {who}, mode {mode}", who=esc(notice.requested_by), mode=notice.mode)
    return f"{esc(said(notice.text))}\n{by}"


def _protection(notice: ProtectionNotice) -> str:
    detail = esc(said(notice.detail))
    if notice.confirmed:
        detail = detail or _("stop confirmed at the exchange")
        return f"🛡 {bold(notice.symbol)}: {detail}"
    return _(
        "🔴 <b>{symbol}</b> ({book}) is not protected: {reason}\n"
        "/close {symbol} closes it at market.",
        symbol=esc(notice.symbol),
        book=notice.book,
        reason=detail,
    )


def _exit(notice: ExitNotice) -> str:
    trade = notice.trade
    places = _places(trade.entry_price, trade.exit_price)
    costs = trade.fees - trade.funding
    held = _("held {time}", time=words((trade.closed_ms - trade.opened_ms) / 1000))
    why = _(_REASONS[trade.reason])
    result = in_r(trade.net_r, 2) if trade.risk else _("R unknown")
    mark = "🟩" if trade.net > 0 else "🟥"
    entry, out = price(trade.entry_price, places), price(trade.exit_price, places)
    return "\n".join(
        [
            f"{mark} {bold(trade.symbol)} {side(trade.direction)} {why}",
            _("<b>{net} USDT</b> net · {result}", net=gain(trade.net), result=result),
            f"{entry} → {out} · {held}",
            _(
                "gross {gross} · costs {costs} · {book}",
                gross=gain(trade.gross),
                costs=money(costs),
                book=trade.book,
            ),
        ]
    )


def _places(*prices: Decimal) -> int:
    """Averages of fills have more digits than any tick: the fewest of the given prices rule."""
    given = [p for p in prices if p and p.is_finite()]
    return min((min(decimals_of(p), guess_decimals(float(p))) for p in given), default=2)


def strangers(count: int) -> str:
    """Return the report of people who may not speak."""
    return ngettext(
        "{count} message from people who are not on the list; they got no answer.",
        "{count} messages from people who are not on the list; they got no answer.",
        count,
    )


def when(notice: Notice, zone: ZoneInfo) -> str:
    """Return when it happened, for lists."""
    return at(notice.at_ms, zone)
