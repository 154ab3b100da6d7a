"""Lines up the journal's signals with the replay's. Pure."""

from collections.abc import Callable, Iterable, Sequence

from bot.parity.outcome import OneSided, Parity, SignalPair, TradePair
from bot.parity.taken import Replayed
from engine.domain.signal import RiskApproved, Verdict
from storage.queries import StoredSetup, StoredVerdict

_MOST_DIFFERENCES = 20
UNSEEN_FATES = frozenset({"stale", "blind", "gone"})
"""The bot did not see the candle in time: candles without arrival times cannot repeat that."""
Excuse = Callable[[StoredSetup], str]
"""Returns why a setup of the journal cannot be compared, "" if it can."""


def compare(
    journal: Sequence[StoredSetup],
    replay: Replayed,
    *,
    since_ms: int,
    until_ms: int,
    exact: bool,
    excuse: Excuse,
    notes: Iterable[str],
    starting: Callable[[int], bool] = lambda _at_ms: False,
) -> Parity:
    """Return what matches and what does not.

    Args:
        journal: setups the bot judged in the period, signals among them.
        replay: what the replay recorded.
        since_ms: signals of before are not compared.
        until_ms: nor those from here on.
        exact: a recording was replayed: lateness and blindness are repeated and excuse nothing.
        excuse: says why a setup of the journal cannot be compared.
        notes: what was assumed.
        starting: whether the bot had only just started at a moment, and may not have seen yet.
    """
    known = {one.setup.setup_id: one for one in journal}
    matched: list[SignalPair] = []
    missed: list[OneSided] = []
    extra: list[OneSided] = []
    excused: list[OneSided] = []
    for one in journal:
        if one.threshold is None:
            continue
        key = one.setup.setup_id
        why = excuse(one)
        if why:
            excused.append(_one_sided(one, why))
        elif key in replay.signals:
            matched.append(_pair(one, replay))
        else:
            missed.append(_one_sided(one, f"replay: {_fate_in(replay, key)}"))
    for key, at_ms in replay.signals.items():
        if not since_ms <= at_ms < until_ms:
            continue
        theirs = known.get(key)
        if theirs is not None and theirs.threshold is not None:
            continue
        symbol = key.partition("-")[0]
        fate = "not in the journal" if theirs is None else f"journal: {theirs.fate}"
        if theirs is None:
            unseen = starting(at_ms)
            fate += ", the bot had only just started" if unseen else ""
        else:
            unseen = bool(excuse(theirs)) or (not exact and theirs.fate in UNSEEN_FATES)
        found = OneSided(setup_id=key, symbol=symbol, at_ms=at_ms, why=fate)
        (excused if unseen else extra).append(found)
    judged, equal, differences = _setups(journal, replay, excuse)
    return Parity(
        since_ms=since_ms,
        until_ms=until_ms,
        exact=exact,
        matched=tuple(matched),
        missed=tuple(missed),
        extra=tuple(extra),
        excused=tuple(excused),
        setups=judged,
        setups_equal=equal,
        setup_differences=tuple(differences[:_MOST_DIFFERENCES]),
        notes=tuple(notes),
    )


def _one_sided(one: StoredSetup, why: str) -> OneSided:
    setup = one.setup
    return OneSided(setup_id=setup.setup_id, symbol=setup.symbol, at_ms=one.at_ms, why=why)


def _fate_in(replay: Replayed, key: str) -> str:
    found = replay.setups.get(key)
    return "no such setup" if found is None else found.fate


def _pair(one: StoredSetup, replay: Replayed) -> SignalPair:
    setup, key = one.setup, one.setup.setup_id
    theirs = replay.setups[key].score
    return SignalPair(
        setup_id=key,
        symbol=setup.symbol,
        at_ms=one.at_ms,
        score=one.score.value if one.score else float("nan"),
        replay_score=theirs.value if theirs else float("nan"),
        trades=TradePair(
            live=one.closed[0] if one.closed else None,
            replay=replay.closed.get(key),
            live_word=_stored_word(one.verdicts),
            replay_word=_verdict_word(replay.verdicts.get(key)),
        ),
    )


def _stored_word(verdicts: Sequence[StoredVerdict]) -> str:
    if any(said.approved for said in verdicts):
        return "approved"
    rule = verdicts[-1].rule if verdicts else None
    return rule.value if rule is not None else "not judged"


def _verdict_word(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not judged"
    return "approved" if isinstance(verdict, RiskApproved) else verdict.rule.value


def _setups(
    journal: Sequence[StoredSetup], replay: Replayed, excuse: Excuse
) -> tuple[int, int, list[str]]:
    """Return how many setups both judged, how many agree, and how the others differ."""
    judged, equal = 0, 0
    differences: list[str] = []
    for one in journal:
        theirs = replay.setups.get(one.setup.setup_id)
        if excuse(one):
            continue
        if theirs is None:
            differences.append(f"{one.setup.setup_id}: journal {one.fate}, replay has none")
            continue
        judged += 1
        ours = None if one.score is None else one.score.value
        score = None if theirs.score is None else theirs.score.value
        if (one.fate, ours) == (theirs.fate, score):
            equal += 1
        else:
            differences.append(
                f"{one.setup.setup_id}: journal {one.fate} {_number(ours)}, "
                f"replay {theirs.fate} {_number(score)}"
            )
    return judged, equal, differences


def _number(score: float | None) -> str:
    return "unscored" if score is None else f"{score:.6f}"
