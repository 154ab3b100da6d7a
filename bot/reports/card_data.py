"""The card's section on the data: what was read, what was left out, and from which market."""

from bot.reports.card_facts import CardFacts
from bot.reports.document import Block, Heading, Table, Text
from models.dataset_rules import Counts
from models.silence import SilenceRules


def data_section(facts: CardFacts) -> list[Block]:
    """Return the section."""
    rows = [_counted("training", facts.counts)]
    if facts.test_counts is not None:
        rows.append(_counted("test", facts.test_counts))
    head = ("data", "candles", "silent minutes masked", "holes", "symbols hardly traded")
    more = ("setups", "stop too narrow", "not entered", "cut off by a hole or the end", "rows")
    files = [
        (
            *(part["name"], part["role"], part.get("market", "")),
            *(str(part["symbols"]), part["sha256"][:12]),
        )
        for part in facts.manifest.provenance.get("sources", ())
    ]
    return [
        Heading("Data"),
        Table((*head, *more), rows),
        Text(_LEFT_OUT),
        Table(("source", "role", "market", "symbols", "SHA-256"), files),
        *_markets(facts),
    ]


_SILENCE = SilenceRules()
_LEFT_OUT = (
    f"A stretch of {_SILENCE.minutes} or more minutes in which {_SILENCE.share:.0%} of a source's "
    f"symbols (of at least {_SILENCE.symbols}) are flat without volume is a hole of the record and "
    "is masked. A symbol without a trade in more than "
    f"{_SILENCE.untraded:.0%} of its minutes is left out."
)


def _markets(facts: CardFacts) -> list[Block]:
    """Say what was learnt from another market than the one that is traded."""
    said = []
    if facts.spot_share:
        said.append(
            f"{facts.spot_share:.1%} of the training rows are spot candles with futures "
            "costs: prices of the one market, fees, funding and exits of the other."
        )
    if facts.both:
        shown = ", ".join(facts.both[:5]) + (", ..." if len(facts.both) > 5 else "")
        said.append(
            f"{len(facts.both)} symbols are in spot and in futures sources ({shown}); each source "
            "is a series of its own, and where their times overlap a move counts twice."
        )
    return [Text(" ".join(said))] if said else []


def _counted(name: str, counts: Counts) -> list[str]:
    numbers = (counts.candles, counts.masked, counts.holes, counts.dropped)
    rest = (counts.setups, counts.narrow, counts.not_entered, counts.unresolved, counts.rows)
    return [name, *(f"{number:,}" for number in (*numbers, *rest))]
