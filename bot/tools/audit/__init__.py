"""The structural audit: facts measured from the code itself, never asserted."""
