"""Damaged and odd candle files through every verb that reads candles."""

from pathlib import Path

import polars as pl
import pytest

from tests.bad_input.files import BROKEN, DAMAGES, flat, good
from tests.bad_input.verbs import invoke, refusal, words_of, written

READS_ANY_TIMES = {
    "repeated row",
    "unsorted rows",
    "prices in strings",
    "times in seconds",
    "times in milliseconds as numbers",
    "times in microseconds as numbers",
}
"""What `import` is there to put right."""
SEES_PRICES_ONLY = READS_ANY_TIMES - {"repeated row", "unsorted rows"} | {
    "negative price",
    "zero price",
    "negative volume",
    "times between the minutes",
    "no symbol column",
}
"""No fault for `smc`: any series of any market and timeframe has findings."""
ACCEPTED = {"import": READS_ANY_TIMES, "smc": SEES_PRICES_ONLY}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with the input in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    return tmp_path


def given(folder: Path, frame: pl.DataFrame, suffix: str = "parquet") -> Path:
    path = folder / "in" / f"candles.{suffix}"
    if suffix == "csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


@pytest.mark.parametrize("verb", ["backtest", "train", "import", "smc"])
@pytest.mark.parametrize("name", DAMAGES)
def test_verb_when_candles_are_damaged_says_so_in_one_line(
    verb: str, name: str, folder: Path
) -> None:
    if name in ACCEPTED.get(verb, ()):
        return
    damage, _ = DAMAGES[name]

    line = refusal(*words_of(verb, given(folder, damage(good())), folder))

    assert "candles" in line or "row" in line or "column" in line
    assert written(folder) == [], "nothing half made"


@pytest.mark.parametrize("name", DAMAGES)
def test_backtest_when_candles_are_damaged_says_where_and_what(name: str, folder: Path) -> None:
    damage, said = DAMAGES[name]

    assert said in refusal("backtest", given(folder, damage(good())))


@pytest.mark.parametrize(("verb", "names"), ACCEPTED.items())
def test_verb_when_it_can_read_odd_candles_does(verb: str, names: set[str], folder: Path) -> None:
    for name in sorted(names):
        damage, _ = DAMAGES[name]
        out = folder / name
        result = invoke(*words_of(verb, given(folder, damage(good())), out))
        assert result.exit_code == 0, f"{name}: {result.output}"
        assert written(out), name


@pytest.mark.parametrize("name", sorted(READS_ANY_TIMES))
def test_import_when_times_and_order_are_odd_gives_the_same_candles(
    name: str, folder: Path
) -> None:
    damage, _ = DAMAGES[name]

    result = invoke("import", given(folder, damage(good()), "csv"), "--out", folder / "out")

    assert result.exit_code == 0, result.output
    made = pl.concat(map(pl.read_parquet, sorted((folder / "out").rglob("*.parquet"))))
    whole = good().select("open_time", "open", "high", "low", "close")
    assert made.select(whole.columns).equals(whole)


def test_import_when_one_of_two_files_is_bad_writes_neither(folder: Path) -> None:
    damage, _ = DAMAGES["infinite price"]
    fine = folder / "in" / "BBBUSDT.parquet"
    good(symbol="BBBUSDT").write_parquet(fine)
    bad = given(folder, damage(good()))

    line = refusal("import", fine, bad, "--out", folder / "out")

    assert (
        line == "import: candles.parquet: column high, row 7: inf is empty or not a finite number"
    )
    assert written(folder) == []


@pytest.mark.parametrize("verb", ["backtest", "train", "import", "smc"])
@pytest.mark.parametrize("name", BROKEN)
def test_verb_when_the_file_is_no_candle_file_says_so_in_one_line(
    verb: str, name: str, folder: Path
) -> None:
    path = BROKEN[name](folder / "in")

    line = refusal(*words_of(verb, path, folder))

    assert path.name in line
    assert written(folder) == []


@pytest.mark.parametrize("name", BROKEN)
def test_backtest_when_one_of_a_hundred_files_is_broken_names_that_one(
    name: str, folder: Path
) -> None:
    for number in range(5):
        good(60, symbol=f"C{number}USDT").write_parquet(folder / "in" / f"{number}.parquet")
    if not (path := BROKEN[name](folder / "in")).is_file():
        return

    for verb in ("backtest", "train"):
        assert path.name in refusal(*words_of(verb, folder / "in", folder))


def test_backtest_when_a_symbol_has_20_candles_runs_without_trades(folder: Path) -> None:
    result = invoke("backtest", given(folder, good(20)))

    assert result.exit_code == 0, result.output
    assert "no trades" in result.stdout


def test_train_when_a_symbol_has_20_candles_says_what_there_was(folder: Path) -> None:
    line = refusal(*words_of("train", given(folder, good(20)), folder))

    assert "20 candles and 0 setups" in line


def test_backtest_when_a_short_symbol_is_among_others_is_no_hindrance(folder: Path) -> None:
    both = pl.concat([good(), good(20, symbol="BBBUSDT")])

    result = invoke("backtest", given(folder, both))

    assert result.exit_code == 0, result.output
    assert "2 symbols" in result.stdout


@pytest.mark.parametrize("verb", ["backtest", "smc"])
def test_verb_when_nothing_trades_for_two_hours_goes_on(verb: str, folder: Path) -> None:
    result = invoke(*words_of(verb, given(folder, flat(good())), folder))

    assert result.exit_code == 0, result.output


def test_backtest_when_minutes_are_missing_uses_what_is_there(folder: Path) -> None:
    holes = pl.int_range(pl.len()).is_between(300, 420)

    result = invoke("backtest", given(folder, good().filter(~holes)))

    assert result.exit_code == 0, result.output
    assert "779 candles" in result.stdout


def test_backtest_when_spot_and_futures_hold_the_same_minutes_refuses(folder: Path) -> None:
    for market in ("spot_a", "um_a"):
        (folder / "in" / market).mkdir()
        good().write_parquet(folder / "in" / market / f"{market}.parquet")

    line = refusal("backtest", folder / "in" / "spot_a", folder / "in" / "um_a")

    assert "AAAUSDT" in line
    assert "is in more than one of spot_a.parquet, um_a.parquet" in line


def test_verb_when_a_file_is_given_twice_refuses(folder: Path) -> None:
    path = given(folder, good())

    for verb in ("backtest", "train"):
        words = words_of(verb, path, folder)
        assert "is given twice" in refusal(*words[:2], path, *words[2:])
