"""Numbers of the gate beside each verdict, and what every start of the bot began with."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add column and table; verdicts and runs of before have none."""
    op.add_column("verdicts", sa.Column("figures", sa.Text(), nullable=True))
    op.create_table(
        "runs",
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_runs")),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("runs")
    op.drop_column("verdicts", "figures")
