"""Timeframes as they are named on the command line."""

from engine.domain.candle import Timeframe


def parse_timeframes(text: str) -> tuple[Timeframe, ...]:
    """Return the timeframes named in a list like `1m,5m`, shortest first.

    Raises:
        ValueError: names what is unknown and what is allowed.
    """
    named = {part.strip() for part in text.split(",") if part.strip()}
    known = {timeframe.value: timeframe for timeframe in Timeframe}
    unknown = sorted(named - known.keys())
    if unknown or not named:
        raise ValueError(
            f"--timeframes is {text!r}, allowed are {', '.join(known)} separated by commas"
        )
    return tuple(timeframe for timeframe in Timeframe if timeframe.value in named)
