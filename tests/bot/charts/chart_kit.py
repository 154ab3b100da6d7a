"""Something worth drawing."""

import math
from typing import Any

from bot.desk import ChartData
from engine.domain.setup import Direction, Evidence, EvidenceKind
from tests.bot.fake_desk import chart_data, position
from tests.builders import MINUTE, START_MS, candle

PNG = b"\x89PNG\r\n\x1a\n"


def evidence(kind: EvidenceKind, index: int = 60, **fields: Any) -> Evidence:
    values: dict[str, Any] = {"direction": Direction.LONG, "top": 101.0, "bottom": 100.5}
    return Evidence(kind=kind, open_time_ms=START_MS + index * MINUTE, **(values | fields))


def busy_chart(**fields: Any) -> ChartData:
    """Return a wave with every kind of finding and a plan."""
    candles = tuple(
        candle(
            100 + 3 * math.sin(i / 9),
            open_time_ms=START_MS + i * MINUTE,
            open=100 + 3 * math.sin((i - 1) / 9),
        )
        for i in range(90)
    )
    values: dict[str, Any] = {
        "candles": candles,
        "evidence": tuple(
            evidence(kind, 40 + i, direction=d)
            for i, kind in enumerate(EvidenceKind)
            for d in Direction
        ),
        "direction": Direction.LONG,
        "entry": 99.0,
        "stop": 97.5,
        "target": 102.0,
        "zone": (98.5, 99.0),
        "position": position(),
    }
    return chart_data(**(values | fields))


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height from a PNG's header."""
    assert picture.startswith(PNG)
    return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")
