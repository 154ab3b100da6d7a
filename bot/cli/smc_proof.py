"""`smc --prove`: the replay of a candle file, and how a labeller with hindsight compares."""

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from engine.runtime.clock import SystemClock
from engine.smc.frame import CandleArrays, can_compile
from engine.smc.hindsight import Repainted, repainted
from engine.smc.params import DetectorParams
from engine.smc.proof import (
    MOST_STEPS,
    MOST_STEPS_COMPILED,
    Proof,
    cut,
    prefix_ends,
    prove,
)

COMPARED = 1_500
"""Newest candles on which the hindsight labeller is shown after every close."""


def prove_candles(candles: CandleArrays, params: DetectorParams, every: int | None) -> int:
    """Print the proof and return the exit code: 0 nothing was rewritten, 1 something was.

    Raises:
        ValueError: `every` is out of range.
    """
    console = Console(highlight=False)
    clock = SystemClock()
    ends = prefix_ends(len(candles), every, MOST_STEPS_COMPILED if can_compile() else MOST_STEPS)
    began = clock.monotonic()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=1.0)
        proof = prove(
            candles,
            params,
            ends,
            told=lambda done, total: progress.update(task, completed=done / total),
        )
        took_s = clock.monotonic() - began
        progress.update(task, description="the same with hindsight", completed=0.99)
        compared = _compared(candles, params)
    for line in proof_lines(proof, ends.step, took_s):
        console.print(line, soft_wrap=True)
    console.print(_table(compared, min(len(candles), COMPARED)))
    return 1 if proof.rewrites else 0


def proof_lines(proof: Proof, step: int, took_s: float) -> list[str]:
    """Return what was tried and found, in words."""
    rule = "every prefix" if step == 1 else f"every {step}th prefix (--every 1 tries all)"
    lines = [
        _counted(proof, took_s),
        _line("live detector, every close", proof.live_rewrites, "events shown otherwise"),
        _line(f"{proof.prefixes:,} prefixes, {rule}", proof.prefix_rewrites, "events rewritten"),
        _line("setups", proof.setup_rewrites, "prefixes showed others"),
    ]
    lines += [
        f"  {one.fault.value} after candle {one.end - 1}: {one.shown.kind.value} of candle "
        f"{one.shown.bar}, known at {one.shown.known_at}, {one.shown.bottom} – {one.shown.top}"
        for one in proof.examples
    ]
    verdict = "Nothing was rewritten." if not proof.rewrites else "IT REPAINTS."
    return [*lines, f"{proof.rewrites:,} rewrites. {verdict}"]


def _counted(proof: Proof, took_s: float) -> str:
    found = f"{proof.events:,} events, {proof.setups:,} setups"
    return f"{proof.candles:,} candles, {found}, {took_s:.1f} s"


def _line(what: str, rewrites: int, words: str) -> str:
    return f"{'✗' if rewrites else '✓'} {what}: {rewrites:,} {words}"


def _compared(candles: CandleArrays, params: DetectorParams) -> tuple[Repainted, ...]:
    """Show the newest candles to the hindsight labeller after every close."""
    first = max(0, len(candles) - COMPARED)
    newest = CandleArrays(
        open=candles.open[first:],
        high=candles.high[first:],
        low=candles.low[first:],
        close=candles.close[first:],
        quote_volume=candles.quote_volume[first:],
    )
    ends = range(params.left + params.right + 1, len(newest))
    return repainted(newest, ends, cut, params.left, params.right)


def _table(compared: tuple[Repainted, ...], candles: int) -> Table:
    table = Table(
        title=f"For comparison: a labeller with hindsight, at each of the last {candles:,} closes",
        title_justify="left",
    )
    table.add_column("label")
    for name in ("shown live", "withdrawn later", "share", "closes late (median)"):
        table.add_column(name, justify="right")
    for one in compared:
        table.add_row(
            one.kind,
            f"{one.shown:,}",
            f"{one.withdrawn:,}",
            f"{one.share:.1%}",
            f"{one.closes_late:g}",
        )
    return table
