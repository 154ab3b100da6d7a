"""Minutes and plans by hand, for tests of what becomes of trades."""

from typing import Any

import numpy as np

from engine.risk.exits import ExitPolicy
from models.label_rules import LabelRules
from models.trade_paths import Minutes, Plans, follow

POLICY = ExitPolicy(time_candles=12, stagnation_candles=4, stagnation_r=0.25)
RULES = LabelRules(exits=POLICY)
T0 = 1_700_000_040_000


def minutes(*rows: tuple[float, float, float], flat: int = 40) -> Minutes:
    """Return minutes (open, high, low), followed by flat ones at the last open."""
    last = rows[-1][0]
    table = np.array([*rows, *[(last, last, last)] * flat], dtype=float)
    return Minutes(open=table[:, 0].copy(), high=table[:, 1].copy(), low=table[:, 2].copy())


def plans(**changes: Any) -> Plans:
    values = {"start": 0, "direction": 1, "entry": 100.0, "stop": 98.0, "target": 104.0}
    values |= {"minutes": 1} | changes
    whole = {"start", "direction", "minutes"}
    return Plans(
        **{
            name: np.array([value], dtype=np.int64 if name in whole else np.float64)
            for name, value in values.items()
        }
    )


def one(series: Minutes, plan: Plans, rules: LabelRules = RULES) -> tuple[int, int, float]:
    path = follow(series, plan, rules, compiled=False)
    return int(path.outcome[0]), int(path.end[0]), float(path.exit[0])
