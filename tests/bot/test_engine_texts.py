import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine_texts import recognised, said
from bot.language import speaking
from bot.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    *sorted((ROOT / "engine/core").glob("*.py")),
    *sorted((ROOT / "engine/risk").glob("*.py")),
    *(ROOT / "engine" / name for name in ("scanner/universe.py", "runtime/loop.py")),
    *(ROOT / "bot" / f"{name}.py" for name in ("guards", "vitals", "preflight", "recording")),
    *(
        ROOT / "bot" / f"{name}.py"
        for name in ("model_life", "scorer_choice", "machine", "heartbeat")
    ),
]
TWO_WORDS = re.compile(r"[^\W\d_]{2},? [^\W\d_]{2}")
NOT_SHOWN = {
    # why the venue is asked for a snapshot: for its log only
    "nothing to reduce",
    "exit unanswered",
    "entry not settled",
    "entry id used before",
    "an unexpected position",
    "an unexpected execution",
    "an unexpected order",
    "position pushed without fills",
    "another's position beside our legs",
    "position differs from our fills",
    "moved while the snapshot was taken",
    "closed while the snapshot was taken",
    "the universe is not known yet",
    "legs of 7 are uncertain",
    "user stream is back",
    # a programmer's errors, which nobody sees in the chat
    "needs at least one candle",
    "no candle yet",
    "is not between",
    "a sized proposal needs",
    "prices must be finite",
    "negative cost",
    # names
    "key check",
    "paper events",
    # pieces whose sentences are tested whole below
    "Panic: paused, switched to signals",
    ", nothing was open",
    ", cancelling entries in",
    "symbols have",
    "1 symbol has",
    "the exchange",
    "the paper exchange",
    "since the start of the UTC day",
    "below the high-water mark",
    "unfinished trades recovered",
    "Started in 7 mode",
    "rolled back",
    "equity 7 USDT is 7 7 (7)",
    "stop 7 rests at 7",
    "data again",
    "no data (7)",
    "7 of 7",
    "The scorer was 7 and is 7 now",
    "7; the threshold starts anew",
    "the API key may 7",
    "transfer to other accounts",
}


def sample_of(node: ast.AST) -> str:
    """A text as it could be told: every value is a 7, every book the paper one."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            is_book = re.search(r"book\b|wanted", ast.unparse(part)) is not None
            parts.append("paper" if is_book else "7")
    return "".join(parts)


def texts(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            hidden |= {id(inner) for inner in ast.walk(node) if inner is not node}
    for node in ast.walk(tree):
        if id(node) in hidden or not isinstance(node, ast.JoinedStr | ast.Constant):
            continue
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            continue
        if TWO_WORDS.search(sample_of(node)):
            yield sample_of(node).strip(". ")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_text_of_the_engine_when_told_is_known_to_the_catalogue(path: Path):
    """A new sentence needs a pattern in `bot/engine_texts.py` (or a line in NOT_SHOWN)."""
    told = [text for text in texts(path) if not any(piece in text for piece in NOT_SHOWN)]
    unknown = [text for text in told if recognised(text) is None and recognised(f"{text}.") is None]

    assert unknown == []


def told_by_the_program() -> Iterator[tuple[str, str]]:
    """Texts of alarms and of the bot's own life, wherever they are told."""
    for path in sorted((ROOT / "bot").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in {"life", "alarm", "tell"}:
                literals = [a for a in node.args if isinstance(a, ast.JoinedStr | ast.Constant)]
                samples = [sample_of(one) for one in literals]
                yield from ((path.name, one) for one in samples if TWO_WORDS.search(one))


def test_text_of_the_program_when_told_is_known_to_the_catalogue():
    told = list(told_by_the_program())

    assert [text for _name, text in told if recognised(text) is None] == []
    assert len(told) >= 3


@pytest.mark.parametrize("sentence", SENTENCES)
def test_pattern_when_filled_in_is_recognised_as_itself(sentence: str):
    values = dict.fromkeys(re.findall(r"\{(\w+)\}", sentence), "7")
    if "book" in values:
        values["book"] = "live"
    found = recognised(sentence.format(**values))

    assert found is not None
    assert found[0].format(**found[1]) == sentence.format(**values)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("No open positions.", "Keine offenen Positionen."),
        ("BTCUSDT is heard again.", "BTCUSDT ist nicht mehr stumm."),
        (
            "Paused: operator. No new entries; open positions stay managed.",
            "Pausiert: Operator. Keine neuen Einstiege; offene Positionen werden weiter betreut.",
        ),
        (
            "Paused: Too hot. I am away. No new entries; open positions stay managed.",
            (
                "Pausiert: Too hot. I am away. Keine neuen Einstiege; "
                "offene Positionen werden weiter betreut."
            ),
        ),
        (
            (
                "Mode signals → live. The first entry is at the symbol's minimum until its stop is "
                "confirmed. Open positions stay where they are: AUSDT (paper), BUSDT (live)."
            ),
            (
                "Modus signals → live. Der erste Einstieg hat die kleinste Größe des Symbols, bis "
                "sein Stop bestätigt ist. Offene Positionen bleiben, wo sie sind: AUSDT (paper), "
                "BUSDT (live)."
            ),
        ),
        (
            (
                "Panic: paused, switched to signals, closing AUSDT (live), cancelling entries in "
                "BUSDT. Not ours and left alone: CUSDT."
            ),
            (
                "Panik: pausiert, Modus signals, geschlossen wird: AUSDT (live); Einstiege werden "
                "gestrichen: BUSDT. Nicht unsere, bleibt unberührt: CUSDT."
            ),
        ),
        (
            "Refused (cost): cost is 31% of R, at most 20%.",
            "Abgelehnt (Kosten): Kosten 31% von R, höchstens 20%.",
        ),
        (
            "Refused (cool_down): cooling down for 12 more min.",
            "Abgelehnt (Sperrzeit): noch 12 min.",
        ),
        ("paused: panic", "pausiert: Panik"),
        (
            "paused: paper: 6 losses in a row",
            "pausiert: paper: 6 Verluste in Folge",
        ),
        (
            (
                "paper book: equity 9,400.00 USDT is 6.0% below the high-water mark (10000.00); "
                "limit 5.0%; no new entries until /resetbreakers"
            ),
            (
                "paper-Konto: Kapital 9,400.00 USDT, 6.0% unter dem Höchststand (10000.00); "
                "Grenze 5.0%; keine neuen Einstiege bis /resetbreakers"
            ),
        ),
        (
            (
                "live book: the exchange refuses the API key, its permissions or this address "
                "(-2015 Invalid API-key, IP, or permissions for action.); no entries, nothing can "
                "be protected"
            ),
            (
                "live-Konto: die Börse lehnt den API-Schlüssel, seine Rechte oder diese Adresse ab "
                "(-2015 Invalid API-key, IP, or permissions for action.); keine Einstiege, nichts "
                "kann geschützt werden"
            ),
        ),
        (
            "12 symbols have no data (no frame for 15 s): AUSDT, BUSDT ...",
            "12 Symbole ohne Daten (seit 15 s keine Nachricht): AUSDT, BUSDT ...",
        ),
        (
            "BTCUSDT: no stop confirmed within 7 s; closing at market",
            "BTCUSDT: kein Stop innerhalb von 7 s bestätigt; wird am Markt geschlossen",
        ),
        ("stop 65000.5 rests at the exchange", "Stop 65000.5 liegt an der Börse"),
        ("stop triggered but not filled", "Stop ausgelöst, aber nicht ausgeführt"),
        ("cool_down", "Sperrzeit"),
        (
            "The scorer was not noted and is heuristic now; the threshold starts anew.",
            "Der Scorer war nicht vermerkt und ist jetzt heuristic; die Schwelle beginnt neu.",
        ),
        (
            "net expectancy -0.041 R [-0.080, -0.002] is not above random entries (-0.038 R)",
            (
                "Netto-Erwartung -0.041 R [-0.080, -0.002] liegt nicht über zufälligen Einstiegen "
                "(-0.038 R)"
            ),
        ),
        ("what nobody has foreseen: 5 (five)", "what nobody has foreseen: 5 (five)"),
        ("", ""),
    ],
)
def test_text_when_german_is_spoken_is_german(english: str, german: str):
    assert said(english) == english
    with speaking("de"):
        assert said(english) == german


def test_text_when_longer_than_any_sentence_is_left_as_it_is():
    text = f"Nothing was changed: {'1 % of ' * 600}."
    with speaking("de"):
        assert said(text) == text


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_text_when_nobody_knows_it_is_said_all_the_same(text: str):
    with speaking("de"):
        assert bool(said(text)) == bool(text)


@given(st.text(max_size=80))
def test_pause_when_its_reason_is_anything_keeps_the_reason(reason: str):
    text = f"Paused: {reason or 'operator'}. No new entries; open positions stay managed."
    with speaking("de"):
        told = said(text)

    assert told.endswith("Keine neuen Einstiege; offene Positionen werden weiter betreut.")
