"""From a flat Setup row to the frozen Setup of the domain."""

from engine.domain.candle import Timeframe
from engine.domain.setup import Direction, Evidence, EvidenceKind, Setup, SmcContext, setup_id
from engine.smc import setup_row as row
from engine.smc.arrays import Floats
from engine.smc.events import KINDS
from engine.smc.params import DetectorParams

_WHOLE = {
    "breaks_with_trend",
    "breaks_against_trend",
    "live_order_blocks_near",
    "sweep_age_candles",
}


def context_of(value: Floats, at: int) -> SmcContext:
    """Return the context columns of the row that begins at `value[at]`; NaN becomes None."""
    fields: dict[str, float | int | None] = {}
    for offset, name in enumerate(row.CONTEXT_COLUMNS, at + row.CONTEXT):
        raw = float(value[offset])
        if raw != raw:  # noqa: PLR0124 - only NaN differs from itself
            fields[name] = None
        elif name in _WHOLE:
            fields[name] = int(raw)
        else:
            fields[name] = raw
    return SmcContext(**fields)  # type: ignore[arg-type] # the names are the fields', by test


class SetupMaker:
    """Makes Setups of one symbol and timeframe out of rows."""

    __slots__ = ("_entry_rule", "_expiry_ms", "_length_ms", "_symbol", "_timeframe")

    def __init__(self, symbol: str, timeframe: Timeframe, params: DetectorParams) -> None:
        self._symbol = symbol
        self._timeframe = timeframe
        self._length_ms = timeframe.ms
        self._expiry_ms = params.expiry * timeframe.ms
        self._entry_rule = params.entry_rule

    def setup(self, value: Floats, number: int, t: int, open_time_ms: int) -> Setup:
        """Return row `number` as a Setup; candle t, its proof, opened at `open_time_ms`.

        Candles are contiguous, so the times of all others follow from their numbers.
        """
        at = number * row.WIDTH
        recipe = row.RECIPES[int(value[at + row.RECIPE])]
        direction = Direction(int(value[at + row.DIRECTION]))
        proved_at_ms = open_time_ms + self._length_ms
        return Setup(
            setup_id=setup_id(self._symbol, self._timeframe, recipe, direction, open_time_ms),
            symbol=self._symbol,
            timeframe=self._timeframe,
            recipe=recipe,
            direction=direction,
            entry_rule=self._entry_rule,
            entry=float(value[at + row.ENTRY]),
            stop=float(value[at + row.STOP]),
            target=float(value[at + row.TARGET]),
            zone_top=float(value[at + row.ZONE_TOP]),
            zone_bottom=float(value[at + row.ZONE_BOTTOM]),
            proved_at_ms=proved_at_ms,
            expires_at_ms=proved_at_ms + self._expiry_ms,
            evidence=self._evidence(value, at, direction, open_time_ms - t * self._length_ms),
            context=context_of(value, at),
        )

    def _evidence(
        self, value: Floats, at: int, direction: Direction, first_ms: int
    ) -> tuple[Evidence, ...]:
        """Return the row's findings, oldest candle first; candle 0 opened at `first_ms`."""
        against = Direction(-direction)
        sweep, pivot = value[at + row.SWEEP_LEVEL], value[at + row.BREAK_LEVEL]
        extreme = value[at + row.SWEEP_EXTREME]
        kind = KINDS[int(value[at + row.BREAK_KIND])]
        top, bottom = max(sweep, extreme), min(sweep, extreme)
        found = (
            (EvidenceKind.SWING, row.SWEEP_PIVOT, against, sweep, sweep),
            (EvidenceKind.SWEEP, row.SWEEP_BAR, direction, top, bottom),
            (EvidenceKind.SWING, row.BREAK_PIVOT, direction, pivot, pivot),
            (kind, row.BREAK_BAR, direction, pivot, pivot),
            (EvidenceKind.OB, row.BLOCK_BAR, direction, *self._zone(value, at + row.BLOCK_TOP)),
            (EvidenceKind.FVG, row.GAP_BAR, direction, *self._zone(value, at + row.GAP_TOP)),
        )
        evidence = [
            Evidence(
                kind=kind_found,
                open_time_ms=first_ms + int(value[at + column]) * self._length_ms,
                direction=sign,
                top=float(upper),
                bottom=float(lower),
            )
            for kind_found, column, sign, upper, lower in found
            if value[at + column] >= 0
        ]
        return tuple(sorted(evidence, key=lambda item: item.open_time_ms))

    @staticmethod
    def _zone(value: Floats, top: int) -> tuple[float, float]:
        """Return the (top, bottom) pair that begins at `value[top]`."""
        return value[top], value[top + 1]
