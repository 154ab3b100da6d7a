"""The bot's side: Bot API methods over HTTP, with Telegram's limits and error texts."""
