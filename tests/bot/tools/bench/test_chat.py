import pytest

from bot.tools.bench.chat import Asked, ChatFigures, is_answer, percentile, rows_of


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1.0], 0.95, 1.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([float(i) for i in range(1, 101)], 0.95, 95.0),
    ],
)
def test_percentile_when_asked_is_a_value_that_was_measured(values, share, expected):
    assert percentile(values, share) == expected


def test_percentile_when_there_is_nothing_is_zero():
    assert percentile([], 0.95) == 0.0


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("/signals", "10 signals, newest first\n12:00 BTC"),
        ("/signals", "No signals yet."),
        ("/positions", "No open positions."),
        ("/mode", "Mode\n▸ paper: simulated"),
        ("/chart BTC", "BTCUSDT 97,000.1 · +0.3 % in 90 min"),
    ],
)
def test_answer_when_it_came_is_known(question, text):
    assert is_answer(question, text)


@pytest.mark.parametrize(
    "text",
    [
        "🔼 BTCUSDT LONG · 1m · 12:00\nequity",
        "5 signals, the best 3 pictured\n🔼 BTC 100",
        "4 signals\n🔼 BTC 100, newest first",
        "✅ Bought 1 BTCUSDT",
    ],
)
def test_answer_when_it_is_a_push_is_not_taken_for_one(text):
    for question in ("/signals", "/status", "/mode", "/chart BTC"):
        assert not is_answer(question, text)


def test_rows_when_told_leave_pictures_out_of_the_mark_and_name_the_load():
    asked = (*(Asked("/status", 0.1) for _ in range(19)), Asked("/status", 0.4))
    told = ChatFigures(
        symbols=530,
        speed=20.0,
        asked=(*asked, Asked("/chart BTC", 3.0)),
        pushes=7,
        cpu_pct=41.0,
        resident_mb=190.0,
    )

    rows = {row.what: row for row in rows_of(told)}

    marked = rows["command → answer in words, p95"]
    assert (marked.value, marked.reach, marked.count) == (pytest.approx(100.0), 300.0, 20)
    assert rows["command → answer in words, p99"].value == pytest.approx(400.0)
    assert rows["command → picture, p95"].value == pytest.approx(3000.0)
    assert rows["/chart BTC, p95"].value == pytest.approx(3000.0)
    assert rows["/chart BTC, p95"].reach is None
    assert marked.load == (
        "530 symbols, speed 20, 7 other messages meanwhile, run at 41 % of a core"
    )
