"""The list of everything that was ever judged on a test set.

A test set that is looked at often is a training set. The card prints how often, and the deflated
Sharpe ratio pays for it.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from models.errors import ResearchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One judgement: which bundle on which test data, and what came of it.

    Attributes:
        test: digest of the test data.
        bundle: hash of the bundle.
        net_r: net expectancy at the threshold, None without trades.
        created: ISO time.
    """

    test: str
    bundle: str
    net_r: float | None
    created: str


def record(file: Path, evaluation: Evaluation) -> int:
    """Append an evaluation and return how many different ones its test data have seen.

    The very same bundle judged again learns nothing new and is not counted again.

    Raises:
        ResearchError: the ledger cannot be read or written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        known = file.read_bytes().splitlines() if file.exists() else []
        entries = [orjson.loads(line) for line in known if line.strip()]
        seen = {entry["bundle"] for entry in entries if entry["test"] == evaluation.test}
        if evaluation.bundle not in seen:
            with file.open("ab") as stream:
                stream.write(orjson.dumps(asdict(evaluation)) + b"\n")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResearchError(f"test ledger {file}: {error}") from error
    return len(seen | {evaluation.bundle})
