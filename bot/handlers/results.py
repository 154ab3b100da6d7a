"""Results net of costs."""

from bot import keyboards
from bot.context import Answer, Call, Front
from bot.desk import AskPnl, Period, PnlView
from bot.formats import MAX_CAPTION
from bot.parsing import no_more, read_count, read_period
from bot.views import performance as performance_view
from bot.views import pnl as view

_WEEK, _MOST_DAYS = 7, 30


async def pnl(call: Call, front: Front) -> Answer:
    """Show a period's results of each book, with the equity curve where there is one."""
    no_more(call.args, 1, "/pnl week")
    period = read_period(call.args[0]) if call.args else Period.DAY
    results = await front.desk.pnl(AskPnl(period))
    text = view.pnl(results) + view.pace(front.clock.speed)
    picture = await equity_picture(front, results) if len(text) <= MAX_CAPTION else None
    return Answer(text=text, keyboard=keyboards.periods(period), picture=picture)


async def daily(call: Call, front: Front) -> Answer:
    """Show the results day by day."""
    no_more(call.args, 1, "/daily 14")
    days = read_count(call.args, 7, high=_MOST_DAYS, example="/daily 14")
    results = await front.desk.pnl(AskPnl(Period.WEEK if days <= _WEEK else Period.MONTH))
    text = performance_view.daily(results, days, front.clock.exchange_ms())
    return Answer(text=text + view.pace(front.clock.speed))


async def performance(call: Call, front: Front) -> Answer:
    """Show results by symbol, exit reason and score, with the equity curve."""
    no_more(call.args, 1, "/performance month")
    period = read_period(call.args[0]) if call.args else Period.ALL
    results = await front.desk.pnl(AskPnl(period))
    text = performance_view.performance(results) + view.pace(front.clock.speed)
    picture = await equity_picture(front, results) if len(text) <= MAX_CAPTION else None
    return Answer(text=text, keyboard=keyboards.periods(period, "performance"), picture=picture)


async def equity_picture(front: Front, results: PnlView) -> bytes | None:
    """Return the equity curves as a picture, None when there is nothing to draw."""
    curves = {book.book.value: book.equity for book in results.books if len(book.equity) > 1}
    return await front.draw_equity(curves) if curves else None
