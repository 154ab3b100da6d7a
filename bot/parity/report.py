"""The comparison as lines for the terminal, as JSON and as a page."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.parity.outcome import OneSided, Parity, SignalPair, TradePair
from bot.reports.document import Block, Heading, Table, Text, to_html
from engine.domain.position import ClosedTrade

_SHOWN = 20


def verdict(parity: Parity) -> str:
    """Return the one sentence."""
    signals = len(parity.matched) + len(parity.missed)
    if parity.missed or parity.extra:
        return (
            f"NOT EQUAL: of {signals} signals {len(parity.missed)} were missed, and "
            f"{len(parity.extra)} are extra."
        )
    if parity.exact and parity.judged_otherwise:
        scores = len(parity.matched) - parity.scores_equal
        setups = parity.setups - parity.setups_equal
        return (
            f"NOT EQUAL: all {signals} signals matched, but {scores} of their scores and "
            f"{setups} of {parity.setups} setups differ, which an exact recording rules out."
        )
    if not parity.is_equal:
        return f"NOTHING COULD BE COMPARED: {len(parity.excused)} signals, see why."
    left = f"; {len(parity.excused)} could not be compared" if parity.excused else ""
    return f"EQUAL: all {signals} signals matched, 0 missed, 0 extra{left}."


def text_lines(parity: Parity) -> Iterator[str]:
    """Yield the report for a terminal."""
    yield from _summary(parity)
    yield from _trade_lines(parity)
    for title, found in _lists(parity):
        yield from _listed(title, found)
    if parity.setup_differences:
        yield f"setups that differ (first {len(parity.setup_differences)}):"
        yield from (f"  {one}" for one in parity.setup_differences)
    yield from (f"· {note}" for note in parity.notes)
    yield verdict(parity)


def _summary(parity: Parity) -> Iterator[str]:
    kind = "the bot's own recording" if parity.exact else "plain candles"
    yield f"{moment(parity.since_ms)} – {moment(parity.until_ms)} UTC, {kind}"
    yield (
        f"signals: {len(parity.matched)} matched, {len(parity.missed)} missed, "
        f"{len(parity.extra)} extra, {len(parity.excused)} not comparable"
    )
    yield f"setups: {parity.setups_equal} of {parity.setups} with the same fate and score"
    yield f"largest score difference: {parity.largest_score_difference:.2g}"


def as_json(parity: Parity) -> bytes:
    """Return every figure."""
    content = {
        "verdict": verdict(parity),
        "equal": parity.is_equal,
        "since_ms": parity.since_ms,
        "until_ms": parity.until_ms,
        "exact": parity.exact,
        "setups": {
            "judged": parity.setups,
            "equal": parity.setups_equal,
            "differences": parity.setup_differences,
        },
        "largest_score_difference": parity.largest_score_difference,
        "median_entry_bps": parity.median_entry_bps,
        "median_r_difference": parity.median_r_difference,
        "matched": [_pair_json(one) for one in parity.matched],
        "missed": [_one_json(one) for one in parity.missed],
        "extra": [_one_json(one) for one in parity.extra],
        "not_comparable": [_one_json(one) for one in parity.excused],
        "notes": parity.notes,
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def as_html(parity: Parity) -> str:
    """Return one page that needs nothing else."""
    blocks: list[Block] = [Heading("Parity", 1), Text(verdict(parity), strong=not parity.is_equal)]
    blocks += [Text(line) for line in _summary(parity)]
    # Each trade stands in the table; here only their sums.
    blocks += [Text(line) for line in _trade_lines(parity) if not line.startswith(" ")]
    blocks.append(Heading("Matched signals"))
    blocks.append(Table(_HEAD, [_row(one) for one in parity.matched]))
    for title, found in _lists(parity):
        if found:
            rows = [(one.setup_id, moment(one.at_ms), one.why) for one in found]
            blocks += [Heading(title), Table(("setup", "at", "why"), rows)]
    if parity.setup_differences:
        rows_ = [(one,) for one in parity.setup_differences]
        blocks += [Heading("Setups that differ"), Table(("setup",), rows_)]
    blocks.append(Heading("What was assumed"))
    blocks += [Text(note) for note in parity.notes]
    return to_html("Parity", blocks)


def moment(at_ms: int) -> str:
    """Return an exchange time in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


# --- parts ---------------------------------------------------------------------------------------


def _lists(parity: Parity) -> tuple[tuple[str, Sequence[OneSided]], ...]:
    return (
        ("Missed by the replay", parity.missed),
        ("Extra in the replay", parity.extra),
        ("Not comparable", parity.excused),
    )


def _listed(title: str, found: Sequence[OneSided]) -> Iterator[str]:
    if not found:
        return
    yield f"{title}:"
    for one in found[:_SHOWN]:
        yield f"  {moment(one.at_ms)} {one.setup_id}: {one.why}"
    if len(found) > _SHOWN:
        yield f"  … {len(found) - _SHOWN} more"


def _trade_lines(parity: Parity) -> Iterator[str]:
    pairs = [one.trades for one in parity.matched]
    same_word = sum(one.live_word == one.replay_word for one in pairs)
    others = Counter(
        f"{one.live_word} / {one.replay_word}" for one in pairs if one.live_word != one.replay_word
    )
    told = ", ".join(f"{words} ×{count}" for words, count in others.most_common())
    yield f"gate: {same_word} of {len(pairs)} matched signals got the same answer" + (
        f"; the bot's / the replay's: {told}" if told else ""
    )
    ours = sum(one.live is not None and one.replay is None for one in pairs)
    theirs = sum(one.live is None and one.replay is not None for one in pairs)
    if ours or theirs:
        yield f"trades of one side only: {ours} the bot's, {theirs} the replay's"
    traded = parity.traded
    if not traded:
        yield "trades: none on both sides"
        return
    same = sum(one.same_reason for one in traded)
    entry, result = parity.median_entry_bps or 0.0, parity.median_r_difference or 0.0
    live = sum(one.live.net_r for one in traded if one.live)
    replay = sum(one.replay.net_r for one in traded if one.replay)
    yield (
        f"trades: {len(traded)} on both sides; entries {entry:+.1f} bps against the replay "
        f"(median), {same} with the same exit, results {live:+.2f} R against {replay:+.2f} R, "
        f"{result:+.3f} R each (median)"
    )
    both = [one for one in parity.matched if one.trades in traded]
    for one in both[:_SHOWN]:
        yield f"  {one.setup_id}: {_trade_words(one.trades)}"


def _trade_words(pair: TradePair) -> str:
    assert pair.live is not None
    assert pair.replay is not None
    return (
        f"entry {pair.entry_bps or 0.0:+.1f} bps, {pair.live.reason.value} "
        f"{pair.live.net_r:+.2f} R / {pair.replay.reason.value} {pair.replay.net_r:+.2f} R"
    )


_HEAD = (
    "setup",
    "at",
    "score",
    "replay",
    "gate",
    "gate of the replay",
    "entry, bps worse",
    "exit",
    "exit of the replay",
    "net R",
    "net R of the replay",
)


def _row(one: SignalPair) -> tuple[str, ...]:
    pair = one.trades
    bps = pair.entry_bps
    return (
        one.setup_id,
        moment(one.at_ms),
        f"{one.score:.4f}",
        f"{one.replay_score:.4f}",
        pair.live_word,
        pair.replay_word,
        "" if bps is None else f"{bps:+.1f}",
        pair.live.reason.value if pair.live else "",
        pair.replay.reason.value if pair.replay else "",
        f"{pair.live.net_r:+.2f}" if pair.live else "",
        f"{pair.replay.net_r:+.2f}" if pair.replay else "",
    )


def _pair_json(one: SignalPair) -> dict[str, Any]:
    pair = one.trades
    return {
        "setup_id": one.setup_id,
        "symbol": one.symbol,
        "at_ms": one.at_ms,
        "score": one.score,
        "replay_score": one.replay_score,
        "score_difference": one.score_difference,
        "gate": pair.live_word,
        "replay_gate": pair.replay_word,
        "trade": _trade_json(pair.live),
        "replay_trade": _trade_json(pair.replay),
        "entry_bps": pair.entry_bps,
        "r_difference": pair.r_difference,
    }


def _trade_json(trade: ClosedTrade | None) -> dict[str, Any] | None:
    if trade is None:
        return None
    return {
        "entry_price": float(trade.entry_price),
        "exit_price": float(trade.exit_price),
        "reason": trade.reason.value,
        "net_r": trade.net_r,
        "net": float(trade.net),
        "opened_ms": trade.opened_ms,
        "closed_ms": trade.closed_ms,
    }


def _one_json(one: OneSided) -> dict[str, Any]:
    return {"setup_id": one.setup_id, "symbol": one.symbol, "at_ms": one.at_ms, "why": one.why}
