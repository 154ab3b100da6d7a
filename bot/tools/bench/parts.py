"""The parts of the bench by name, in the order in which they run."""

from collections.abc import Callable, Mapping

from bot.tools.bench import (
    chat,
    codec,
    core,
    detection,
    machine,
    product,
    research,
    scoring,
    verbs,
)
from bot.tools.bench.measure import Row, Say, Size
from bot.tools.peers import compare
from engine.ports import Clock

Part = Callable[[Size, Clock, Say], list[Row]]

PARTS: Mapping[str, Part] = {
    detection.PART: detection.measure_detection,
    codec.PART: codec.measure_codec,
    scoring.PART: scoring.measure_scoring,
    core.PART: core.measure_core,
    machine.PART: machine.measure_machine,
    product.PART: product.measure_run,
    chat.PART: chat.measure_chat,
    research.PART: research.measure_research,
    verbs.PART: verbs.measure_verbs,
    compare.PART: compare.measure_peers,
}
