"""Tools beside the bot: what `doctor` examines and what `bench` measures."""
