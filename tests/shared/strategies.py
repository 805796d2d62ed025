"""Hypothesis strategies for everything on the wire, within the bounds that the contract states."""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from shared.money import Number

_MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9000, 1, 1), timezones=st.just(UTC))
_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(0, 2**53),
    bool: st.booleans(),
    float: st.floats(0, 1e9, allow_nan=False),
    datetime: _MOMENTS,
    Decimal: st.integers(0, 10**11).map(lambda cents: Decimal(cents).scaleb(-2)),
    type(None): st.none(),
    Any: _JSON,
}


def of(kind: Any, bound: dict[Any, Any] | None = None) -> st.SearchStrategy[Any]:
    """Values of a type."""
    bound = bound or {}
    if isinstance(kind, TypeVar):
        return of(bound.get(kind, Any))
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(origin or kind):
        return _instances(origin or kind, arguments, bound)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:], bound)
    if origin in (Union, types.UnionType):
        return st.one_of(*(of(argument, bound) for argument in arguments))
    if origin is list:
        return st.lists(of(arguments[0], bound), max_size=3)
    if origin is dict:
        return st.dictionaries(of(arguments[0], bound), of(arguments[1], bound), max_size=3)
    raise TypeError(f"no strategy for {kind!r}")


def _instances(cls: Any, arguments: tuple[Any, ...], bound: dict[Any, Any]) -> st.SearchStrategy[Any]:
    given = tuple(bound.get(argument, argument) for argument in arguments)
    inner = dict(zip(getattr(cls, "__parameters__", ()), given, strict=False))
    hints = get_type_hints(cls, include_extras=True)
    required, optional = {}, {}
    for member in fields(cls):
        has_default = member.default is not MISSING or member.default_factory is not MISSING
        (optional if has_default else required)[member.name] = of(hints[member.name], inner)
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: cls(**values))


def _annotated(base: Any, marks: tuple[Any, ...], bound: dict[Any, Any]) -> st.SearchStrategy[Any]:
    for mark in marks:
        if isinstance(mark, Number):
            most = int(min(mark.le or 10**9, 10**9)) * 100
            return st.integers(int(mark.ge or 0) * 100, most).map(lambda cents: Decimal(cents).scaleb(-2))
        if isinstance(mark, msgspec.Meta):
            if mark.pattern is not None:
                return st.from_regex(mark.pattern).filter(lambda text: not text.endswith("\n"))
            if base is str:
                return st.text(
                    st.characters(codec="utf-8"), min_size=mark.min_length or 0, max_size=min(mark.max_length or 30, 30)
                )
            if get_origin(base) is list:
                return st.lists(of(get_args(base)[0], bound), min_size=mark.min_length or 0, max_size=3)
            if base is int:
                return st.integers(mark.ge or 0, mark.le or 2**53)
    return of(base, bound)
