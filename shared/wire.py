"""JSON in and out: camelCase on the wire, plain dataclasses inside; the only user of the codec library.

Each dataclass gets, once, a compiled twin (an msgspec Struct) that carries the wire names; conversion between
the two runs in C. Decoding is strict about types and ignores unknown fields, since old clients send extras.
"""

import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from shared.ids import FORMATS
from shared.money import Number
from shared.problems import Code, FieldError, ProblemError

T = TypeVar("T")

_encoder = msgspec.json.Encoder(decimal_format="number")
_exact = msgspec.json.Decoder(float_hook=Decimal)


def to_wire(value: Any) -> Any:
    """The wire form of a dataclass (or a list of them), ready for `encode`; other values pass unchanged."""
    if is_dataclass(value) and not isinstance(value, type):
        whole: Any = value
        if getattr(value, "__parameters__", ()):
            # An instance does not know what a generic class was made for: its items say it themselves.
            whole = replace(whole, **{member.name: to_wire(getattr(whole, member.name)) for member in fields(whole)})
        return msgspec.convert(whole, _twin(cast(Any, type(whole)), decoding=False), from_attributes=True)
    if isinstance(value, list):
        return [to_wire(item) for item in value]
    return value


def encode(value: Any) -> bytes:
    """A dataclass, a list of them, or plain JSON values as UTF-8 JSON text."""
    return _encoder.encode(to_wire(value))


def to_plain(value: Any) -> Any:
    """The wire form as plain lists and dicts with wire names."""
    return msgspec.json.decode(encode(value))


def parse(data: bytes | str) -> Any:
    """Read JSON text into plain values.

    Raises:
        ProblemError: `malformed_body` when it is no JSON, holds NaN or lone surrogates, or nests too deeply.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ProblemError(Code.MALFORMED_BODY, f"The body is not valid JSON: {error}.") from error


def decode(target: type[T], data: bytes | str) -> T:
    """Read JSON text into a dataclass (or a list of them).

    Raises:
        ProblemError: `malformed_body`, or `validation_failed` with every wrong field.
    """
    return from_wire(target, parse(data))


def restore(target: type[T], data: bytes | str) -> T:
    """Read back what `encode` wrote of a dataclass: equal to it, and written again the same to the byte."""
    twin = _rewrite(cast(Any, target), decoding=False, bound={})
    return msgspec.convert(msgspec.convert(_exact.decode(data), twin), target, from_attributes=True)


def from_wire(target: type[T], value: Any) -> T:
    """Read plain JSON values into a dataclass (or a list of them).

    Raises:
        ProblemError: `validation_failed` with every wrong field.
    """
    twin = _decoding(cast(Any, target))
    try:
        return msgspec.convert(msgspec.convert(value, twin), target, from_attributes=True)
    except msgspec.ValidationError as error:
        raise _validation_problem(twin, value, str(error)) from error


def from_text(target: type[T], values: Mapping[str, str]) -> T:
    """Read a query string's values, which are all text, into a dataclass.

    Raises:
        ProblemError: `validation_failed` with every wrong field.
    """
    twin = _decoding(cast(Any, target))
    try:
        return msgspec.convert(msgspec.convert(dict(values), twin, strict=False), target, from_attributes=True)
    except msgspec.ValidationError as error:
        raise _validation_problem(twin, values, str(error), strict=False) from error


def schemas(targets: list[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """JSON Schemas (2020-12) of types with wire names, and the components that they refer to."""
    found, components = msgspec.json.schema_components(
        [_decoding(target) for target in targets], ref_template="#/components/schemas/{name}"
    )
    return list(found), dict(components)


@cache
def _decoding(target: Any) -> Any:
    return _rewrite(target, decoding=True, bound={})


@cache
def _twin(cls: Any, *, decoding: bool) -> Any:
    """The Struct that stands for a dataclass, or for a parametrised one, in one direction."""
    origin = get_origin(cls) or cls
    bound = dict(zip(getattr(origin, "__parameters__", ()), get_args(cls), strict=False))
    hints = get_type_hints(origin, include_extras=True)
    members: list[Any] = []
    for member in fields(origin):
        kind = _rewrite(hints[member.name], decoding=decoding, bound=bound)
        if member.default is not MISSING:
            members.append((member.name, kind, member.default))
        elif member.default_factory is not MISSING:
            members.append((member.name, kind, msgspec.field(default_factory=member.default_factory)))
        else:
            members.append((member.name, kind))
    suffix = "".join(getattr(argument, "__name__", "") for argument in get_args(cls))
    return msgspec.defstruct(
        origin.__name__ + suffix,
        members,
        rename="camel",
        kw_only=True,
        omit_defaults=getattr(origin, "OMIT_DEFAULTS", False),
        namespace={"__doc__": (origin.__doc__ or "").partition("\n")[0]},
    )


def _rewrite(kind: Any, *, decoding: bool, bound: Mapping[Any, Any]) -> Any:
    """A type with every dataclass in it replaced by its twin, and every decimal by a JSON number."""
    if isinstance(kind, TypeVar):
        return _rewrite(bound.get(kind, Any), decoding=decoding, bound={})
    if kind is Decimal:
        return float if decoding else Decimal
    origin = get_origin(kind)
    if is_dataclass(origin or kind):
        return _twin(_bind(kind, bound), decoding=decoding)
    if origin is Annotated:
        return _rewrite_annotated(kind, decoding=decoding, bound=bound)
    if origin in (Union, types.UnionType):
        return Union[tuple(_rewrite(a, decoding=decoding, bound=bound) for a in get_args(kind))]  # noqa: UP007
    if origin in (list, dict, tuple, set):
        return origin[tuple(_rewrite(a, decoding=decoding, bound=bound) for a in get_args(kind))]
    return kind


def _rewrite_annotated(kind: Any, *, decoding: bool, bound: Mapping[Any, Any]) -> Any:
    base, *marks = get_args(kind)
    rewritten = _rewrite(base, decoding=decoding, bound=bound)
    if not decoding:
        return rewritten
    for mark in marks:
        if isinstance(mark, msgspec.Meta):
            rewritten = Annotated[rewritten, mark]
        elif isinstance(mark, Number):
            rewritten = Annotated[rewritten, msgspec.Meta(ge=mark.ge, le=mark.le)]
    return rewritten


def _bind(kind: Any, bound: Mapping[Any, Any]) -> Any:
    arguments = get_args(kind)
    return get_origin(kind)[tuple(bound.get(a, a) for a in arguments)] if arguments else kind


_PATH = re.compile(r" - at `\$?\.?(?P<path>[^`]*)`$")


def _validation_problem(twin: Any, value: Any, text: str, *, strict: bool = True) -> ProblemError:
    """Every wrong field of a body; msgspec itself stops at the first."""
    errors = _field_errors(twin, value, strict=strict) or [_field_error("", text)]
    named = [f"{error.field}: {error.message}" if error.field else error.message for error in errors]
    return ProblemError(Code.VALIDATION_FAILED, " ".join(named), errors=errors)


def _field_errors(twin: Any, value: Any, *, strict: bool) -> list[FieldError]:
    if not (isinstance(twin, type) and issubclass(twin, msgspec.Struct) and isinstance(value, Mapping)):
        return []
    errors = []
    for member in msgspec.structs.fields(twin):
        name = member.encode_name
        if name not in value:
            if member.required:
                errors.append(FieldError(field=name, code="required", message="This field is required."))
            continue
        try:
            msgspec.convert(value[name], member.type, strict=strict)
        except msgspec.ValidationError as error:
            errors.append(_field_error(name, str(error)))
    return errors


def _field_error(name: str, text: str) -> FieldError:
    """One of msgspec's sentences as a field error with a stable code."""
    path = _PATH.search(text)
    inner = path["path"] if path else ""
    sentence = _PATH.sub("", text)
    missing = re.fullmatch(r"Object missing required field `(.*)`", sentence)
    if missing:
        inner = f"{inner}.{missing[1]}" if inner else missing[1]
        code, sentence = "required", "This field is required"
    elif "of length" in sentence:
        code = "wrong_length"
    elif "matching regex" in sentence:
        code, sentence = "wrong_format", _format_in_words(sentence)
    elif ">=" in sentence or "<=" in sentence:
        code = "out_of_range"
    elif "Invalid enum value" in sentence:
        code = "unknown_value"
    else:
        code = "wrong_type"
    joined = f"{name}{inner}" if inner.startswith("[") else ".".join(part for part in (name, inner) if part)
    return FieldError(field=joined, code=code, message=sentence.replace("`", "") + ".")


def _format_in_words(sentence: str) -> str:
    words = next((words for pattern, words in FORMATS.items() if repr(pattern)[1:-1] in sentence), None)
    return f"Use {words}" if words else sentence
