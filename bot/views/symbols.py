"""Captions of charts."""

from zoneinfo import ZoneInfo

from bot.desk import ChartData
from bot.formats import MAX_CAPTION, at, bold, clip, gain, in_r, price, side, signed_pct


def chart_caption(data: ChartData, zone: ZoneInfo) -> str:
    """Return what the picture shows, in words."""
    last, first = data.candles[-1], data.candles[0]
    change = last.close / first.open - 1 if first.open else 0.0
    moved = f"{signed_pct(change)} in {len(data.candles)} min"
    lines = [
        f"{bold(data.symbol)} {price(last.close, data.decimals)} · {moved}",
        f"{at(first.open_time_ms, zone)} to {at(last.close_time_ms, zone)}",
    ]
    position = data.position
    if position is not None:
        guard = "stop confirmed" if position.protected else "NO CONFIRMED STOP"
        lines.append(
            f"{position.book} {side(position.direction)} {gain(position.unrealised)} USDT "
            f"({in_r(position.r_now, 2)}), {guard}"
        )
    return clip("\n".join(lines), MAX_CAPTION)
