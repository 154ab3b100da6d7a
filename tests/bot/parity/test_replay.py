"""The replayed core: told again, commanded again, restarted with what was open."""

from dataclasses import replace
from decimal import Decimal

from bot.parity.replay import Replay, RunPlan, by_minute, run_config
from bot.parity.steps import History, Step
from bot.run_facts import begun
from bot.settings import Settings
from engine.domain.commands import Mute, Pause, Receipt, SetMode, SetThreshold
from engine.domain.effects import CommandAnswered, RunStarted
from engine.domain.events import CandleClosed, Origin, StateRestored, UniverseChanged
from engine.domain.order import Book
from engine.domain.signal import Mode, RiskRefused, Rule
from models.heuristic import HeuristicScorer
from models.scorer import LoadedScorer
from tests.bot.parity.kit import candle
from tests.builders import MINUTE, START_MS, instrument
from tests.oracle.smc_series import walk

LOADED = LoadedScorer(HeuristicScorer(), "")
BTC = "BTCUSDT"
SETTINGS = Settings.load(
    _env_file=None, max_cost_pct_of_r=100.0, entry_min_volume_usdt=0.0, score_threshold=0.0
)
CANDLES = [
    candle(n, open=o, high=h, low=low, close=c, quote_volume=1e6)
    for n, (o, h, low, c, *_rest) in enumerate(walk(13, 1_400))
]
HISTORY = History({BTC: CANDLES})


def run(settings: Settings = SETTINGS, epoch: int = 1, at: int = 0, **stored: str) -> RunStarted:
    make = begun(
        settings,
        epoch=epoch,
        speed=1.0,
        scorer="heuristic",
        symbols=1,
        allow_negative_edge=False,
    )
    started_ms = START_MS + at * MINUTE
    return make(StateRestored({"mode": "paper"} | stored, (), (), (), ()), started_ms)


def steps(first: int, last: int) -> list[Step]:
    at_ms = START_MS + first * MINUTE
    told = [Step(at_ms, (UniverseChanged((instrument(),), {BTC: 1e9}, {}),))]
    told += [
        Step(at_ms, (CandleClosed(one, Origin.PRELOAD, 0.0),))
        for one in CANDLES[max(0, first - 498) : first]
    ]
    told += [
        Step(one.close_time_ms + 200, (CandleClosed(one, Origin.LIVE, 0.0),), score=True)
        for one in CANDLES[first:last]
    ]
    return told


def answered(command, minute: int) -> CommandAnswered:
    receipt = Receipt(command_id=command.command_id, accepted=True, detail="")
    return CommandAnswered(command, receipt, START_MS + minute * MINUTE)


def plan(first: int, last: int, *commands: CommandAnswered, **stored: str) -> RunPlan:
    return RunPlan(
        run=run(at=first, **stored), steps=steps(first, last), commands=commands, prepared=False
    )


def fresh(book: Book = Book.PAPER) -> Replay:
    return Replay(HISTORY.series(), {BTC: instrument()}, LOADED, book, Decimal(10_000))


def ids(number: int) -> dict[str, str]:
    return {"command_id": f"c{number}", "requested_by": "owner"}


def test_replay_when_told_raises_signals_enters_and_leaves():
    replay, told = fresh(), []

    replay.replay(plan(500, 1_400), told.append)

    taken = replay.taken
    assert len(taken.signals) > 3
    assert taken.closed
    assert set(taken.closed) <= set(taken.signals)
    assert told == sorted(told)


def test_replay_when_a_start_was_told_nothing_reaches_no_time():
    replay, told = fresh(), []

    replay.replay(replace(plan(500, 600), steps=()), told.append)

    assert told == []


def test_replay_when_told_the_same_twice_is_the_same():
    first, second = fresh(), fresh()

    first.replay(plan(500, 1_000))
    second.replay(plan(500, 1_000))

    assert first.taken == second.taken


def test_command_when_given_works_from_its_own_moment_on():
    replay = fresh()

    replay.replay(
        plan(
            500,
            1_400,
            answered(Pause(**ids(1)), 900),
            answered(SetThreshold(threshold=1.0, **ids(2)), 1_200),
        )
    )

    taken = replay.taken
    for key, verdict in taken.verdicts.items():
        late = taken.signals[key] > START_MS + 900 * MINUTE
        assert (isinstance(verdict, RiskRefused) and verdict.rule is Rule.PAUSED) == late
    assert max(taken.signals.values()) < START_MS + 1_200 * MINUTE


def test_mute_when_given_silences_the_symbol():
    replay = fresh()
    mute = Mute(symbol=BTC, until_ms=START_MS + 1_400 * MINUTE, **ids(1))

    replay.replay(plan(500, 1_400, answered(mute, 500)))

    assert replay.taken.signals == {}
    assert {one.fate for one in replay.taken.setups.values()} >= {"muted"}


def test_mode_when_it_is_the_other_books_places_no_orders_but_tells():
    replay = fresh(Book.PAPER)

    replay.replay(plan(500, 1_000, answered(SetMode(mode=Mode.LIVE, **ids(1)), 500)))

    rules = {verdict.rule for verdict in replay.taken.verdicts.values()}
    assert rules == {Rule.SIGNALS_ONLY}
    stored = fresh(Book.LIVE)
    stored.replay(plan(500, 1_000))
    assert stored.taken.signals.keys() == replay.taken.signals.keys()


def test_restart_when_a_trade_is_open_manages_it_on():
    whole = fresh()
    whole.replay(plan(500, 1_400))
    opened, closed = next(
        (one.opened_ms, one.closed_ms)
        for one in whole.taken.closed.values()
        if one.closed_ms - one.opened_ms > 4 * MINUTE
    )
    middle = ((opened + closed) // 2 - START_MS) // MINUTE

    replay = fresh()
    replay.replay(plan(500, middle))
    assert replay.taken.running
    again = plan(middle, 1_400)
    replay.replay(replace(again, run=replace(again.run, epoch=2)))

    assert replay.taken.running == {} or len(replay.taken.closed) > 0
    assert any(one.opened_ms == opened for one in replay.taken.closed.values())


def test_minutes_when_gathered_never_go_back():
    made = [Step(START_MS, ()), Step(START_MS + MINUTE, ()), Step(START_MS + 5, ())]

    grouped = list(by_minute(made))

    assert [at for at, _ in grouped] == [
        START_MS - START_MS % MINUTE,
        START_MS - START_MS % MINUTE + MINUTE,
    ]
    assert [len(found) for _, found in grouped] == [1, 2]
    assert list(by_minute([])) == []


def test_config_when_made_is_that_of_the_run_not_of_now():
    other = Settings.load(_env_file=None, leverage=3, signals_per_day=7)

    config = run_config(replace(run(other), speed=60.0), LOADED, Book.LIVE)

    assert config.limits.leverage == 3
    assert config.threshold.per_day == 7
    assert config.stale_after_ms == 600_000
    assert config.books == (Book.LIVE,)
