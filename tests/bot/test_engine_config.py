from decimal import Decimal

from bot.engine_config import engine_config, risk_limits
from bot.settings import Settings
from engine.domain.candle import Timeframe
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.risk.limits import RiskLimits
from engine.risk.threshold import ThresholdSeed


def config(**values):
    return engine_config(
        Settings.load(_env_file=None, **values),
        books=(Book.PAPER,),
        epoch=3,
        speed=20.0,
        mode=None,
        allow_negative_edge=False,
        scorer="heuristic",
        seed=ThresholdSeed(),
    )


def test_config_when_settings_are_default_keeps_the_designed_limits():
    assert config().limits == RiskLimits()


def test_config_when_nothing_is_asked_starts_in_signals_mode():
    made = config()

    assert (made.mode, made.epoch, made.speed) == (Mode.SIGNALS, 3, 20.0)
    assert made.timeframes == (Timeframe.M1,)


def test_limits_when_written_in_percent_become_ratios_exactly():
    limits = risk_limits(
        Settings.load(
            _env_file=None, max_slippage_bps=7, max_daily_loss_pct=2.5, cool_down_minutes=1
        )
    )

    assert limits.max_slippage_ratio == Decimal("0.0007")
    assert limits.daily_loss_ratio == Decimal("0.025")
    assert limits.cool_down_ms == 60_000


def test_detectors_when_made_share_buffers_but_not_state():
    made = config(trade_timeframes="5m")
    first = made.detector("AUSDT", Timeframe.M1, 0.1)
    second = made.detector("BUSDT", Timeframe.M5, 0.1)

    first.step(0, 1.0, 2.0, 0.5, 1.5, 1.0, 1.0)

    assert (first.candles, second.candles) == (1, 0)
    assert made.timeframes == (Timeframe.M1, Timeframe.M5)


def test_evidence_when_a_chart_asks_comes_from_the_detector():
    made = config()
    detector = made.detector("AUSDT", Timeframe.M1, 0.1)
    for minute in range(60):
        price = 100 + (minute % 20 if minute % 40 < 20 else 20 - minute % 20)
        detector.step(minute * 60_000, price, price + 1, price - 1, price + 0.5, 1.0, 1.0)

    assert made.evidence(detector)
    assert made.evidence(object()) == ()
