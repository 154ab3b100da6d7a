"""The exchange's state as JSON and back, so that a restarted exchange goes on where it stopped."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from engine.exchange.sim.account import Account, Income, Position, SymbolSettings, Trade
from engine.exchange.sim.algo import AlgoOrder
from engine.exchange.sim.errors import SimError
from engine.exchange.sim.ledger import Fact
from engine.exchange.sim.orders import Order
from engine.exchange.sim.tick import Tick
from engine.exchange.sim.world import Counters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from _typeshed import DataclassInstance

    from engine.exchange.sim.rules import SymbolRules
    from engine.exchange.sim.world import World

FORMAT: Final = 1

T = TypeVar("T")


class StateError(SimError):
    """A saved state that cannot be loaded: another format, or broken."""


class PackedRows:
    """Rows already packed, so that a save costs what is new and not the whole history.

    Histories only grow at their end and ended orders never change; after the venue forgot old rows
    (`forget_old`) the cache must be cleared.
    """

    def __init__(self) -> None:
        """Start with nothing packed."""
        self._histories: dict[tuple[str, str], list[list[Any]]] = {}
        self._ended: dict[tuple[str, str, int], list[Any]] = {}

    def clear(self) -> None:
        """Forget every row."""
        self._histories.clear()
        self._ended.clear()

    def history(self, owner: str, kind: str, items: Sequence[DataclassInstance]) -> list[Any]:
        """Return the rows of an append-only list of frozen values."""
        rows = self._histories.setdefault((owner, kind), [])
        rows.extend(_values(item) for item in items[len(rows) :])
        return list(rows)

    def ended(self, owner: str, kind: str, number: int, item: DataclassInstance) -> list[Any]:
        """Return the row of an order that will not change any more."""
        key = (owner, kind, number)
        if key not in self._ended:
            self._ended[key] = _values(item)
        return self._ended[key]


def dump_world(world: World, packed: PackedRows) -> dict[str, Any]:
    """Return everything that changes as JSON-ready data; rules and fees are given again at load."""
    return {
        "format": FORMAT,
        "seed_balance": str(world.seed_balance),
        "counters": asdict(world.counters),
        "statuses": {symbol: rules.status for symbol, rules in world.rules.items()},
        "quotes": {symbol: _pack_tick(tick) for symbol, tick in world.quotes.items()},
        "accounts": [_pack_account(account, packed) for account in world.accounts.values()],
        "events": [[name, event] for name, event in world.events],
        "ledger": packed.history("", "facts", world.ledger.facts),
    }


def load_world(world: World, state: Mapping[str, Any]) -> None:
    """Fill a fresh world with a dumped state.

    Raises:
        StateError: the state has another format, misses a part or names an unknown symbol.
    """
    if state.get("format") != FORMAT:
        message = (
            f"saved exchange state has format {state.get('format')!r}, this program reads {FORMAT}"
        )
        raise StateError(message)
    try:
        _fill(world, state)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        message = f"saved exchange state is broken: {error!r}"
        raise StateError(message) from error


def _fill(world: World, state: Mapping[str, Any]) -> None:
    world.seed_balance = Decimal(state["seed_balance"])
    world.counters = Counters(**state["counters"])
    for symbol, status in state["statuses"].items():
        if symbol in world.rules:
            world.rules[symbol] = _with_status(world, symbol, status)
    for symbol, quote in state["quotes"].items():
        world.quotes[symbol] = _unpack_tick(quote)
    for packed in state["accounts"]:
        account = _unpack_account(packed)
        _require_known(world, account)
        world.accounts[account.name] = account
    world.events[:] = [(name, event) for name, event in state["events"]]
    for row in state["ledger"]:
        world.ledger.append(_unpack(Fact, row))


def _with_status(world: World, symbol: str, status: str) -> SymbolRules:
    rules = world.rules[symbol]
    return replace(rules, status=status)


def _require_known(world: World, account: Account) -> None:
    used = {p.symbol for p in account.live_positions()}
    used |= {o.symbol for o in account.orders.values()} | {a.symbol for a in account.algos.values()}
    unknown = sorted(used - set(world.rules))
    if unknown:
        message = f"saved exchange state uses symbols this market does not have: {unknown}"
        raise StateError(message)


@cache
def _names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _values(value: DataclassInstance) -> list[Any]:
    """Return the fields of a flat dataclass in order, its Decimals as texts."""
    items = [getattr(value, name) for name in _names(type(value))]
    return [str(item) if type(item) is Decimal else item for item in items]


def _unpack(kind: type[T], row: Sequence[Any]) -> T:
    """Turn the values of a flat dataclass, in the order of its fields, back into it."""
    named = zip(fields(kind), row, strict=True)  # type: ignore[arg-type]
    return kind(**{f.name: Decimal(v) if f.type == "Decimal" else v for f, v in named})


def _pack_tick(tick: Tick) -> dict[str, Any]:
    names = _names(Tick)
    return {
        **dict(zip(names, _values(tick), strict=True)),
        "path": [str(price) for price in tick.path],
    }


def _unpack_tick(row: Mapping[str, Any]) -> Tick:
    path = tuple(Decimal(price) for price in row["path"])
    return Tick(**{name: Decimal(v) for name, v in row.items() if name != "path"}, path=path)


def _pack_account(account: Account, packed: PackedRows) -> dict[str, Any]:
    owner = account.name
    return {
        "name": owner,
        "wallet": str(account.wallet),
        "dual_side": account.dual_side,
        "multi_assets": account.multi_assets,
        "positions": [_values(position) for position in account.positions.values()],
        "settings": {symbol: asdict(chosen) for symbol, chosen in account.settings.items()},
        "orders": [
            _values(order) if order.is_open else packed.ended(owner, "order", number, order)
            for number, order in account.orders.items()
        ],
        "algos": [
            packed.ended(owner, "algo", number, algo) if algo.has_ended else _values(algo)
            for number, algo in account.algos.items()
        ],
        "open_algos": list(account.open_algos),
        "incomes": packed.history(owner, "incomes", account.incomes),
        "trades": packed.history(owner, "trades", account.trades),
        "countdowns": dict(account.countdowns),
        "margin_called": sorted(account.margin_called),
    }


def _unpack_account(row: Mapping[str, Any]) -> Account:
    positions = [_unpack(Position, p) for p in row["positions"]]
    orders = {order.order_id: order for order in (_unpack(Order, o) for o in row["orders"])}
    algos = {algo.algo_id: algo for algo in (_unpack(AlgoOrder, a) for a in row["algos"])}
    return Account(
        name=row["name"],
        wallet=Decimal(row["wallet"]),
        dual_side=row["dual_side"],
        multi_assets=row["multi_assets"],
        positions={(p.symbol, p.side): p for p in positions},
        settings={symbol: SymbolSettings(**s) for symbol, s in row["settings"].items()},
        orders=orders,
        open_orders={number: order for number, order in orders.items() if order.is_open},
        algos=algos,
        open_algos={number: algos[number] for number in row["open_algos"]},
        incomes=[_unpack(Income, i) for i in row["incomes"]],
        trades=[_unpack(Trade, t) for t in row["trades"]],
        countdowns=dict(row["countdowns"]),
        margin_called=set(row["margin_called"]),
    )
