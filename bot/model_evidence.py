"""How the model fares here: what it promised beside what came, its inputs beside the training's."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.desk_model import Calibrated, Drift, ModelEvidence, Rivalry, Traded
from engine.domain.order import Book
from engine.ports import Clock, Scorer
from models.drift import DriftCounter
from models.live_calibration import (
    LEAST_OUTCOMES,
    Calibration,
    Comparison,
    card_bins,
)
from models.manifest import Manifest
from models.scorer import LightGBMScorer
from storage.model_queries import Ended, ModelQueries, Predicted

DAYS, DRIFT_DAYS = 14, 7
_DAY_MS = 86_400_000


class EvidenceReader:
    """Reads the journal in pages and counts; no page takes more than some milliseconds.

    Args:
        queries: the journal.
        clock: exchange time.
        scorer: the one in use.
        challenger: the one beside it, None without one.
        books: whose closed trades count.
    """

    def __init__(
        self,
        queries: ModelQueries,
        clock: Clock,
        scorer: Callable[[], Scorer],
        challenger: Callable[[], Scorer | None],
        books: Sequence[Book],
    ) -> None:
        self._queries = queries
        self._clock = clock
        self._scorer = scorer
        self._challenger = challenger
        self._books = tuple(books)

    async def read(self) -> ModelEvidence:
        """Return what the journal knows of the last days, of the model in use only.

        Raises:
            JournalError: the journal cannot be read.
        """
        scorer = self._scorer()
        now_ms = self._clock.exchange_ms()
        since_ms = now_ms - DAYS * _DAY_MS
        scored = await self._queries.scored(scorer.name, since_ms)
        ended = await self._queries.ended(scorer.name, since_ms)
        bare = _bare(scorer.name, scored, ended)
        if not isinstance(scorer, LightGBMScorer):
            return bare
        manifest = scorer.bundle.manifest
        calibrated, rivalry = await self._outcomes(scorer, since_ms)
        drift = await self._drift(scorer, now_ms - DRIFT_DAYS * _DAY_MS)
        return replace(
            bare,
            calibrated=calibrated,
            traded=await self._traded(scorer.name, since_ms),
            card_brier=card_brier(manifest),
            drift=drift,
            drift_note=_drift_note(manifest, drift),
            rivalry=rivalry,
        )

    async def _outcomes(
        self, scorer: LightGBMScorer, since_ms: int
    ) -> tuple[Calibrated, Rivalry | None]:
        manifest = scorer.bundle.manifest
        challenger = self._challenger()
        name = "" if challenger is None else challenger.name
        wide = (manifest.knots_y[0], manifest.knots_y[-1])
        counter, both = Calibration(card_bins(card_report(manifest)), wide), Comparison()
        async for one in self._queries.followed(scorer.name, since_ms, name):
            counter.add(one.probability, won=one.won)
            if one.other is not None:
                both.add(one.probability, one.other, won=one.won)
        if challenger is None:
            return _calibrated(counter), None
        return _calibrated(counter), _rivalry(
            name, await self._queries.scored(name, since_ms), both
        )

    async def _traded(self, scorer: str, since_ms: int) -> tuple[Traded, ...]:
        rows = [
            _summed(book, await self._queries.traded(scorer, book, since_ms))
            for book in self._books
        ]
        return tuple(row for row in rows if row.count)

    async def _drift(self, scorer: LightGBMScorer, since_ms: int) -> tuple[Drift, ...]:
        counter = DriftCounter(scorer.bundle.manifest.histograms)
        if not scorer.bundle.manifest.histograms:
            return ()
        async for timeframe, features in self._queries.features(scorer.name, since_ms):
            counter.add(timeframe, features)
        return counter.drifts()


def card_report(manifest: Manifest) -> dict[str, object]:
    """Return the validation report the card is judged by: the test's, else the folds'."""
    for name in ("test", "out_of_fold"):
        report = manifest.metrics.get(name)
        if isinstance(report, dict):
            return report
    return {}


def card_brier(manifest: Manifest) -> float | None:
    """Return the Brier score on the card, None where it holds none."""
    probability = card_report(manifest).get("probability")
    found = probability.get("brier") if isinstance(probability, dict) else None
    return float(found) if isinstance(found, int | float) else None


def _bare(scorer: str, scored: int, ended: Ended) -> ModelEvidence:
    """What there is to say of any scorer."""
    return ModelEvidence(
        scorer=scorer,
        days=DAYS,
        drift_days=DRIFT_DAYS,
        scored=scored,
        ended=ended.count,
        paid=ended.wins,
        net_r=ended.net_r,
        calibrated=None,
        traded=(),
        card_brier=None,
        drift=(),
        drift_note="",
        rivalry=None,
    )


def _calibrated(counter: Calibration) -> Calibrated:
    return Calibrated(
        count=counter.count,
        wins=counter.wins,
        expected=counter.expected_wins,
        surprise=counter.surprise,
        brier=counter.brier,
        brier_base_rate=counter.brier_base_rate,
        buckets=counter.buckets(),
        enough=counter.count >= LEAST_OUTCOMES,
    )


def _rivalry(challenger: str, scored: int, both: Comparison) -> Rivalry:
    briers, interval = both.briers, both.interval
    return Rivalry(
        challenger=challenger,
        scored=scored,
        count=both.count,
        brier=briers[0] if briers else None,
        brier_challenger=briers[1] if briers else None,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        enough=both.count >= LEAST_OUTCOMES,
    )


def _summed(book: Book, trades: Sequence[Predicted]) -> Traded:
    return Traded(
        book=book,
        count=len(trades),
        wins=sum(one.won for one in trades),
        expected=sum(one.probability for one in trades),
    )


def _drift_note(manifest: Manifest, drift: Sequence[Drift]) -> str:
    if not manifest.histograms:
        return "the bundle holds no histograms of its training: train it anew to see drift"
    return "" if drift else "it has not scored a setup yet"
