"""Frozen values of the trading vocabulary; no I/O and no clock."""
