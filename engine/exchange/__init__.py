"""Venue adapters: the real exchange and the embedded one, which do not see each other."""
