"""The scorer without a model."""

from engine.domain.setup import Direction
from engine.ports import Scorer
from models.heuristic import HEURISTIC, SEED_PER_SYMBOL_DAY, SEED_QUANTILES, HeuristicScorer
from tests.storage import samples


def test_heuristic_when_scoring_claims_no_probability() -> None:
    scorer: Scorer = HeuristicScorer()
    setup = samples.setup()
    (score,) = scorer.score([setup])
    assert score.setup_id == setup.setup_id
    assert score.scorer == scorer.name == HEURISTIC
    assert 0.0 < score.value < 1.0
    assert (score.probability, score.payoff_ratio, score.outcomes, score.edge) == (
        None,
        None,
        0,
        False,
    )
    assert len(score.features) == 12
    assert score.features[-1] == score.value


def test_heuristic_when_sweep_is_deeper_scores_higher() -> None:
    shallow, deep = (
        samples.setup(context=samples.context(sweep_depth=depth)) for depth in (0.05, 0.9)
    )
    one, other = HeuristicScorer().score([shallow, deep])
    assert other.value > one.value


def test_heuristic_when_nothing_is_given_scores_nothing() -> None:
    assert HeuristicScorer().score([]) == ()


def test_heuristic_when_batch_differs_gives_the_same_score() -> None:
    setups = [samples.setup(f"S{n}USDT", direction=Direction(1 - 2 * (n % 2))) for n in range(30)]
    scorer = HeuristicScorer()
    assert scorer.score(setups) == tuple(scorer.score([setup])[0] for setup in setups)


def test_seed_quantiles_when_read_rise_within_the_score_range() -> None:
    assert list(SEED_QUANTILES) == sorted(set(SEED_QUANTILES))
    assert 0.0 < SEED_QUANTILES[0] < SEED_QUANTILES[-1] < 1.0
    assert SEED_PER_SYMBOL_DAY > 0
