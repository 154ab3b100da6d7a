"""Tests of bot/explanations.py: the journal of then, the scorer and the limits of now."""

import math

import pytest

from bot.desk_why import AskWhy, GateState, UnknownSetup
from bot.explanations import Explainer, contributions, kelly
from engine.domain.signal import GateFigure, Measure, Rule
from engine.risk.gate import RULES
from engine.risk.limits import RiskLimits
from models.artifacts import load_bundle, save_bundle
from models.heuristic import HeuristicScorer
from models.probe import probe_here
from models.schema import SMC12_V1, SMC_V2
from models.scorer import LightGBMScorer
from storage.queries import StoredSetup, StoredVerdict
from tests.models.bundles import manifest, model_text
from tests.storage import samples

LIMITS = RiskLimits()
NOTHING = frozenset[str]()


def verdict(*, approved: bool = False, rule: Rule | None = None, **fields) -> StoredVerdict:
    values = {
        "at_ms": samples.T0 + 1_500,
        "detail": "cost is 31% of R",
        "book": None,
        "qty": None,
        "limit_price": None,
        "stop_price": None,
        "target_price": None,
        "risk_ratio": None,
        "risk": None,
        "margin": None,
        "at_floor": False,
    }
    return StoredVerdict(approved=approved, rule=rule, **(values | fields))


def stored(symbol: str = "BTCUSDT", **fields) -> StoredSetup:
    found = samples.setup(symbol)
    values = {
        "score": samples.score(found),
        "fate": "signal",
        "at_ms": samples.T0,
        "threshold": 0.38,
        "cost": samples.signal(found).cost,
        "verdicts": (),
        "closed": (),
    }
    return StoredSetup(setup=found, **(values | fields))


class Journal:
    def __init__(self, *kept: StoredSetup) -> None:
        self.kept = kept

    async def setup(self, setup_id: str) -> StoredSetup | None:
        return next((one for one in self.kept if one.setup.setup_id == setup_id), None)

    async def signals(self, limit: int) -> tuple[StoredSetup, ...]:
        return self.kept[:limit]


async def ask(wanted: str, *kept: StoredSetup, running: frozenset[str] = NOTHING):
    explainer = Explainer(Journal(*kept), HeuristicScorer, LIMITS)
    return await explainer.why(AskWhy(wanted), max_risk_ratio=0.01, running=running)


async def test_setup_when_named_by_its_id_is_found_and_known_to_run():
    one, other = stored("ETHUSDT"), stored()
    key = other.setup.setup_id

    told = await ask(key, one, other, running=frozenset({key}))

    assert told.setup is other.setup
    assert told.running


async def test_signal_when_named_by_its_symbol_is_the_newest_of_it():
    newest, older = stored("ETHUSDT", fate="signal"), stored()

    assert (await ask("BTCUSDT", newest, older)).setup is older.setup
    assert (await ask("", newest, older)).setup is newest.setup


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("", "No signals yet"),
        ("BTCUSDT-1m-x-L-1", "The journal has no setup BTCUSDT-1m-x-L-1"),
        ("SOLUSDT", "No signal of SOLUSDT among the last 200"),
    ],
)
async def test_setup_when_unknown_is_a_clear_line(wanted, said):
    with pytest.raises(UnknownSetup, match=said):
        await ask(wanted)


def test_contributions_when_the_heuristic_scored_add_up_to_its_value():
    found = samples.setup()
    (score,) = HeuristicScorer().score([found])

    told = contributions(found, score, HeuristicScorer())

    assert told.base is not None
    total = told.base + sum(part.log_odds or 0.0 for part in told.parts)
    assert 1 / (1 + math.exp(-total)) == pytest.approx(score.value, abs=1e-6)
    assert tuple(part.name for part in told.parts) == SMC12_V1.names


def test_contributions_when_the_model_is_gone_name_the_features_it_read():
    found = samples.setup()
    values = tuple(float(n) for n in range(len(SMC_V2.names)))
    score = samples.score(found, scorer="lgbm:gone", features=values)

    told = contributions(found, score, HeuristicScorer())

    assert told.base is None
    assert tuple(part.name for part in told.parts) == SMC_V2.names
    assert tuple(part.value for part in told.parts) == values


def test_contributions_when_the_model_scored_are_its_trees_own(tmp_path):
    save_bundle(tmp_path / "m.txt", model_text(), manifest())
    scorer = LightGBMScorer(load_bundle(tmp_path / "m.txt", probe=probe_here))
    found = samples.setup()
    (score,) = scorer.score([found])

    told = contributions(found, score, scorer)

    assert told.base is not None
    total = told.base + sum(part.log_odds or 0.0 for part in told.parts)
    assert 1 / (1 + math.exp(-total)) == pytest.approx(score.value, abs=1e-6)


def test_contributions_when_another_model_scored_are_left_out_and_said_so():
    found = samples.setup()

    told = contributions(found, samples.score(found), HeuristicScorer())

    assert told.base is None
    assert "lgbm:1234, which is not loaded" in told.note
    assert [part.value for part in told.parts] == [n / 7 for n in range(12)]
    assert all(part.log_odds is None for part in told.parts)


def test_contributions_when_never_scored_are_the_inputs_all_the_same():
    told = contributions(samples.setup(), None, HeuristicScorer())

    assert len(told.parts) == 12
    assert told.note == "It was not scored."


def test_kelly_when_there_is_an_edge_is_a_share_of_it_within_the_bounds():
    score = samples.score(samples.setup(), probability=0.6, payoff_ratio=1.6, edge=True)

    figures = kelly(score, LIMITS, 0.01)

    assert figures.fraction == pytest.approx(0.6 - 0.4 / 1.6)
    assert figures.paper_ratio == 0.01
    assert not figures.at_floor
    assert figures.live_refusal == ""


def test_kelly_when_nothing_pays_is_the_floor_and_live_says_why():
    figures = kelly(samples.score(samples.setup()), LIMITS, 0.01)

    assert figures.fraction is not None
    assert figures.fraction < 0
    assert (figures.paper_ratio, figures.at_floor) == (0.005, True)
    assert "Kelly -0.040" in figures.live_refusal


def test_kelly_when_the_heuristic_scored_has_no_fraction():
    (score,) = HeuristicScorer().score([samples.setup()])

    figures = kelly(score, LIMITS, 0.01)

    assert figures.fraction is None
    assert "no calibrated probability" in figures.live_refusal


def test_rules_when_listed_are_every_rule_once_in_the_order_of_judging():
    assert sorted(RULES) == sorted(Rule)
    assert RULES[0] is Rule.SIGNALS_ONLY
    assert RULES.index(Rule.COST) < RULES.index(Rule.EDGE) < RULES.index(Rule.MARGIN)


async def test_gate_when_it_refused_knows_what_stood_before():
    (judged,) = (await ask("", stored(verdicts=(verdict(rule=Rule.COST),)))).judgements

    by_rule = {gate.rule: gate for gate in judged.gates}
    assert by_rule[Rule.COST].state is GateState.REFUSED
    assert by_rule[Rule.COST].detail == "cost is 31% of R"
    assert by_rule[Rule.SPREAD].detail == "1.0% of R, at most 3.0%"
    assert by_rule[Rule.STALE].detail == "judged 1.5 s after the close that proves it"
    assert by_rule[Rule.MARGIN].state is GateState.NOT_REACHED


async def test_gate_when_it_approved_passed_everything_with_the_size():
    proposal = samples.approved().proposal
    said = verdict(
        approved=True,
        detail="",
        book=proposal.book,
        qty=proposal.qty,
        risk=proposal.risk,
        risk_ratio=proposal.risk_ratio,
        margin=proposal.margin,
        at_floor=True,
    )

    (judged,) = (await ask("", stored(verdicts=(said,)))).judgements

    assert {gate.state for gate in judged.gates} == {GateState.PASSED}
    by_rule = {gate.rule: gate.detail for gate in judged.gates}
    assert by_rule[Rule.SIZE] == judged.size == "0.12 on paper, risk 50.00 USDT (0.50%)"
    assert by_rule[Rule.EDGE] == "no proven edge: evidence trade at the floor"
    assert by_rule[Rule.MARGIN] == "1.20 USDT, at most 10% of equity"


async def test_edge_when_no_size_was_possible_is_not_said_to_have_passed():
    (judged,) = (await ask("", stored(verdicts=(verdict(rule=Rule.SIZE),)))).judgements

    assert {g.rule: g.state for g in judged.gates}[Rule.EDGE] is GateState.NOT_REACHED


async def test_gate_when_figures_were_kept_shows_them_even_where_it_was_not_reached():
    figures = (
        GateFigure(Rule.SPREAD, Measure.SPREAD, 0.011, 0.03, True),
        GateFigure(Rule.PRICE_MOVED, Measure.MOVED, 0.1, 0.2, True),
    )
    said = verdict(rule=Rule.COST, figures=figures)

    (judged,) = (await ask("", stored(verdicts=(said,)))).judgements

    by_rule = {gate.rule: gate for gate in judged.gates}
    assert by_rule[Rule.SPREAD].figures == figures[:1]
    assert by_rule[Rule.SPREAD].detail == by_rule[Rule.STALE].detail == ""
    assert by_rule[Rule.PRICE_MOVED].state is GateState.NOT_REACHED
    assert by_rule[Rule.PRICE_MOVED].figures == figures[1:]
