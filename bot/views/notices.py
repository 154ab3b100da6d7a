"""Pushes in words. Every notice answers: what happened, what it means, what can be done."""

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.durations import words
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
    plural,
    price,
    qty,
    side,
)
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
    ExitReason.STOP: "stop hit",
    ExitReason.TARGET: "target hit",
    ExitReason.TIME: "held long enough",
    ExitReason.STAGNATION: "went nowhere",
    ExitReason.OPERATOR: "closed by you",
    ExitReason.BREAKER: "closed by a breaker",
    ExitReason.UNPROTECTED: "closed: its stop could not be confirmed",
    ExitReason.DELISTING: "closed before delisting",
    ExitReason.LIQUIDATION: "liquidated",
    ExitReason.EXTERNAL: "closed elsewhere",
}


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
            return clip(f"{'🟢' if notice.kind in _GOOD_NEWS else '🔴'} {esc(notice.text)}")
        case ModeNotice():
            return clip(f"{esc(notice.text)}\nby {esc(notice.requested_by)}, mode {notice.mode}")
        case LifeNotice():
            return clip(esc(notice.text))


def fills_text(notices: Sequence[FillNotice]) -> str:
    """Return executions of one order as one message."""
    last, fills = notices[-1], [notice.fill for notice in notices]
    total = sum((fill.qty for fill in fills), ZERO)
    worth = sum((fill.qty * fill.price for fill in fills), ZERO)
    fee = sum((fill.fee for fill in fills), ZERO)
    fill = fills[0]
    places = _places(last.stop_price, last.target_price, fill.price)
    way = "Bought" if fill.side.sign > 0 else "Sold"
    average = price(worth / total if total else fill.price, places)
    parts = f" in {len(fills)} fills" if len(fills) > 1 else ""
    lines = [
        f"✅ {way} {qty(total)} {bold(fill.symbol)} at {average}{parts}",
        f"{last.book} · {money(worth)} USDT · fee {money(fee)} {esc(fill.fee_asset)}",
    ]
    if last.stop_price and last.target_price:
        stop, target = price(last.stop_price, places), price(last.target_price, places)
        lines.append(f"Stop {stop} · target {target}")
    return "\n".join(lines)


def _protection(notice: ProtectionNotice) -> str:
    if notice.confirmed:
        return f"🛡 {bold(notice.symbol)}: {esc(notice.detail or 'stop confirmed at the exchange')}"
    return (
        f"🔴 {bold(notice.symbol)} ({notice.book}) is not protected: {esc(notice.detail)}\n"
        f"/close {esc(notice.symbol)} closes it at market."
    )


def _exit(notice: ExitNotice) -> str:
    trade = notice.trade
    places = _places(trade.entry_price, trade.exit_price)
    costs = trade.fees - trade.funding
    held = words((trade.closed_ms - trade.opened_ms) / 1000)
    result = in_r(trade.net_r, 2) if trade.risk else "R unknown"
    mark = "🟩" if trade.net > 0 else "🟥"
    entry, out = price(trade.entry_price, places), price(trade.exit_price, places)
    return "\n".join(
        [
            f"{mark} {bold(trade.symbol)} {side(trade.direction)} {_REASONS[trade.reason]}",
            f"{bold(gain(trade.net) + ' USDT')} net · {result}",
            f"{entry} → {out} · held {held}",
            f"gross {gain(trade.gross)} · costs {money(costs)} · {trade.book}",
        ]
    )


def _places(*prices: Decimal) -> int:
    """Averages of fills have more digits than any tick: the fewest of the given prices rule."""
    given = [p for p in prices if p and p.is_finite()]
    return min((min(decimals_of(p), guess_decimals(float(p))) for p in given), default=2)


def strangers(count: int) -> str:
    """Return the report of people who may not speak."""
    return f"{plural(count, 'message')} from people who are not on the list; they got no answer."


def when(notice: Notice, zone: ZoneInfo) -> str:
    """Return when it happened, for lists."""
    return at(notice.at_ms, zone)
