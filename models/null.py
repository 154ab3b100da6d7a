"""The null: random entries that share everything with a setup but the pattern.

Same symbol, same UTC day, same distances to stop and target as a share of the price, same exits
and costs; minute and direction are random. Each has its own fill, so nothing is conditioned on
what the setup saw.
"""

import numpy as np
from numpy.typing import NDArray

from engine.risk.exits import ExitPolicy
from models.labels import MINUTE_MS
from models.trade_paths import Plans

DAY_MINUTES = 1440


def random_plans(
    plans: Plans,
    opens: NDArray[np.float64],
    first_ms: int,
    exits: ExitPolicy,
    draws: int,
    chance: np.random.Generator,
) -> Plans:
    """Return `draws` random plans for each plan, those of one plan in a row.

    Args:
        plans: what to imitate.
        opens: opens of the series' minutes.
        first_ms: open time of the first of them.
        exits: the policy, for the room a plan needs before the end of the series.
        draws: random plans for each plan.
        chance: source of randomness.
    """
    start = np.repeat(plans.start, draws)
    lengths = np.repeat(plans.minutes, draws)
    offset = first_ms // MINUTE_MS % DAY_MINUTES
    midnight = (start + offset) // DAY_MINUTES * DAY_MINUTES - offset
    # The same room that a plan itself must have, or it would be unresolved.
    latest = len(opens) - 1 - exits.time_candles * lengths
    # A setup proved by the last minute of all may begin a day of which there is no minute.
    low = np.clip(midnight, 0, len(opens) - 1)
    high = np.maximum(np.minimum(midnight + DAY_MINUTES - 1, latest), low)
    at = low + (chance.random(len(start)) * (high - low + 1)).astype(np.int64)
    direction = np.where(chance.random(len(start)) < 0.5, 1, -1).astype(np.int64)
    entry = opens[at]
    stop_ratio = np.repeat(np.abs(plans.entry - plans.stop) / plans.entry, draws)
    target_ratio = np.repeat(np.abs(plans.target - plans.entry) / plans.entry, draws)
    return Plans(
        start=at,
        direction=direction,
        entry=entry,
        stop=entry * (1 - direction * stop_ratio),
        target=entry * (1 + direction * target_ratio),
        minutes=lengths,
    )
