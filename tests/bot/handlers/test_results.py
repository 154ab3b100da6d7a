import pytest

from bot.desk import AskPnl, Period, PnlView
from bot.handlers.results import daily, equity_picture, performance, pnl
from bot.parsing import BadInput
from tests.bot.fake_desk import FakeDesk
from tests.bot.front_kit import PICTURE, call, front
from tests.bot.pnl_kit import book_pnl


async def test_pnl_when_no_period_is_given_is_of_the_day():
    desk = FakeDesk()

    answer = await pnl(call(), front(desk))

    assert desk.asked == [AskPnl(Period.DAY)]
    assert "No closed trades" in answer.text
    assert answer.picture is None
    assert [b.label for b in answer.keyboard[0]] == ["• day", "week", "month", "all"]


async def test_pnl_when_there_is_a_curve_comes_with_a_picture():
    desk = FakeDesk(pnl_view=PnlView(Period.WEEK, (book_pnl(),)))

    answer = await pnl(call("week"), front(desk))

    assert answer.picture == PICTURE


async def test_daily_when_more_than_a_week_is_asked_reads_the_month():
    desk = FakeDesk(pnl_view=PnlView(Period.WEEK, (book_pnl(),)))

    week = await daily(call(), front(desk))
    await daily(call("8"), front(desk))

    assert desk.asked == [AskPnl(Period.WEEK), AskPnl(Period.MONTH)]
    assert "Last 7 days (UTC)" in week.text


async def test_daily_when_the_number_is_out_of_range_is_refused():
    with pytest.raises(BadInput, match="1 to 30"):
        await daily(call("31"), front())


async def test_performance_when_no_period_is_given_is_of_all_with_buttons_of_its_own():
    desk = FakeDesk(pnl_view=PnlView(Period.ALL, (book_pnl(),)))

    answer = await performance(call(), front(desk))

    assert desk.asked == [AskPnl(Period.ALL)]
    assert answer.keyboard[0][0].data == "performance:day"
    assert answer.picture == PICTURE


async def test_picture_when_no_book_has_two_points_is_none():
    view = PnlView(Period.WEEK, (book_pnl(equity=((1, 100.0),)),))

    assert await equity_picture(front(), view) is None
