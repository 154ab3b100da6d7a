"""Alembic migration scripts, applied by `storage.migrate`."""
