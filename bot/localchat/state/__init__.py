"""What the chat remembers while it runs: messages, files, updates, commands, limits."""
