"""Candle history from the venue's public dumps, checked, with REST for what they lack."""
