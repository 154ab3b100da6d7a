"""Database, migrations, repositories and candle files."""
