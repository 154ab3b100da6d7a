"""Funding booked on trades that are still open, so that a restart does not lose it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was booked on trades open at this moment is not known."""
    column = sa.Column("funding", sa.Text(), nullable=False, server_default="0")
    op.add_column("trades", column)


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("trades", "funding")
