"""The tables. Money and quantities are TEXT, exact; times are Unix milliseconds.

Column names are the field names of the domain values, so that `codec.to_row` fills them.
Changing a table here needs a migration; a test holds the two together.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0004"
"""The newest migration; lets a start that has nothing to migrate skip loading Alembic."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Millis = BigInteger
# SQLite gives out row ids for INTEGER PRIMARY KEY only.
_Counter = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _whole(name: str) -> Column[int]:
    return Column(name, _Millis, nullable=False)


def _real(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Float(53), nullable=null)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


settings = Table("settings", metadata, Column("key", Text, primary_key=True), _text("value"))

intents = Table(
    "intents",
    metadata,
    Column("seq", _Counter, primary_key=True, autoincrement=True),
    _text("client_id"),
    _text("signal_key", null=True),
    _text("book"),
    _text("trade_key"),
    _text("symbol"),
    _text("side"),
    _text("order_type"),
    _text("qty"),
    _text("purpose"),
    _text("price", null=True),
    _text("trigger_price", null=True),
    _text("time_in_force", null=True),
    _flag("reduce_only"),
    _whole("created_ms"),
    _whole("attempt"),
    _text("state"),
    _text("reason"),
    UniqueConstraint("client_id"),
    UniqueConstraint("signal_key"),
    Index(None, "state"),
)

orders = Table(
    "orders",
    metadata,
    Column("book", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    _text("venue_id"),
    _text("symbol"),
    _text("side"),
    _text("order_type"),
    _text("status"),
    _text("qty"),
    _text("filled_qty"),
    _flag("reduce_only"),
    _whole("event_time_ms"),
    _text("average_price"),
    _text("price"),
    _text("trigger_price"),
    _flag("conditional"),
    _text("reason"),
)

fills = Table(
    "fills",
    metadata,
    Column("seq", _Counter, primary_key=True, autoincrement=True),
    _text("book"),
    _text("trade_key"),
    _text("symbol"),
    _text("client_id"),
    _text("venue_id"),
    _whole("trade_id"),
    _text("side"),
    _text("qty"),
    _text("price"),
    _text("fee"),
    _text("fee_asset"),
    _text("realised_pnl"),
    _flag("is_maker"),
    _whole("event_time_ms"),
    UniqueConstraint("book", "symbol", "trade_id"),
    Index(None, "book", "trade_key"),
)

trades = Table(
    "trades",
    metadata,
    Column("book", Text, primary_key=True),
    Column("trade_key", Text, primary_key=True),
    _text("symbol"),
    _text("setup_id"),
    _whole("direction"),
    _real("score", null=True),
    _real("entry_price"),
    _text("stop_price"),
    _text("target_price"),
    _text("risk"),
    _whole("time_exit_ms"),
    _whole("stagnation_ms"),
    _whole("opened_ms"),
    _real("best_r"),
    _text("timeframe"),
    Column("funding", Text, nullable=False, server_default="0"),
)

closed_trades = Table(
    "closed_trades",
    metadata,
    Column("book", Text, primary_key=True),
    Column("trade_key", Text, primary_key=True),
    _text("symbol"),
    _whole("direction"),
    _text("setup_id"),
    _real("score", null=True),
    _text("qty"),
    _text("entry_price"),
    _text("exit_price"),
    _text("risk"),
    _text("gross"),
    _text("fees"),
    _text("funding"),
    _text("reason"),
    _whole("opened_ms"),
    _whole("closed_ms"),
    Index(None, "book", "closed_ms"),
    Index(None, "setup_id"),
)

setups = Table(
    "setups",
    metadata,
    Column("setup_id", Text, primary_key=True),
    _whole("at_ms"),
    _text("symbol"),
    _text("timeframe"),
    _text("recipe"),
    _whole("direction"),
    _whole("proved_at_ms"),
    _text("fate"),
    _real("value", null=True),
    _real("probability", null=True),
    _text("scorer", null=True),
    _text("setup"),
    _text("score", null=True),
    Index(None, "at_ms"),
)

shadow_scores = Table(
    "shadow_scores",
    metadata,
    Column("scorer", Text, primary_key=True),
    Column("setup_id", Text, primary_key=True),
    _whole("at_ms"),
    _real("value"),
    _real("probability", null=True),
)

setup_outcomes = Table(
    "setup_outcomes",
    metadata,
    Column("setup_id", Text, primary_key=True),
    _whole("known_at_ms"),
    _text("reason"),
    _real("gross_r", null=True),
    _real("net_r", null=True),
    Index(None, "known_at_ms"),
)

signals = Table(
    "signals",
    metadata,
    Column("setup_id", Text, primary_key=True),
    _whole("at_ms"),
    _real("threshold"),
    _real("fee_ratio"),
    _real("spread_ratio"),
    _real("impact_ratio"),
    _real("cost_r"),
    Index(None, "at_ms"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("seq", _Counter, primary_key=True, autoincrement=True),
    _text("setup_id"),
    _whole("at_ms"),
    _flag("approved"),
    _text("rule", null=True),
    _text("detail"),
    _text("book", null=True),
    _text("qty", null=True),
    _text("limit_price", null=True),
    _text("stop_price", null=True),
    _text("target_price", null=True),
    _real("risk_ratio", null=True),
    _text("risk", null=True),
    _text("margin", null=True),
    _flag("at_floor"),
    _text("figures", null=True),
    Index(None, "setup_id"),
)

equity = Table(
    "equity",
    metadata,
    Column("book", Text, primary_key=True),
    Column("at_ms", _Millis, primary_key=True, autoincrement=False),
    _text("wallet"),
    _text("equity"),
)

commands = Table(
    "commands",
    metadata,
    Column("seq", _Counter, primary_key=True, autoincrement=True),
    _text("command_id"),
    _whole("at_ms"),
    _text("kind"),
    _text("requested_by"),
    _text("command"),
    _flag("accepted"),
    _text("detail"),
    UniqueConstraint("command_id"),
)

runs = Table(
    "runs",
    metadata,
    Column("epoch", _Millis, primary_key=True, autoincrement=False),
    _whole("started_ms"),
    _text("run"),
)

notices = Table(
    "notices",
    metadata,
    Column("seq", _Counter, primary_key=True, autoincrement=True),
    _text("notice_id"),
    _whole("at_ms"),
    _whole("priority"),
    _text("kind"),
    _text("subject"),
    _text("notice"),
    _text("state"),
    _whole("attempts"),
    Column("message_id", BigInteger, nullable=True),
    _text("detail"),
    UniqueConstraint("notice_id"),
    Index(None, "state", "priority", "seq"),
    Index(None, "subject"),
)

telegram_state = Table(
    "telegram_state", metadata, Column("key", Text, primary_key=True), _text("value")
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    _text("holder"),
    _whole("epoch"),
    _whole("expires_ms"),
)
