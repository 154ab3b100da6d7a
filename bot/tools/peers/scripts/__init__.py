"""What runs inside a peer's own environment; nothing of ours is importable there."""
