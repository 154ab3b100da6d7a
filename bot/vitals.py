"""The vital signs: engine, journal, account, market, operator; each says what is wrong."""

from bot.connection import DEAF_AFTER_S
from bot.machine import Machine
from bot.telegram_app import TelegramFront
from bot.venue_link import VenueLink
from engine.domain.order import Book

BACKLOG = 10_000
"""Events waiting: minutes of a whole market's closes and prices."""
UNWRITTEN = 5_000
"""Records waiting: ten full batches, and a tenth of what the writer keeps before it drops any."""


def engine_trouble(machine: Machine) -> str:
    """Return why the engine cannot be said to work, empty when it does."""
    if not machine.is_deciding:
        return "the engine is not running"
    waiting = len(machine.mailbox)
    return f"the engine is {waiting:,} events behind" if waiting > BACKLOG else ""


def journal_trouble(machine: Machine) -> str:
    """Return why the journal cannot be said to be kept: it refuses, or too much waits for it."""
    writer = machine.writer
    if writer.is_failing:
        return "the journal cannot be written"
    return f"{len(writer):,} records are not written yet" if len(writer) > UNWRITTEN else ""


def account_trouble(machine: Machine, link: VenueLink) -> str:
    """Return why live positions cannot be said to be watched: fills and stops are not heard."""
    if link.account is None or link.account.is_hearing:
        return ""
    positions = machine.engine.snapshot(machine.clock.instant()).positions
    live = sum(one.book is Book.LIVE for one in positions)
    return f"the account is not heard while {live:,} live positions are open" if live else ""


def market_trouble(machine: Machine) -> str:
    """Return why the market cannot be said to be seen: more than a tenth of it is blind."""
    feeds = machine.scanner.feeds
    blind, symbols = len(feeds.blind), len(feeds.symbols)
    if not symbols:
        return "no symbol is scanned"
    return f"{blind:,} of {symbols:,} symbols are blind" if 10 * blind > symbols else ""


def chat_trouble(front: TelegramFront) -> str:
    """Return why the operator cannot be said to be reached, empty when the chat polls."""
    silent_s = front.silent_for_s()
    if silent_s is None:
        return "the chat is not connected"
    return f"the chat is deaf for {silent_s:.0f} s" if silent_s > DEAF_AFTER_S else ""
