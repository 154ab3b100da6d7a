"""Watches the universe: which symbols, over which sockets, and that no candle is lost."""
