import pytest

from bot.cli.timeframes import parse_timeframes
from engine.domain.candle import Timeframe


def test_timeframes_when_listed_come_shortest_first_and_once() -> None:
    assert parse_timeframes("15m, 1m,15m") == (Timeframe.M1, Timeframe.M15)


@pytest.mark.parametrize("text", ["", ",", "2m", "1m,1d"])
def test_timeframes_when_unknown_name_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="allowed are 1m, 5m, 15m, 1h"):
        parse_timeframes(text)
