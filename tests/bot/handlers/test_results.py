from bot.desk import AskPnl, Period, PnlView
from bot.handlers.results import equity_picture, pnl
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


async def test_picture_when_no_book_has_two_points_is_none():
    view = PnlView(Period.WEEK, (book_pnl(equity=((1, 100.0),)),))

    assert await equity_picture(front(), view) is None
