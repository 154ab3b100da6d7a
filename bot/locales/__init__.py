"""The catalogues of the chat, one `.po` file a language."""
