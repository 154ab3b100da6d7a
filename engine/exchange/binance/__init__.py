"""Binance USDⓈ-M futures: codec, signed REST, streams, user data and the WebSocket API."""
