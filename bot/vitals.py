"""The vital signs: is the engine deciding, does it see the market, can the operator be reached?"""

from bot.connection import DEAF_AFTER_S
from bot.machine import Machine
from bot.telegram_app import TelegramFront

BACKLOG = 10_000
"""Events waiting: minutes of a whole market's closes and prices."""


def engine_trouble(machine: Machine) -> str:
    """Return why the engine cannot be said to work, empty when it does."""
    if not machine.is_deciding:
        return "the engine is not running"
    waiting = len(machine.mailbox)
    return f"the engine is {waiting:,} events behind" if waiting > BACKLOG else ""


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
