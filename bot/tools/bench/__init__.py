"""Measurements of `bench`, one part a file."""
