"""What scored setups have become, told by the labels' own rules: evidence without a trade.

Only few setups are traded, and only the best. Following all of them by the rules the model was
trained on says whether its probabilities hold, in every mode, with numbers that mean something.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from engine.domain.candle import Candle, Timeframe
from engine.domain.effects import SetupFollowed
from engine.domain.setup import Setup
from models.label_rules import LabelRules
from models.labels import MINUTE_MS, results
from models.trade_paths import EXITS, NOT_ENTERED, UNRESOLVED, Minutes, Plans, follow

NOT_ENTERED_WORD = "not_entered"
NOT_SEEN = "not_seen"
"""Candles of the setup's life are missing: nothing will ever be known of it."""


def life_ms(timeframe: Timeframe, rules: LabelRules) -> int:
    """Return how long after its proof the outcome of a setup is known."""
    return rules.exits.time_candles * timeframe.ms + 2 * MINUTE_MS


def follow_up(
    setups: Iterable[Setup], minutes: Sequence[Candle], rules: LabelRules, now_ms: int
) -> tuple[SetupFollowed, ...]:
    """Return what became of setups of one symbol, those whose life is not over left out.

    Args:
        setups: proved by candles of this symbol.
        minutes: its closed minutes without a gap, oldest first; none if it is scanned no more.
        rules: exits, costs and entry rule; funding is not counted.
        now_ms: exchange time.
    """
    over = [one for one in setups if one.proved_at_ms + life_ms(one.timeframe, rules) <= now_ms]
    first_ms = minutes[0].open_time_ms if minutes else now_ms
    unseen = [_without(one, NOT_SEEN) for one in over if one.proved_at_ms < first_ms]
    seen = [one for one in over if one.proved_at_ms >= first_ms]
    return (*unseen, *(_followed(seen, minutes, rules) if seen else ()))


def _followed(
    setups: Sequence[Setup], minutes: Sequence[Candle], rules: LabelRules
) -> list[SetupFollowed]:
    first_ms = minutes[0].open_time_ms
    series = Minutes(
        open=np.array([candle.open for candle in minutes]),
        high=np.array([candle.high for candle in minutes]),
        low=np.array([candle.low for candle in minutes]),
    )
    plans = _plans(setups, first_ms)
    paths = follow(series, plans, rules)
    earned = results(plans, paths, rules, first_open_ms=first_ms)
    told = []
    for row, setup in enumerate(setups):
        code = int(paths.outcome[row])
        if code == UNRESOLVED:
            continue
        if code == NOT_ENTERED:
            told.append(_without(setup, NOT_ENTERED_WORD))
            continue
        told.append(
            SetupFollowed(
                setup_id=setup.setup_id,
                known_at_ms=int(earned.known_at_ms[row]),
                reason=EXITS[code].value,
                gross_r=float(earned.gross_r[row]),
                net_r=float(earned.net_r[row]),
            )
        )
    return told


def _without(setup: Setup, reason: str) -> SetupFollowed:
    known_at_ms = setup.proved_at_ms + MINUTE_MS
    return SetupFollowed(
        setup_id=setup.setup_id, known_at_ms=known_at_ms, reason=reason, gross_r=None, net_r=None
    )


def _plans(setups: Sequence[Setup], first_ms: int) -> Plans:
    return Plans(
        start=np.array([(one.proved_at_ms - first_ms) // MINUTE_MS for one in setups], np.int64),
        direction=np.array([int(one.direction) for one in setups], np.int64),
        entry=np.array([one.entry for one in setups]),
        stop=np.array([one.stop for one in setups]),
        target=np.array([one.target for one in setups]),
        minutes=np.array([one.timeframe.ms // MINUTE_MS for one in setups], np.int64),
    )
