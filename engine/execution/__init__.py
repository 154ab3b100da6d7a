"""Carries out what the core decided, under the order law, and reports what became of it."""
