"""The venue's wire protocol on loopback: REST, streams, user data and WS API over aiohttp."""
