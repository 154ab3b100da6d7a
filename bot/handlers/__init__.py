"""One file per family of commands. A handler is `async (Call, Front) -> Answer`."""
