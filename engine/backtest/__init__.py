"""Replays recorded minutes through the same core, exits and matching engine, on simulated time."""
