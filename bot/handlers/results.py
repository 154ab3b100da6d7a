"""Results net of costs."""

from bot import keyboards
from bot.context import Answer, Call, Front
from bot.desk import AskPnl, Period, PnlView
from bot.formats import MAX_CAPTION
from bot.parsing import no_more, read_period
from bot.views import pnl as view


async def pnl(call: Call, front: Front) -> Answer:
    """Show a period's results of each book, with the equity curve where there is one."""
    no_more(call.args, 1, "/pnl week")
    period = read_period(call.args[0]) if call.args else Period.DAY
    results = await front.desk.pnl(AskPnl(period))
    text = view.pnl(results)
    picture = await equity_picture(front, results) if len(text) <= MAX_CAPTION else None
    return Answer(text=text, keyboard=keyboards.periods(period), picture=picture)


async def equity_picture(front: Front, results: PnlView) -> bytes | None:
    """Return the equity curves as a picture, None when there is nothing to draw."""
    curves = {book.book.value: book.equity for book in results.books if len(book.equity) > 1}
    return await front.draw_equity(curves) if curves else None
