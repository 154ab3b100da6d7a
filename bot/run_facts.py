"""What a start begins with, journalled so that its period can be replayed (`parity`)."""

from collections.abc import Callable

import orjson

from bot.settings import Settings, SettingsError
from bot.stored_state import PAPER_STATE
from engine.domain.effects import RunStarted
from engine.domain.events import StateRestored

DECIDING = frozenset(
    {
        "recipes",
        "alert_timeframes",
        "trade_timeframes",
        "signals_per_day",
        "score_threshold",
        "leverage",
        "max_positions",
        "max_total_risk_pct",
        "max_side_risk_pct",
        "cool_down_minutes",
        "max_daily_loss_pct",
        "max_drawdown_pct",
        "max_losses_in_a_row",
        "max_cost_pct_of_r",
        "max_spread_pct_of_r",
        "entry_min_volume_usdt",
        "max_slippage_bps",
        "max_price_moved_r",
        "time_exit_candles",
        "stagnation_candles",
        "paper_balance_usdt",
    }
)
"""Settings that decide about signals, sizes and exits; a test holds them to `engine_config`."""

Begun = Callable[[StateRestored, int], RunStarted]
"""Makes the record of a start from what was restored and the exchange time."""


def begun(
    settings: Settings,
    *,
    epoch: int,
    speed: float,
    scorer: str,
    symbols: int,
    allow_negative_edge: bool,
) -> Begun:
    """Return the maker of this run's record."""
    choices = orjson.dumps(settings.model_dump(mode="json", include=set(DECIDING))).decode()

    def started(restored: StateRestored, now_ms: int) -> RunStarted:
        # The paper account's whole state is large and decides nothing about signals.
        stored = {key: value for key, value in restored.settings.items() if key != PAPER_STATE}
        return RunStarted(
            epoch=epoch,
            started_ms=now_ms,
            speed=speed,
            scorer=scorer,
            symbols=symbols,
            settings=stored,
            choices=choices,
            allow_negative_edge=allow_negative_edge,
        )

    return started


def settings_of(run: RunStarted) -> Settings:
    """Return the settings a run was started with; those that decide nothing have their defaults.

    Raises:
        SettingsError: this version does not know or allow one of them.
    """
    try:
        stored = orjson.loads(run.choices)
        known = {name: value for name, value in stored.items() if name in DECIDING}
    except (orjson.JSONDecodeError, AttributeError):
        raise SettingsError(f"the settings of start {run.epoch} are unreadable") from None
    defaults = {
        name: field.get_default()
        for name, field in Settings.model_fields.items()
        if name not in known
    }
    return Settings.load(_env_file=None, **{**defaults, **known})
