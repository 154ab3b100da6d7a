"""Initial schema: the journal, the outbox of notices, the chat's state and the lease."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "closed_trades",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("trade_key", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("direction", sa.BigInteger(), nullable=False),
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=True),
        sa.Column("qty", sa.Text(), nullable=False),
        sa.Column("entry_price", sa.Text(), nullable=False),
        sa.Column("exit_price", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("gross", sa.Text(), nullable=False),
        sa.Column("fees", sa.Text(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book", "trade_key", name=op.f("pk_closed_trades")),
    )
    op.create_index(
        op.f("ix_closed_trades_book_closed_ms"),
        "closed_trades",
        ["book", "closed_ms"],
        unique=False,
    )
    op.create_index(op.f("ix_closed_trades_setup_id"), "closed_trades", ["setup_id"], unique=False)
    op.create_table(
        "commands",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_commands")),
        sa.UniqueConstraint("command_id", name=op.f("uq_commands_command_id")),
    )
    op.create_table(
        "equity",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wallet", sa.Text(), nullable=False),
        sa.Column("equity", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book", "at_ms", name=op.f("pk_equity")),
    )
    op.create_table(
        "fills",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("trade_key", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("venue_id", sa.Text(), nullable=False),
        sa.Column("trade_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("qty", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("fee", sa.Text(), nullable=False),
        sa.Column("fee_asset", sa.Text(), nullable=False),
        sa.Column("realised_pnl", sa.Text(), nullable=False),
        sa.Column("is_maker", sa.Boolean(), nullable=False),
        sa.Column("event_time_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fills")),
        sa.UniqueConstraint(
            "book", "symbol", "trade_id", name=op.f("uq_fills_book_symbol_trade_id")
        ),
    )
    op.create_index(op.f("ix_fills_book_trade_key"), "fills", ["book", "trade_key"], unique=False)
    op.create_table(
        "intents",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("signal_key", sa.Text(), nullable=True),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("trade_key", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("order_type", sa.Text(), nullable=False),
        sa.Column("qty", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("trigger_price", sa.Text(), nullable=True),
        sa.Column("time_in_force", sa.Text(), nullable=True),
        sa.Column("reduce_only", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_intents")),
        sa.UniqueConstraint("client_id", name=op.f("uq_intents_client_id")),
        sa.UniqueConstraint("signal_key", name=op.f("uq_intents_signal_key")),
    )
    op.create_index(op.f("ix_intents_state"), "intents", ["state"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "notices",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notices")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_notices_notice_id")),
    )
    op.create_index(
        op.f("ix_notices_state_priority_seq"), "notices", ["state", "priority", "seq"], unique=False
    )
    op.create_index(op.f("ix_notices_subject"), "notices", ["subject"], unique=False)
    op.create_table(
        "orders",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("venue_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("order_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("qty", sa.Text(), nullable=False),
        sa.Column("filled_qty", sa.Text(), nullable=False),
        sa.Column("reduce_only", sa.Boolean(), nullable=False),
        sa.Column("event_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("average_price", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("trigger_price", sa.Text(), nullable=False),
        sa.Column("conditional", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book", "client_id", name=op.f("pk_orders")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "setups",
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("direction", sa.BigInteger(), nullable=False),
        sa.Column("proved_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=True),
        sa.Column("probability", sa.Float(precision=53), nullable=True),
        sa.Column("scorer", sa.Text(), nullable=True),
        sa.Column("setup", sa.Text(), nullable=False),
        sa.Column("score", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("setup_id", name=op.f("pk_setups")),
    )
    op.create_index(op.f("ix_setups_at_ms"), "setups", ["at_ms"], unique=False)
    op.create_table(
        "signals",
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.Float(precision=53), nullable=False),
        sa.Column("fee_ratio", sa.Float(precision=53), nullable=False),
        sa.Column("spread_ratio", sa.Float(precision=53), nullable=False),
        sa.Column("impact_ratio", sa.Float(precision=53), nullable=False),
        sa.Column("cost_r", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("setup_id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_at_ms"), "signals", ["at_ms"], unique=False)
    op.create_table(
        "telegram_state",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_telegram_state")),
    )
    op.create_table(
        "trades",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("trade_key", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=True),
        sa.Column("entry_price", sa.Float(precision=53), nullable=False),
        sa.Column("stop_price", sa.Text(), nullable=False),
        sa.Column("target_price", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("time_exit_ms", sa.BigInteger(), nullable=False),
        sa.Column("stagnation_ms", sa.BigInteger(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("best_r", sa.Float(precision=53), nullable=False),
        sa.Column("timeframe", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book", "trade_key", name=op.f("pk_trades")),
    )
    op.create_table(
        "verdicts",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=True),
        sa.Column("qty", sa.Text(), nullable=True),
        sa.Column("limit_price", sa.Text(), nullable=True),
        sa.Column("stop_price", sa.Text(), nullable=True),
        sa.Column("target_price", sa.Text(), nullable=True),
        sa.Column("risk_ratio", sa.Float(precision=53), nullable=True),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("margin", sa.Text(), nullable=True),
        sa.Column("at_floor", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_verdicts")),
    )
    op.create_index(op.f("ix_verdicts_setup_id"), "verdicts", ["setup_id"], unique=False)


def downgrade() -> None:
    """Drop every table."""
    op.drop_index(op.f("ix_verdicts_setup_id"), table_name="verdicts")
    op.drop_table("verdicts")
    op.drop_table("trades")
    op.drop_table("telegram_state")
    op.drop_index(op.f("ix_signals_at_ms"), table_name="signals")
    op.drop_table("signals")
    op.drop_index(op.f("ix_setups_at_ms"), table_name="setups")
    op.drop_table("setups")
    op.drop_table("settings")
    op.drop_table("orders")
    op.drop_index(op.f("ix_notices_subject"), table_name="notices")
    op.drop_index(op.f("ix_notices_state_priority_seq"), table_name="notices")
    op.drop_table("notices")
    op.drop_table("lease")
    op.drop_index(op.f("ix_intents_state"), table_name="intents")
    op.drop_table("intents")
    op.drop_index(op.f("ix_fills_book_trade_key"), table_name="fills")
    op.drop_table("fills")
    op.drop_table("equity")
    op.drop_table("commands")
    op.drop_index(op.f("ix_closed_trades_setup_id"), table_name="closed_trades")
    op.drop_index(op.f("ix_closed_trades_book_closed_ms"), table_name="closed_trades")
    op.drop_table("closed_trades")
