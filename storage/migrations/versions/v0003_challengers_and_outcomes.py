"""What challengers said of setups, and what became of setups whether traded or not."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "shadow_scores",
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("probability", sa.Float(53), nullable=True),
        sa.PrimaryKeyConstraint("scorer", "setup_id", name=op.f("pk_shadow_scores")),
    )
    op.create_table(
        "setup_outcomes",
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("known_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("gross_r", sa.Float(53), nullable=True),
        sa.Column("net_r", sa.Float(53), nullable=True),
        sa.PrimaryKeyConstraint("setup_id", name=op.f("pk_setup_outcomes")),
    )
    op.create_index(op.f("ix_setup_outcomes_known_at_ms"), "setup_outcomes", ["known_at_ms"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("setup_outcomes")
    op.drop_table("shadow_scores")
