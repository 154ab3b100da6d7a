"""The pure heart: the sole owner of what changes, and process(event) -> effects."""
