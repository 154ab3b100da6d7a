"""Tests of bot/research.py: the whole training on small made markets."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from bot.research import BUNDLE, Trained, TrainOrder, run_training
from bot.workers import open_workers
from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from models.artifacts import load_bundle
from models.errors import ResearchError, TooLittleData
from models.probe import probe_here
from storage.candles import write_candles
from tests.fake_clock import FakeClock
from tests.models.clusters import processes
from tests.models.sources import MINUTE_MS, T0, market

DAYS = 13
DAY_MS = 1440 * MINUTE_MS


def write(path: Path, seed: int, start_ms: int = T0, days: int = DAYS) -> Path:
    frames = [
        market(seed + i, days * 1440, start_ms).select(
            pl.lit(symbol).alias("symbol"),
            *("open_time", "open", "high", "low", "close", "quote_volume"),
            pl.lit(1.0).alias("volume"),
        )
        for i, symbol in enumerate(["AUSDT", "BUSDT", "CUSDT"])
    ]
    write_candles(pl.concat(frames), path)
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("candles")
    past = write(folder / "past.parquet", 1)
    return past, write(folder / "later.parquet", 50, T0 + 40 * DAY_MS, 4)


def order(data: tuple[Path, Path], out: Path, *, test: bool = True) -> TrainOrder:
    return TrainOrder(
        data=(data[0],),
        test=(data[1],) if test else (),
        out=out,
        timeframes=(Timeframe.M1,),
        seed=1,
        trials=0,
        folds=2,
        funding=None,
        ledger=out / "ledger.jsonl",
        work=out / "work",
    )


def run(given: TrainOrder) -> Trained:
    return run_training(given, FakeClock(), lambda _text, _done: None)


def test_training_when_repeated_gives_the_same_bundle_and_one_evaluation(
    data: tuple[Path, Path], tmp_path: Path
) -> None:
    first = run(order(data, tmp_path / "a"))
    second = run(replace(order(data, tmp_path / "b"), ledger=tmp_path / "a" / "ledger.jsonl"))
    assert first.bundle == second.bundle
    assert (tmp_path / "a" / BUNDLE).read_bytes() == (tmp_path / "b" / BUNDLE).read_bytes()
    assert len((tmp_path / "a" / "ledger.jsonl").read_text().splitlines()) == 1
    bundle = load_bundle(tmp_path / "a" / BUNDLE, probe=probe_here)
    assert bundle.hash == first.bundle
    assert bundle.manifest.edge is first.edge is False
    sources = bundle.manifest.provenance["sources"]
    assert [(part["name"], part["role"]) for part in sources] == [
        ("past", "training"),
        ("later", "test"),
    ]
    assert str(tmp_path) not in json.dumps(bundle.manifest.provenance)
    assert "edge: false" in first.summary
    for name in ("card.md", "card.html"):
        assert first.bundle[:12] in (tmp_path / "a" / name).read_text()


def test_training_when_searching_counts_the_shapes(data: tuple[Path, Path], tmp_path: Path) -> None:
    given = replace(order(data, tmp_path, test=False), trials=1)
    result = run(given)
    assert "2 shapes tried" in result.summary
    assert "no test data were given" in result.summary
    assert not given.ledger.exists()


@pytest.mark.slow
def test_training_when_others_do_the_work_gives_the_same_bundle(
    data: tuple[Path, Path], tmp_path: Path
) -> None:
    """This process, two processes and a cluster: data set, search and folds, to the last bit."""
    given = replace(order(data, tmp_path, test=False), trials=2)
    bundles = []
    with processes(2) as cluster:
        for name, jobs, address in (
            ("serial", 1, None),
            ("processes", 2, None),
            ("cluster", None, cluster.scheduler_address),
        ):
            # A folder of its own each, so that nobody finds what another has made.
            here = replace(given, out=tmp_path / name, work=tmp_path / name / "work")
            with open_workers(jobs, address) as workers:
                bundles.append(run_training(here, FakeClock(), told_nobody, workers).bundle)
    assert bundles[0] == bundles[1] == bundles[2]


def told_nobody(_text: str, _done: float | None) -> None:
    """Take no notice."""


def test_training_when_time_limits_the_search_gives_the_bundle_of_that_many_trials(
    data: tuple[Path, Path], tmp_path: Path
) -> None:
    class Watch(FakeClock):
        """A minute passes at each look."""

        looks = 0

        def monotonic(self) -> float:
            self.looks += 1
            return 60.0 * self.looks

    limited = replace(order(data, tmp_path / "a", test=False), minutes=1.0)
    made = run_training(limited, Watch(), told_nobody)
    assert "4 shapes tried" in made.summary
    card = (tmp_path / "a" / "card.md").read_text()
    assert "4, as many as 1 minutes gave here (--trials 3 repeats exactly these)" in card
    counted = replace(limited, out=tmp_path / "b", minutes=None, trials=3)
    assert run_training(counted, FakeClock(), told_nobody).bundle == made.bundle


def test_training_when_the_folder_cannot_be_made_says_so_before_the_work(
    data: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    told: list[str] = []
    with pytest.raises(ResearchError, match=r"^--out .*taken: .*; give a folder that can be"):
        run_training(
            order(data, tmp_path / "taken"), FakeClock(), lambda text, _done: told.append(text)
        )
    assert told == []


def test_training_when_the_schema_is_unknown_names_the_known(
    data: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(ResearchError, match=r"--schema is 'v9', allowed are smc12\.v1"):
        run(replace(order(data, tmp_path), schema="v9"))


def test_training_when_the_test_is_the_same_time_refuses(
    data: tuple[Path, Path], tmp_path: Path
) -> None:
    given = replace(order(data, tmp_path), test=(data[0],))
    with pytest.raises(ResearchError, match="training setups lie in the time of the test data"):
        run(given)
    assert not (tmp_path / BUNDLE).exists()


def test_training_when_there_is_nothing_to_follow_says_so(tmp_path: Path) -> None:
    tiny = write(tmp_path / "tiny.parquet", 1, days=1)
    few = pl.read_parquet(tiny).filter(pl.col("symbol") == "AUSDT").head(20)
    write_candles(few, tiny)
    with pytest.raises(TooLittleData, match="training data hold 20 candles and 0 setups"):
        run(order((tiny, tiny), tmp_path / "out"))


def test_training_when_a_path_is_wrong_names_it(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.parquet"
    with pytest.raises(InvalidCandles, match=r"nowhere\.parquet does not exist"):
        run(order((missing, missing), tmp_path / "out"))
