"""Examines the chat: does Telegram know the token, or is the local page's port free?"""

import socket

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.settings import Settings
from bot.tools.findings import Finding, fault, good, warning

TELEGRAM = "https://api.telegram.org/bot"


async def check_chat(settings: Settings, base_url: str = TELEGRAM) -> Finding:
    """Examine the chat that `run` would open.

    Args:
        settings: a token means Telegram, none the local page.
        base_url: where the Bot API is; the token is appended.
    """
    token = settings.telegram_token.get_secret_value()
    return await _telegram(token, base_url) if token else check_port(settings.chat_port)


async def _telegram(token: str, base_url: str) -> Finding:
    try:
        async with Bot(token, base_url=base_url) as bot:
            return good("chat", f"Telegram knows the bot as @{bot.username}")
    except InvalidToken:
        advice = "copy SMCBOT_TELEGRAM_TOKEN from @BotFather once more"
        return fault("chat", "Telegram does not know this token", advice)
    except TelegramError as error:
        advice = "check this machine's way to api.telegram.org"
        return fault("chat", f"Telegram cannot be reached: {error.message}", advice)


def check_port(port: int) -> Finding:
    """Try whether the local page's port is free."""
    if port == 0:
        return good("chat", "no Telegram token: a local page on any free port")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        return warning(
            "chat",
            f"port {port} of the local page cannot be used: {error.strerror}",
            "a bot may be running already; otherwise set SMCBOT_CHAT_PORT to another or to 0",
        )
    return good("chat", f"no Telegram token: a local page on port {port}, which is free")
