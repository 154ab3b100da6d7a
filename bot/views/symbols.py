"""Captions of charts."""

from zoneinfo import ZoneInfo

from bot.desk import ChartData
from bot.formats import MAX_CAPTION, at, bold, clip, gain, in_r, price, side, signed_pct
from bot.language import _


def chart_caption(data: ChartData, zone: ZoneInfo) -> str:
    """Return what the picture shows, in words."""
    last, first = data.candles[-1], data.candles[0]
    change = last.close / first.open - 1 if first.open else 0.0
    moved = _("{change} in {count} min", change=signed_pct(change), count=len(data.candles))
    lines = [
        f"{bold(data.symbol)} {price(last.close, data.decimals)} · {moved}",
        _(
            "{begin} to {end}",
            begin=at(first.open_time_ms, zone),
            end=at(last.close_time_ms, zone),
        ),
    ]
    position = data.position
    if position is not None:
        guard = _("stop confirmed") if position.protected else _("NO CONFIRMED STOP")
        lines.append(
            f"{position.book} {side(position.direction)} {gain(position.unrealised)} USDT "
            f"({in_r(position.r_now, 2)}), {guard}"
        )
    return clip("\n".join(lines), MAX_CAPTION)
