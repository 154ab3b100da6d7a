"""The front of smcbot: Telegram, command line and the one place that wires things."""
