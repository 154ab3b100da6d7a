"""Pictures for the chat, drawn in a child process so that the bot itself stays small."""
