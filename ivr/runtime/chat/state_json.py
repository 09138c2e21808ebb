"""A dialogue's state as JSON, so that another process can go on with it."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

from ivr.dialogue import state as dialogue
from ivr.grammar import result

_NEVER_KEPT = frozenset({"secrets", "former"})
"""What a customer told to prove who they are, and a state that may hold it."""

_KINDS: dict[str, type[Any]] = {
    name: kind
    for module in (dialogue, result)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Enum))
}
"""Everything that a state, or an action, is made of."""

_KIND = "$"


def to_json(value: Any) -> Any:
    """A state, an action or a part of one in the types of JSON, without secrets.

    Raises `TypeError` for a value that could not be read back.
    """
    match value:
        case Enum() | Decimal() | date() | time():
            return _single_to_json(value)
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case tuple() | list():
            return [to_json(item) for item in value]
    return _fields_to_json(value)


def _single_to_json(value: Enum | Decimal | date | time) -> Any:
    match value:
        case Enum():
            return {_KIND: _known(value), "value": value.value}
        case Decimal():
            return {_KIND: "decimal", "value": str(value)}
        case date():
            return {_KIND: "date", "value": value.isoformat()}
        case time():
            return {_KIND: "time", "value": value.isoformat()}


def _fields_to_json(value: Any) -> Any:
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"a {type(value).__name__} cannot be kept as JSON")
    kept = (spec.name for spec in fields(value) if spec.name not in _NEVER_KEPT)
    return {_KIND: _known(value), **{name: to_json(getattr(value, name)) for name in kept}}


def from_json(value: Any) -> Any:
    """What `to_json` wrote. Fields that are not known any more are left aside, new ones get their defaults.

    Raises `ValueError` for what cannot be read, such as a state written by a program too old.
    """
    if isinstance(value, list):
        return tuple(from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    if _KIND not in value:
        return {key: from_json(item) for key, item in value.items()}
    try:
        return _read(str(value[_KIND]), value)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        raise ValueError(f"cannot read a kept {value[_KIND]}") from None


def _read(name: str, value: Mapping[str, Any]) -> Any:
    if name == "decimal":
        return Decimal(value["value"])
    if name == "date":
        return date.fromisoformat(value["value"])
    if name == "time":
        return time.fromisoformat(value["value"])
    kind = _KINDS[name]
    if issubclass(kind, Enum):
        return kind(value["value"])
    known = {spec.name for spec in fields(kind)}
    return kind(**{key: from_json(item) for key, item in value.items() if key in known})


def _known(value: object) -> str:
    name = type(value).__name__
    if _KINDS.get(name) is not type(value):
        raise TypeError(f"a {name} cannot be kept as JSON")
    return name
