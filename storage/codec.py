"""Frozen dataclasses of the domain as JSON text and back, exactly.

Driven by the type annotations, so a new domain value needs no code here. Decimals become their
text, enums their value, tuples lists; a member of a union of dataclasses carries its class name
under `_`. Non-finite floats, which JSON lacks, become the texts "nan", "inf" and "-inf".
"""

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import orjson
from sqlalchemy import RowMapping

Value = TypeVar("Value")
Kind: TypeAlias = Any
"""A type as annotations spell it: a class, a union or a parametrised container."""
Plain: TypeAlias = Any
"""What JSON knows: dict, list, str, int, float, bool, None."""
Stored: TypeAlias = Any
"""A value of the kind that was asked for."""
Converter = Callable[[Any], Any]

TAG = "_"


def dumps(kind: Kind, value: object) -> str:
    """Return `value`, of the annotated type `kind`, as JSON text.

    Raises:
        TypeError: the type, or the class of a union member, is not one we can store.
    """
    return orjson.dumps(encoder(kind)(value)).decode()


def loads(kind: Kind, text: str) -> Stored:
    """Return the value that `dumps(kind, value)` wrote; fields added since take their default.

    Raises:
        ValueError: the text is not JSON of this type.
    """
    try:
        return decoder(kind)(orjson.loads(text))
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"not a stored {_name(kind)}: {error!r}") from error


def to_row(value: object) -> dict[str, Any]:
    """Return a dataclass as one table row: column = field, Decimals and enums as plain values."""
    return {
        name: encode(getattr(value, name))
        for name, encode in _field_encoders(cast("Kind", type(value))).items()
    }


def from_row(kind: type[Value], row: Mapping[str, Plain] | RowMapping) -> Value:
    """Return the dataclass `kind` from a mapping that has (at least) its fields."""
    decoders = _field_decoders(cast("Kind", kind))
    return kind(**{name: decode(row[name]) for name, decode in decoders.items() if name in row})


@cache
def encoder(kind: Kind) -> Converter:
    """Return the function that turns a value of `kind` into JSON's types."""
    members, optional = _members(kind)
    if optional or len(members) > 1:
        return _optional(_union_encoder(members))
    kind = members[0]
    if is_dataclass(kind):
        return to_row
    return _container(kind, encoder) or _scalar_encoder(kind)


@cache
def decoder(kind: Kind) -> Converter:
    """Return the function that undoes `encoder(kind)`."""
    members, optional = _members(kind)
    if optional or len(members) > 1:
        return _optional(_union_decoder(members))
    kind = members[0]
    if is_dataclass(kind):
        return _dataclass_decoder(cast("type", kind))
    return _container(kind, decoder) or _scalar_decoder(kind)


def _members(kind: Kind) -> tuple[tuple[Kind, ...], bool]:
    if get_origin(kind) not in {Union, types.UnionType}:
        return (kind,), False
    members = get_args(kind)
    return tuple(m for m in members if m is not types.NoneType), types.NoneType in members


def _optional(convert: Converter) -> Converter:
    return lambda value: None if value is None else convert(value)


def _union_encoder(members: tuple[Kind, ...]) -> Converter:
    if len(members) == 1:
        return encoder(members[0])
    by_class = {_tagged(member): encoder(member) for member in members}

    def encode(value: Stored) -> Plain:
        name = type(value).__name__
        if name not in by_class:
            raise TypeError(f"{name} is none of {', '.join(by_class)}")
        return {TAG: name, **by_class[name](value)}

    return encode


def _union_decoder(members: tuple[Kind, ...]) -> Converter:
    if len(members) == 1:
        return decoder(members[0])
    by_name = {_tagged(member): decoder(member) for member in members}
    return lambda raw: by_name[raw[TAG]](raw)


def _tagged(member: Kind) -> str:
    if not is_dataclass(member):
        raise TypeError(f"unions may hold dataclasses only, not {_name(member)}")
    return cast("type", member).__name__


def _container(kind: Kind, converter: Callable[[Kind], Converter]) -> Converter | None:
    origin: object = get_origin(kind)
    arguments = get_args(kind)
    if origin is tuple and arguments[-1] is Ellipsis:
        each = converter(arguments[0])
        whole: Callable[[Any], Any] = list if converter is encoder else tuple
        return lambda values: whole(each(value) for value in values)
    if origin is dict and arguments[0] is str:
        item = converter(arguments[1])
        return lambda values: {key: item(value) for key, value in values.items()}
    return None


@cache
def _field_encoders(kind: Kind) -> dict[str, Converter]:
    hints = get_type_hints(kind)
    return {field.name: encoder(hints[field.name]) for field in fields(kind)}


@cache
def _field_decoders(kind: Kind) -> dict[str, Converter]:
    hints = get_type_hints(kind)
    return {field.name: decoder(hints[field.name]) for field in fields(kind)}


def _dataclass_decoder(kind: type) -> Converter:
    return lambda raw: from_row(kind, raw)


def _scalar_encoder(kind: Kind) -> Converter:
    if kind is Decimal:
        return str
    if kind is float:
        return lambda value: float(value) if math.isfinite(value) else str(float(value))
    if kind in {int, bool, str}:
        return cast("Converter", kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    raise TypeError(f"no JSON form for {_name(kind)}")


def _scalar_decoder(kind: Kind) -> Converter:
    if kind in {Decimal, float, int, bool, str}:
        return cast("Converter", kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    raise TypeError(f"no JSON form for {_name(kind)}")


def _name(kind: Kind) -> str:
    return getattr(kind, "__name__", str(kind))
