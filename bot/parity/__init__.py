"""What the bot did against a replay of the same period through the same core."""
