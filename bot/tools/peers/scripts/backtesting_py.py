"""backtesting.py: given entries with stop and target, one position at a time."""

from collections.abc import Callable, Mapping
from typing import Any

FEE = 0.0005
CASH = 1_000_000.0
SHARE = 0.1
"""Of the account in one position."""


def prepare(market: list[dict[str, Any]]) -> Callable[[], Mapping[str, int]]:
    """Return the work: every symbol by itself, as the tool knows only one."""
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 - only in a peer's home
    from backtesting import Backtest, Strategy  # type: ignore[import-not-found]  # noqa: PLC0415

    def strategy(one: dict[str, Any]) -> type:
        by_bar = {int(row[0]): row[1:].tolist() for row in one["entries"]}

        class Given(Strategy):  # type: ignore[misc] # untyped library
            def init(self) -> None:
                pass

            def next(self) -> None:
                wanted = by_bar.get(len(self.data) - 1)
                if wanted is None or self.position:
                    return
                direction, stop, target = wanted
                act = self.buy if direction > 0 else self.sell
                act(size=SHARE, sl=stop, tp=target)

        return Given

    def frame(one: dict[str, Any]) -> Any:  # noqa: ANN401 - pandas is not installed here
        columns = ("open", "high", "low", "close", "volume")
        index = pd.to_datetime(one["open_ms"], unit="ms")
        return pd.DataFrame({name.title(): one[name] for name in columns}, index=index)

    tests = [
        Backtest(frame(one), strategy(one), cash=CASH, commission=FEE, finalize_trades=True)
        for one in market
    ]
    return lambda: {"trades": sum(int(test.run()["# Trades"]) for test in tests)}
