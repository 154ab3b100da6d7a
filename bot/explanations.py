"""Why a setup was scored, sized and judged as it was: from the journal, the scorer, the limits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bot.desk_why import (
    AskWhy,
    Contributions,
    Explanation,
    FeaturePart,
    GateLine,
    GateState,
    Judgement,
    KellyFigures,
    UnknownSetup,
)
from bot.language import _
from engine.domain.order import Book
from engine.domain.setup import Setup
from engine.domain.signal import Mode, Policy, Rule, Score
from engine.ports import Scorer
from engine.risk.gate import RULES
from engine.risk.limits import RiskLimits
from engine.risk.sizing import NotSized, kelly_fraction, risk_share
from models.explain import Explanation as Told
from models.explain import explain, explain_heuristic
from models.heuristic import HEURISTIC
from models.schema import SMC12_V1, schema_of_width
from models.scorer import LightGBMScorer
from storage.queries import StoredSetup, StoredVerdict

_LOOK_BACK = 200
"""Signals looked through for the newest one of a symbol."""

_SHOWN = 60
_PAPER = Policy(mode=Mode.PAPER, entry_book=Book.PAPER, edge_required=False)
_LIVE = Policy(mode=Mode.LIVE, entry_book=Book.LIVE, edge_required=True)


class SetupReader(Protocol):
    """What is read of the journal, `storage.queries.Queries`."""

    async def setup(self, setup_id: str) -> StoredSetup | None:
        """Return one setup with everything said of it."""
        ...

    async def signals(self, limit: int) -> tuple[StoredSetup, ...]:
        """Return the newest signals."""
        ...


class Explainer:
    """Answers `AskWhy`."""

    def __init__(
        self, queries: SetupReader, scorer: Callable[[], Scorer], limits: RiskLimits
    ) -> None:
        """Args: queries: the journal; scorer: the one in use now; limits: of the gate and sizes."""
        self._queries = queries
        self._scorer = scorer
        self._limits = limits

    async def why(
        self, question: AskWhy, *, max_risk_ratio: float, running: frozenset[str]
    ) -> Explanation:
        """Return what is known of one setup.

        Args:
            question: which one.
            max_risk_ratio: the operator's maximum risk per trade now.
            running: setups whose trade is open.

        Raises:
            UnknownSetup: the journal has no such setup or signal.
            JournalError: it cannot be read.
        """
        stored = await self._find(question.wanted)
        setup, score, limits = stored.setup, stored.score, self._limits
        return Explanation(
            setup=setup,
            score=score,
            fate=stored.fate,
            at_ms=stored.at_ms,
            threshold=stored.threshold,
            cost=stored.cost,
            contributions=contributions(setup, score, self._scorer()),
            kelly=kelly(score, limits, max_risk_ratio) if score else None,
            judgements=tuple(_judgement(stored, said, limits) for said in stored.verdicts),
            closed=stored.closed,
            running=setup.setup_id in running,
        )

    async def _find(self, wanted: str) -> StoredSetup:
        stored = await self._queries.setup(wanted) if wanted else None
        if stored is not None:
            return stored
        signals = await self._queries.signals(_LOOK_BACK)
        for signal in signals:
            if not wanted or signal.setup.symbol == wanted:
                return signal
        if not wanted:
            raise UnknownSetup(_("No signals yet, so there is nothing to explain."))
        if "-" in wanted:
            raise UnknownSetup(
                _("The journal has no setup {id}; /signals lists the last.", id=wanted[:_SHOWN])
            )
        raise UnknownSetup(
            _(
                "No signal of {symbol} among the last {count}; /signals lists.",
                symbol=wanted[:_SHOWN],
                count=_LOOK_BACK,
            )
        )


def contributions(setup: Setup, score: Score | None, scorer: Scorer) -> Contributions:
    """Return the inputs with what each added, as far as the scorer of then can be asked now."""
    if score is None:
        return _untold(setup, (), _("It was not scored."))
    if score.scorer == HEURISTIC:
        return _told(explain_heuristic(setup))
    if isinstance(scorer, LightGBMScorer) and scorer.name == score.scorer:
        return _told(explain(scorer, setup))
    note = _(
        "Scored by {scorer}, which is not loaded now: values without contributions.",
        scorer=score.scorer,
    )
    return _untold(setup, score.features, note)


def _told(told: Told) -> Contributions:
    parts = tuple(FeaturePart(one.name, one.value, one.log_odds) for one in told.contributions)
    return Contributions(parts=parts, base=told.base, note="")


def _untold(setup: Setup, values: tuple[float, ...], note: str) -> Contributions:
    schema = schema_of_width(len(values))
    if schema is None:
        schema = SMC12_V1
        values = tuple(part.value for part in explain_heuristic(setup).contributions)
    named = zip(schema.names, values, strict=True)
    parts = tuple(FeaturePart(name, value, None) for name, value in named)
    return Contributions(parts=parts, base=None, note=note)


def kelly(score: Score, limits: RiskLimits, max_risk_ratio: float) -> KellyFigures:
    """Return the arithmetic from probability to risk."""
    p, b = score.probability, score.payoff_ratio
    paper = risk_share(score, _PAPER, limits, max_risk_ratio)
    live = risk_share(score, _LIVE, limits, max_risk_ratio)
    return KellyFigures(
        probability=p,
        payoff_ratio=b,
        fraction=None if p is None or b is None else kelly_fraction(p, b),
        share=limits.kelly_share,
        floor_ratio=min(limits.floor_risk_ratio, max_risk_ratio),
        max_ratio=max_risk_ratio,
        paper_ratio=0.0 if isinstance(paper, NotSized) else paper.ratio,
        at_floor=not isinstance(paper, NotSized) and paper.at_floor,
        live_refusal=live.detail if isinstance(live, NotSized) else "",
    )


def _judgement(stored: StoredSetup, said: StoredVerdict, limits: RiskLimits) -> Judgement:
    numbers = _numbers(stored, said, limits)
    return Judgement(
        at_ms=said.at_ms,
        approved=said.approved,
        gates=tuple(_gate(rule, said, numbers) for rule in RULES),
        size=_size(said),
    )


def _gate(rule: Rule, said: StoredVerdict, numbers: dict[Rule, str]) -> GateLine:
    figures = tuple(figure for figure in said.figures if figure.rule is rule)
    return replace(_state(rule, said, numbers), figures=figures)


def _state(rule: Rule, said: StoredVerdict, numbers: dict[Rule, str]) -> GateLine:
    """The first refusal ends the judging, so what stands before it passed."""
    if said.approved or said.rule is None:
        state = GateState.PASSED if said.approved else GateState.NOT_REACHED
        return GateLine(rule, state, numbers.get(rule, "") if said.approved else "")
    if rule is said.rule:
        return GateLine(rule, GateState.REFUSED, said.detail)
    # A size may be impossible before anybody asked for the edge.
    unknown = rule is Rule.EDGE and said.rule is Rule.SIZE
    if unknown or RULES.index(rule) > RULES.index(said.rule):
        return GateLine(rule, GateState.NOT_REACHED)
    return GateLine(rule, GateState.PASSED, numbers.get(rule, ""))


def _numbers(stored: StoredSetup, said: StoredVerdict, limits: RiskLimits) -> dict[Rule, str]:
    """Return in words what the journal keeps beside the figures, or instead of them."""
    if said.figures:
        floor = _("no proven edge: evidence trade at the floor")
        return {Rule.EDGE: floor if said.at_floor else "", Rule.SIZE: _size(said)}
    age_s = (said.at_ms - stored.setup.proved_at_ms) / 1000
    numbers = {Rule.STALE: _("judged {age} s after the close that proves it", age=f"{age_s:.1f}")}
    if stored.cost is not None:
        share = stored.cost.spread_ratio * stored.setup.entry / stored.setup.risk
        numbers[Rule.COST] = _of_r(f"{stored.cost.cost_r:.0%}", f"{limits.max_cost_r:.0%}")
        numbers[Rule.SPREAD] = _of_r(f"{share:.1%}", f"{limits.max_spread_r:.1%}")
    if said.risk_ratio is not None:
        numbers[Rule.TOTAL_RISK] = _(
            "adds {share} of equity, at most {limit} in all",
            share=f"{said.risk_ratio:.2%}",
            limit=f"{limits.total_risk_ratio:.1%}",
        )
        numbers[Rule.EDGE] = (
            _("no proven edge: evidence trade at the floor") if said.at_floor else ""
        )
    if said.margin is not None:
        numbers[Rule.MARGIN] = _(
            "{margin} USDT, at most {limit} of equity",
            margin=f"{said.margin:.2f}",
            limit=f"{limits.margin_cap_ratio:.0%}",
        )
    numbers[Rule.SIZE] = _size(said)
    return numbers


def _of_r(share: str, limit: str) -> str:
    return _("{share} of R, at most {limit}", share=share, limit=limit)


def _size(said: StoredVerdict) -> str:
    if said.qty is None or said.risk is None or said.risk_ratio is None or said.book is None:
        return ""
    return _(
        "{qty} on {book}, risk {risk} USDT ({share})",
        qty=f"{said.qty.normalize():f}",
        book=said.book,
        risk=f"{said.risk:.2f}",
        share=f"{said.risk_ratio:.2%}",
    )
