"""The codec: whatever the contract can say survives the wire, and nothing else is let in."""

import contextlib
import json
import re
from dataclasses import dataclass, field, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from shared import commands, endpoints, events, ingest, views, wire
from shared.money import Amount
from shared.problems import Code, ErrorBody, ProblemError, Refusal
from shared.views import StreamStatus
from tests.shared import strategies


def _declared(module: Any) -> list[Any]:
    """The dataclasses that a module itself declares."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    ]


ANSWERS = [kind for endpoint in endpoints.ENDPOINTS for kind in (endpoint.returns, *endpoint.or_returns)]
NOT_ON_THE_WIRE = (events.EventSpec, commands.CommandSpec)
TYPES = {
    repr(kind): kind
    for kind in [
        *_declared(views),
        *_declared(commands),
        *_declared(events),
        *_declared(ingest),
        *ANSWERS,
        ErrorBody,
        Refusal,
    ]
    if kind not in NOT_ON_THE_WIRE
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, as a stand-in for nested bodies."""

    product_id: str
    quantity: Annotated[int, Meta(ge=1, le=10)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A body with one field of each kind."""

    buyer_name: Annotated[str, Meta(min_length=1, max_length=5)]
    unit_price: Amount = Decimal(0)
    is_gift: bool = False
    item_count: int = 0
    ratio: float = 0.0
    placed_at: datetime | None = None
    status: StreamStatus | None = None
    lines: list[Line] = field(default_factory=list)


def _problem(text: str | bytes, target: Any = Order) -> ProblemError:
    with pytest.raises(ProblemError) as refusal:
        wire.decode(target, text)
    return refusal.value


def _wrong(**changes: Any) -> list[tuple[str, str]]:
    problem = _problem(json.dumps({"buyerName": "Ann"} | changes))
    assert problem.code is Code.VALIDATION_FAILED
    return [(error.field, error.code) for error in problem.errors]


@pytest.mark.parametrize("kind", TYPES.values(), ids=list(TYPES))
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_everything_in_the_contract_survives_the_wire(kind: Any, data: st.DataObject):
    value = data.draw(strategies.of(kind))
    assert wire.decode(kind, wire.encode(value)) == value


@pytest.mark.parametrize("kind", [kind for kind in TYPES.values() if kind is not events.ControlBatch])
def test_names_on_the_wire_are_camel_case(kind: Any):
    _, components = wire.schemas([kind])
    for schema in components.values():
        for name in schema.get("properties", {}):
            assert re.fullmatch(r"[a-z][a-zA-Z0-9]*", name)


def test_amounts_are_exact_json_numbers():
    assert wire.encode({"price": Decimal("15.00")}) == b'{"price":15.00}'
    assert wire.encode(Order(buyer_name="A", unit_price=Decimal("0.10"))).startswith(
        b'{"buyerName":"A","unitPrice":0.10,'
    )
    for text, amount in (("15", "15"), ("15.00", "15"), ("0.1", "0.1"), ("999999999999.99", "999999999999.99")):
        assert wire.decode(Order, f'{{"buyerName": "A", "unitPrice": {text}}}').unit_price == Decimal(amount)


@given(st.decimals(0, 10**12, places=2))
def test_an_amount_survives_the_wire_to_the_cent(amount: Decimal):
    order = Order(buyer_name="A", unit_price=amount)
    assert wire.decode(Order, wire.encode(order)).unit_price == amount


def test_times_are_utc_with_a_z():
    order = Order(buyer_name="A", placed_at=datetime(2026, 11, 22, 10, 30, tzinfo=UTC))
    assert json.loads(wire.encode(order))["placedAt"] == "2026-11-22T10:30:00Z"


def test_unknown_fields_are_ignored():
    assert wire.decode(Order, '{"buyerName": "Ann", "userId": "u1", "extra": {"deep": [1]}}') == Order(buyer_name="Ann")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"buyerName": 5}, ("buyerName", "wrong_type")),
        ({"buyerName": None}, ("buyerName", "wrong_type")),
        ({"buyerName": ""}, ("buyerName", "wrong_length")),
        ({"buyerName": "Annabelle"}, ("buyerName", "wrong_length")),
        ({"unitPrice": "15"}, ("unitPrice", "wrong_type")),
        ({"unitPrice": True}, ("unitPrice", "wrong_type")),
        ({"unitPrice": -1}, ("unitPrice", "out_of_range")),
        ({"unitPrice": 1e13}, ("unitPrice", "out_of_range")),
        ({"unitPrice": 10**30}, ("unitPrice", "out_of_range")),
        ({"isGift": "true"}, ("isGift", "wrong_type")),
        ({"isGift": 1}, ("isGift", "wrong_type")),
        ({"itemCount": "5"}, ("itemCount", "wrong_type")),
        ({"itemCount": 5.5}, ("itemCount", "wrong_type")),
        ({"itemCount": True}, ("itemCount", "wrong_type")),
        ({"ratio": "0.5"}, ("ratio", "wrong_type")),
        ({"placedAt": "tomorrow"}, ("placedAt", "wrong_type")),
        ({"placedAt": 1700000000}, ("placedAt", "wrong_type")),
        ({"status": "paused"}, ("status", "unknown_value")),
        ({"lines": {}}, ("lines", "wrong_type")),
        ({"lines": [{}]}, ("lines[0].productId", "required")),
        ({"lines": [{"productId": "p", "quantity": 11}]}, ("lines[0].quantity", "out_of_range")),
        ({"lines": [{"productId": "p"}, {"productId": 7}]}, ("lines[1].productId", "wrong_type")),
    ],
)
def test_types_are_strict_and_a_wrong_field_is_named_as_on_the_wire(changes: dict[str, Any], wrong: tuple[str, str]):
    assert _wrong(**changes) == [wrong]


def test_every_wrong_field_is_reported_at_once():
    problem = _problem('{"unitPrice": "x", "isGift": 3, "status": "no"}')
    assert {error.field for error in problem.errors} == {"buyerName", "unitPrice", "isGift", "status"}
    assert all(error.message.endswith(".") for error in problem.errors)


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "true"])
def test_a_body_that_is_no_object_fails_validation(body: str):
    assert _problem(body).code is Code.VALIDATION_FAILED


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "{'buyerName': 'Ann'}",
        '{"ratio": NaN}',
        '{"ratio": Infinity}',
        '{"buyerName": "\\ud800"}',
        b'{"buyerName": "\xff\xfe"}',
        '{"buyerName": "Ann"} trailing',
        "[" * 100_000,
        '{"lines":' * 50_000,
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"buyerName": "\ud800"}',
    ],
    ids=lambda body: repr(body[:25]),
)
def test_what_is_no_clean_json_is_malformed(body: str | bytes):
    assert _problem(body).code is Code.MALFORMED_BODY


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400])
def test_a_number_beyond_all_bounds_is_refused(number: str):
    assert _problem(f'{{"buyerName": "A", "ratio": {number}, "unitPrice": {number}}}').code in (
        Code.MALFORMED_BODY,
        Code.VALIDATION_FAILED,
    )


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_value_for_a_field_is_taken_or_refused_but_never_crashes(value: Any):
    for name in ("buyerName", "unitPrice", "isGift", "itemCount", "ratio", "placedAt", "status", "lines"):
        with contextlib.suppress(ProblemError):
            wire.from_wire(Order, {"buyerName": "Ann", name: value})


def test_query_text_becomes_numbers():
    assert wire.from_text(commands.PageQuery, {"page": "3", "limit": "20", "other": "x"}) == commands.PageQuery(
        page=3, limit=20
    )
    with pytest.raises(ProblemError) as refusal:
        wire.from_text(commands.PageQuery, {"page": "0", "limit": "many"})
    assert [error.field for error in refusal.value.errors] == ["page", "limit"]


@pytest.mark.parametrize("event", events.EVENTS)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_event_survives_its_way_to_a_client(event: str, data: st.DataObject):
    happened = data.draw(strategies.of(events.EVENTS[event].body))
    payload = json.loads(wire.encode(events.payload_of(happened)))

    assert events.spec_of(happened).name == event
    assert events.read(event, payload) == happened


def test_an_event_of_a_newer_server_is_passed_over():
    assert events.read("somethingNew", {"any": 1}) is None


def test_secrets_are_in_no_event_that_others_hear():
    for spec in events.EVENTS.values():
        if spec.audience is not events.Audience.SENDER:
            _, components = wire.schemas([spec.body])
            names = {name for schema in components.values() for name in schema.get("properties", {})}
            assert not names & {"streamKey", "rtmpUrl", "sessionId", "token"}, spec.name


def test_a_page_of_things_names_their_fields_as_on_the_wire():
    seller = views.SellerView(id="s", business_name="Shop", currency="USD", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    page = wire.to_plain(views.Page(items=[seller], total=1, page=1, total_pages=1))
    assert page["totalPages"] == 1
    assert page["items"][0]["businessName"] == "Shop"
