"""The trading engine: a pure core, its ports and the adapters around it."""
