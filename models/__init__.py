"""Features, scorers and model bundles."""
