"""A Bot-API-compatible server on loopback with a browser page: the chat without Telegram."""
