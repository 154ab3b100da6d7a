"""smartmoneyconcepts: its five functions that have a counterpart in ours."""

from collections.abc import Callable, Mapping
from typing import Any

SWING = 5
"""Candles on each side of a swing; ours takes 4 before and 5 after."""


def prepare(market: list[dict[str, Any]]) -> Callable[[], Mapping[str, int]]:
    """Return the work: every function over every symbol."""
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 - only in a peer's home
    from smartmoneyconcepts import smc  # type: ignore[import-not-found]  # noqa: PLC0415

    columns = ("open", "high", "low", "close", "volume")
    frames = [pd.DataFrame({name: one[name] for name in columns}) for one in market]

    def work() -> Mapping[str, int]:
        found = {"gaps": 0, "swings": 0, "breaks": 0, "blocks": 0, "pools": 0}
        for frame in frames:
            swings = smc.swing_highs_lows(frame, swing_length=SWING)
            breaks = smc.bos_choch(frame, swings)
            found["gaps"] += int(smc.fvg(frame)["FVG"].notna().sum())
            found["swings"] += int(swings["HighLow"].notna().sum())
            found["breaks"] += int(breaks["BOS"].notna().sum() + breaks["CHOCH"].notna().sum())
            found["blocks"] += int(smc.ob(frame, swings)["OB"].notna().sum())
            found["pools"] += int(smc.liquidity(frame, swings)["Liquidity"].notna().sum())
        return found

    return work
