"""A hindsight labeller, for comparison only: how charts that repaint come to their labels.

It labels a whole history at once, as widespread indicators do: swings are looked for on both sides
and made to alternate afterwards, breaks need a pattern of four swings that ends after the break,
and blocks that failed and recovered are erased. Nothing of the bot uses it; `smc --prove` runs it
beside the causal detector to show how much of what it displays live is rewritten later.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.smc.frame import CandleArrays


class Label(NamedTuple):
    """One mark on a chart: what, on which candle, which way, at which prices."""

    kind: str
    bar: int
    direction: int
    top: float
    bottom: float


class _Swing(NamedTuple):
    bar: int
    direction: int
    price: float


KINDS = ("SWING", "BREAK", "BLOCK")


def hindsight_labels(candles: CandleArrays, left: int = 4, right: int = 5) -> list[Label]:
    """Return the labels a hindsight indicator draws on this history.

    Args:
        candles: the history.
        left: candles before a swing that must not exceed it.
        right: candles after it.
    """
    swings = _alternated(_swings(candles, left, right))
    labels = [Label("SWING", one.bar, one.direction, one.price, one.price) for one in swings]
    breaks = list(_breaks(candles, swings))
    labels += [Label("BREAK", at, way, level, level) for at, way, level, _pivot in breaks]
    return labels + list(_blocks(candles, breaks))


@dataclass(frozen=True, slots=True)
class Repainted:
    """How one kind of label fared.

    Attributes:
        kind: what it marks.
        shown: labels that were on the chart at some close.
        withdrawn: of those, gone from the last chart.
        closes_late: median closes between the candle a label is drawn on and its first showing.
    """

    kind: str
    shown: int
    withdrawn: int
    closes_late: float

    @property
    def share(self) -> float:
        """Withdrawn labels as a share of the shown ones, 0 where none were shown."""
        return self.withdrawn / self.shown if self.shown else 0.0


def repainted(
    candles: CandleArrays,
    ends: Iterable[int],
    cut: Callable[[CandleArrays, int], CandleArrays],
    left: int = 4,
    right: int = 5,
) -> tuple[Repainted, ...]:
    """Return for each kind how many labels were shown at these ends and how many did not stay."""
    first_shown: dict[Label, int] = {}
    for end in ends:
        for label in hindsight_labels(cut(candles, end), left, right):
            first_shown.setdefault(label, end)
    last = hindsight_labels(candles, left, right)
    for label in last:
        first_shown.setdefault(label, len(candles))
    return tuple(_counted(kind, first_shown, set(last)) for kind in KINDS)


def _counted(kind: str, first_shown: dict[Label, int], last: set[Label]) -> Repainted:
    labels = [label for label in first_shown if label.kind == kind]
    late = [first_shown[label] - 1 - label.bar for label in labels]
    gone = sum(label not in last for label in labels)
    return Repainted(kind, len(labels), gone, float(np.median(late)) if late else 0.0)


def _swings(candles: CandleArrays, left: int, right: int) -> list[_Swing]:
    """Extremes of their surroundings on both sides."""
    found = []
    for prices, way in ((candles.high, 1), (-candles.low, -1)):
        if len(prices) <= left + right:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(prices, left + right + 1)
        middles = prices[left : len(prices) - right]
        found += [
            _Swing(offset + left, way, abs(float(middles[offset])))
            for offset in np.flatnonzero(middles >= windows.max(axis=1)).tolist()
        ]
    return sorted(found)


def _alternated(swings: list[_Swing]) -> list[_Swing]:
    """Of neighbours on the same side only the more extreme stays: the other one is erased."""
    kept: list[_Swing] = []
    for swing in swings:
        if kept and kept[-1].direction == swing.direction:
            if (swing.price - kept[-1].price) * swing.direction > 0:
                kept[-1] = swing
        else:
            kept.append(swing)
    return kept


def _breaks(candles: CandleArrays, swings: list[_Swing]) -> Iterator[tuple[int, int, float, int]]:
    """Breaks of the second of four swings that climb (fall): bar, direction, level, pivot."""
    for first, pivot, third, fourth in zip(
        swings, swings[1:], swings[2:], swings[3:], strict=False
    ):
        way = pivot.direction
        if (third.price - first.price) * way <= 0 or (fourth.price - pivot.price) * way <= 0:
            continue
        beyond = (candles.close[pivot.bar + 1 :] - pivot.price) * way > 0
        at = int(beyond.argmax()) if len(beyond) else 0
        if len(beyond) and beyond[at]:
            yield pivot.bar + 1 + at, way, pivot.price, pivot.bar


def _blocks(candles: CandleArrays, breaks: list[tuple[int, int, float, int]]) -> Iterator[Label]:
    """The extreme candle before each break, unless it failed and recovered in the meantime."""
    for at, way, _level, pivot in breaks:
        if at <= pivot + 1:
            continue
        leg = (candles.low if way > 0 else -candles.high)[pivot + 1 : at]
        bar = pivot + 1 + int(leg.argmin())
        top, bottom = float(candles.high[bar]), float(candles.low[bar])
        far, near = (bottom, top) if way > 0 else (top, bottom)
        after = candles.close[at + 1 :] * way
        failed = after < far * way
        if failed.any() and (after[int(failed.argmax()) :] > near * way).any():
            continue
        yield Label("BLOCK", bar, way, top, bottom)
