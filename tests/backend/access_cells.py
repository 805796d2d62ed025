"""One cell an operation: how it is asked so that it would be done, were it allowed. What has none fails the tests."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend import seams
from backend.domain.signatures import sign
from backend.storage.models import Follow
from shared.commands import COMMANDS, CommandSpec
from shared.endpoints import ENDPOINTS, Endpoint
from shared.problems import Code
from shared.roles import Extra, Permission, Reach, Role, Target, reach
from tests.backend.access_world import (
    APPOINTEE,
    BUYERS,
    CHATTER,
    HIDDEN,
    OTHER_AFFILIATE,
    SOME_BUYERS,
    VICTIM_GUEST,
    Person,
    Thing,
    World,
)
from tests.market import WEBHOOK_SECRET, payment
from tests.shop import AFFILIATE, PASSWORD, PRODUCT, SELLER

Body = dict[str, Any]
Probe = Callable[[Any, Thing], bool | None]
"""Whether an answer shows an extra; None where it could not."""
P = Permission


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How an operation is asked."""

    state: str = ""
    """What its stream or order must be in for it to be done."""
    once: bool = False
    """Whether it can be done to a thing only once."""
    body: Callable[[Thing], Body] = lambda _: {}
    query: str = ""
    prepare: Callable[[World, Thing], Awaitable[None]] | None = None
    answers: str | Callable[[Person], str] = "ok"
    """What whoever may is answered: `ok`, or the use case's own refusal."""
    instead: Code | None = None
    """What is answered to those who may all but this extra, where the use case has its own word for it."""
    nobody: str = "ok"
    """What a guest without a session is answered in its place."""
    extras: Mapping[Permission, "Probe | Cell"] = field(default_factory=dict)
    """Of each extra, how its answer shows it; or the cell in which it is asked for alone."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row of the matrix."""

    name: str
    spec: Endpoint[Any] | CommandSpec
    path: str | None
    """None for a command."""
    needs: Permission | None
    target: Target | None
    cell: Cell

    def refusal(self, person: Person, thing: Thing) -> Code | None:
        """What the table says that this person is refused with over this thing."""
        refused = self._refusal_of(self.spec.needs, self.spec.target, person, thing)
        if refused or self.needs is self.spec.needs:
            return refused
        besides = self._refusal_of(self.needs, self.target, person, thing)
        return besides and (self.cell.instead or besides)

    def _refusal_of(self, needs: Permission | None, target: Target | None, person: Person, thing: Thing) -> Code | None:
        if needs is not None and not person.reach(needs, target):
            return Code.UNAUTHORIZED if person.role is Role.GUEST else Code.FORBIDDEN
        if not person.known:
            return Code.UNKNOWN_SUBJECT
        if needs is None or target is None or self.spec.listing or person.may(needs, thing, target):
            return None
        return Code.NOT_FOUND if target is Target.ORDER and not person.standing(thing, target) else Code.FORBIDDEN

    def expected(self, person: Person, thing: Thing) -> str:
        """What this person is answered about this thing."""
        nobodys = self.cell.nobody if person.is_nobody and self.cell.nobody != "ok" else None
        answers = self.cell.answers if isinstance(self.cell.answers, str) else self.cell.answers(person)
        return self.refusal(person, thing) or nobodys or answers

    @property
    def changes(self) -> bool:
        """Whether it does more than show."""
        return isinstance(self.spec, CommandSpec) or self.spec.method != "GET"

    async def things(self, world: World, *, new: bool) -> list[Thing]:
        """A thing of each sort that may make a difference, to be changed only where it is new."""
        bought = self.needs is not None and any(Reach.BOUGHT in reach(role, self.needs, self.target) for role in Role)
        make = world.things if new else world.untouched
        made = await make(self.target, self.cell.state, buyers=BUYERS if bought else SOME_BUYERS)
        for thing in made:
            await self.prepared(world, thing)
        return made[:1] if self.spec.listing else made

    async def prepared(self, world: World, thing: Thing) -> Thing:
        """A thing as the operation is asked about it."""
        if self.cell.prepare:
            await self.cell.prepare(world, thing)
        return thing

    async def ask(self, world: World, person: Person, thing: Thing) -> tuple[str, Any]:
        """`ok` or the code of the refusal, and the answer."""
        body = {**person.claims, **self.cell.body(thing)}
        if isinstance(self.spec, CommandSpec):
            answer = await (await world.socket(person)).ask(self.spec.name, {"streamId": thing.stream_id, **body})
            return "ok" if answer["ok"] else answer["error"]["code"], answer
        headers = person.headers
        given: dict[str, Any] = {"headers": headers}
        url = thing.path(self.path or "") + self.cell.query
        if self.spec.signed_body:
            raw = json.dumps(self.cell.body(thing)).encode()
            stamp = int(seams.now().timestamp())
            given = {"content": raw, "headers": headers | {"Liveshop-Signature": sign(WEBHOOK_SECRET, stamp, raw)}}
        elif self.spec.method != "GET":
            given["json"] = body
        answer = await world.client.request(self.spec.method, url, **given)
        lines = answer.headers["Content-Type"] == "application/jsonl"
        shown = [json.loads(line) for line in answer.text.splitlines()] if lines else answer.json()
        # A server that is up but lacks its media server answers about itself as it should.
        done = answer.status_code in (self.spec.status, *((503,) if self.spec.name == "readiness" else ()))
        return "ok" if done else shown["code"], shown


async def _order_of_the_victim(world: World, thing: Thing) -> None:
    """The victim has bought here: whoever claims to be them may want to have it told as theirs."""
    await world.order_row(seams.new_id(), VICTIM_GUEST, is_guest=True, stream_id=thing.stream_id)


async def _nobody_follows(_: World, __: Thing) -> None:
    await Follow.all().delete()


def _of_accounts(answer: str) -> Callable[[Person], str]:
    """What is answered about oneself: a guest must sign in first, and a program may not."""

    def answers(person: Person) -> str:
        if person.role is Role.GUEST:
            return Code.UNAUTHORIZED
        return Code.FORBIDDEN if person.scopes is not None and answer == Code.CONFLICT else answer

    return answers


def _of_token_makers(person: Person) -> str:
    """Whoever has an account makes tokens; those who show a signed token only where its subject is an account."""
    return "ok" if person.account is not None else _of_accounts(Code.CONFLICT)(person)


def _of_signing_out(person: Person) -> str:
    return Code.UNAUTHORIZED if person.role is Role.GUEST else Code.CONFLICT


def _of_revoking(person: Person) -> str:
    """There is no such token of theirs; whoever manages people revokes whatever has the id."""
    if person.role is Role.GUEST:
        return Code.UNAUTHORIZED
    return "ok" if person.reach(P.MANAGE_PEOPLE) else Code.NOT_FOUND


def _has_key(answer: Any, thing: Thing) -> bool:
    """Whether a stream, or this one of a list, is shown with its key."""
    shown = answer if isinstance(answer, list) else [answer]
    return any("streamKey" in stream for stream in shown if stream["id"] == thing.stream_id)


def _has_hidden(products: Any, _: Thing) -> bool:
    return HIDDEN in {product["productId"] for product in products}


def _names_an_affiliate(order: Any, thing: Thing) -> bool | None:
    """Whether the order is the affiliate's whom the buyer named; in an affiliate's stream it is always the host's."""
    if thing.host == (Role.AFFILIATE, AFFILIATE):
        assert order["affiliateId"] == AFFILIATE
        return None
    return bool(order["affiliateId"] == OTHER_AFFILIATE)


ITEMS = [{"productId": PRODUCT, "quantity": 1}]
NEW = {"name": "Thing", "price": 1, "stock": 1}
ANNOUNCE = {"kind": "announce", "text": "Hello"}
"""An act that can be done however often."""


def _new_name(_: Thing) -> Body:
    return {"name": seams.new_id().lower(), "password": PASSWORD}


CELLS: dict[str, Cell] = {
    "createSellerStream": Cell(body=lambda thing: {"title": "Mine", "sellerId": thing.seller_id}),
    "createAffiliateStream": Cell(
        body=lambda thing: {"title": "Mine", "affiliateId": thing.affiliate_id, "sellerId": SELLER}
    ),
    "listOwnStreams": Cell(extras={P.RUN_STREAM: _has_key}),
    "listActiveStreams": Cell(),
    "getStream": Cell(
        extras={P.READ_STATS: lambda answer, thing: _has_hidden(answer["products"], thing), P.RUN_STREAM: _has_key}
    ),
    "startStream": Cell(once=True, state="scheduled"),
    "endStream": Cell(once=True, state="live"),
    "getObsSetup": Cell(),
    "regenerateStreamKey": Cell(),
    "getStreamStats": Cell(),
    "listStreamProducts": Cell(extras={P.READ_STATS: _has_hidden}),
    "addStreamProduct": Cell(body=lambda _: {"product": NEW}),
    "toggleStreamProduct": Cell(),
    "listMessages": Cell(),
    "postMessage": Cell(body=lambda _: {"message": "Hello"}, nobody=Code.VALIDATION_FAILED),
    "deleteMessage": Cell(body=lambda thing: {"messageId": thing.message_id}),
    "performAct": Cell(body=lambda _: ANNOUNCE),
    "listActs": Cell(),
    "undoAct": Cell(once=True, prepare=World.act),
    "timeoutPerson": Cell(body=lambda _: {"userId": CHATTER, "duration": 60}),
    "banPerson": Cell(body=lambda _: {"userId": CHATTER, "duration": 60}),
    "unbanPerson": Cell(body=lambda _: {"userId": CHATTER}, answers=Code.UNCHANGED),
    "listModeratedMessages": Cell(),
    "getPerson": Cell(),
    "getChatModes": Cell(),
    "acknowledgeWarning": Cell(answers=Code.CONFLICT),
    "askUnban": Cell(body=lambda _: {"text": "Please"}, answers=Code.CONFLICT),
    "listUnbanRequests": Cell(),
    "answerUnban": Cell(once=True, body=lambda _: {"granted": False}, prepare=World.unban_request),
    "appointModerator": Cell(
        body=lambda thing: {"accountId": APPOINTEE, "streamId": thing.stream_id, "sellerId": None}
    ),
    "listModerators": Cell(query="?limit=200", prepare=World.appointment),
    "dismissModerator": Cell(once=True, prepare=World.appointment),
    "listAudit": Cell(query="?limit=200", prepare=World.audit_entry),
    "exportAudit": Cell(query="?format=jsonl", prepare=World.audit_entry),
    "follow": Cell(nobody=Code.UNAUTHORIZED),
    "unfollow": Cell(nobody=Code.UNAUTHORIZED),
    "isFollowing": Cell(nobody=Code.UNAUTHORIZED),
    "setFollowNotifications": Cell(
        body=lambda _: {"enabled": True},
        prepare=_nobody_follows,
        answers=Code.CONFLICT,
        nobody=Code.UNAUTHORIZED,
    ),
    "createGuest": Cell(),
    "signUp": Cell(body=_new_name),
    "signIn": Cell(body=_new_name, answers=Code.UNAUTHORIZED),
    "refreshSignIn": Cell(body=lambda _: {"refreshToken": "no-token"}, answers=Code.UNAUTHORIZED),
    "signOut": Cell(answers=_of_signing_out),
    "changePassword": Cell(
        body=lambda _: {"current": PASSWORD, "new": f"not {PASSWORD}"}, answers=_of_accounts(Code.CONFLICT)
    ),
    "getIdentity": Cell(answers=_of_accounts("ok")),
    "createApiToken": Cell(body=lambda _: {"name": "Bot", "scopes": ["chat"]}, answers=_of_token_makers),
    "listApiTokens": Cell(answers=_of_accounts("ok")),
    "revokeToken": Cell(answers=_of_revoking),
    "createAccount": Cell(body=lambda _: {"displayName": "New", "role": "viewer"}),
    "listAccounts": Cell(),
    "getAccount": Cell(),
    "disableAccount": Cell(),
    "enableAccount": Cell(),
    "setPassword": Cell(body=_new_name),
    "createSeller": Cell(body=lambda _: {"businessName": "New"}),
    "listSellers": Cell(),
    "getSeller": Cell(),
    "updateSeller": Cell(body=lambda _: {"businessName": "Newer"}),
    "createAffiliate": Cell(body=lambda _: {"name": "New"}),
    "listAffiliates": Cell(query="?limit=200"),
    "getAffiliate": Cell(),
    "updateAffiliate": Cell(
        body=lambda _: {"displayName": "Newer"}, extras={P.MANAGE_PEOPLE: Cell(body=lambda _: {"commissionRate": 99})}
    ),
    "approveAffiliate": Cell(),
    "suspendAffiliate": Cell(),
    "createProduct": Cell(body=lambda thing: {**NEW, "sellerId": thing.seller_id}),
    "listProducts": Cell(),
    "getProduct": Cell(),
    "updateProduct": Cell(body=lambda _: {"price": 2}),
    "placeOrder": Cell(
        body=lambda _: {"items": ITEMS, "discountAmount": 1, "affiliateId": OTHER_AFFILIATE},
        nobody=Code.VALIDATION_FAILED,
        extras={
            P.MANAGE_ORDERS: lambda answer, _: (answer["discountAmount"], answer["affiliateId"]) == (1, OTHER_AFFILIATE)
        },
    ),
    "listOrders": Cell(nobody=Code.UNAUTHORIZED),
    "getOrder": Cell(),
    "payOrder": Cell(once=True),
    "shipOrder": Cell(once=True, state="paid"),
    "deliverOrder": Cell(once=True, state="shipped"),
    "cancelOrder": Cell(once=True, extras={P.MANAGE_ORDERS: Cell(once=True, state="paid", instead=Code.CONFLICT)}),
    "refundOrder": Cell(once=True, state="paid"),
    "paymentWebhook": Cell(body=lambda _: payment("no-order", event_id=seams.new_id()), answers=Code.NOT_FOUND),
    "setAffiliateRate": Cell(body=lambda _: {"sellerId": SELLER, "rate": 50}),
    "listCommissions": Cell(),
    "getAffiliateBalance": Cell(),
    "getAffiliateStatement": Cell(query="?month=2026-01"),
    "makePayout": Cell(answers=Code.CONFLICT),
    "listPayouts": Cell(),
    "listSellerEntries": Cell(),
    "getSellerBalance": Cell(),
    "getSellerStatement": Cell(query="?month=2026-01"),
    "getDashboardStats": Cell(),
    "getStreamAnalytics": Cell(),
    "health": Cell(),
    "readiness": Cell(),
}
"""The endpoints', by name."""

_OF_PRODUCT = Cell(state="live", body=lambda _: {"productId": PRODUCT})

COMMAND_CELLS: dict[str, Cell] = {
    "joinStream": Cell(),
    "hostJoinStream": Cell(extras={P.MODERATE: lambda answer, _: bool(answer["isHost"])}),
    "leaveStream": Cell(),
    "sendMessage": Cell(body=lambda _: {"message": "Hello"}, nobody=Code.CONFLICT),
    "deleteMessage": Cell(body=lambda thing: {"messageId": thing.message_id}),
    "moderate": Cell(body=lambda _: ANNOUNCE),
    "banUser": Cell(once=True, body=lambda _: {"userId": CHATTER}),
    "unbanUser": Cell(body=lambda _: {"userId": CHATTER}, answers=Code.UNCHANGED),
    "timeoutUser": Cell(body=lambda _: {"userId": CHATTER, "timeoutMinutes": 1}),
    "acknowledgeWarning": Cell(answers=Code.CONFLICT),
    "startStream": Cell(once=True, state="scheduled"),
    "endStream": Cell(once=True, state="live"),
    "updateStreamProducts": Cell(),
    "streamHeartbeat": Cell(),
    "streamPurchase": Cell(
        state="live",
        body=lambda _: {"productId": PRODUCT, "affiliateId": OTHER_AFFILIATE},
        nobody=Code.CONFLICT,
        extras={P.MANAGE_ORDERS: lambda answer, thing: _names_an_affiliate(answer["order"], thing)},
    ),
    "purchaseMade": Cell(body=lambda _: {"productId": PRODUCT}, prepare=_order_of_the_victim, answers=Code.NOT_FOUND),
    "pinProduct": _OF_PRODUCT,
    "unpinProduct": Cell(once=True, state="live", body=lambda _: {"productId": PRODUCT}),
    "startFlashSale": Cell(
        state="live", body=lambda _: {"productId": PRODUCT, "durationSeconds": 3600, "discountPercent": 10}
    ),
    "getStreamPurchaseStats": Cell(),
    "subscribeToAdminUpdates": Cell(),
    "unsubscribeFromAdminUpdates": Cell(),
    "subscribeControl": Cell(body=lambda thing: {"streamIds": [thing.stream_id]}),
}
"""The commands', by wire name."""


def _rows() -> Iterator[Operation]:
    for endpoint in ENDPOINTS:
        for path in (endpoint.path, *endpoint.aliases):
            yield from _row(endpoint, f"{endpoint.method} {path}", endpoint.base + path, CELLS.get(endpoint.name))
    for spec in COMMANDS.values():
        yield from _row(spec, spec.name, None, COMMAND_CELLS.get(spec.name))


def _row(spec: Endpoint[Any] | CommandSpec, name: str, path: str | None, cell: Cell | None) -> Iterator[Operation]:
    if cell is None:
        return
    yield Operation(name=name, spec=spec, path=path, needs=spec.needs, target=spec.target, cell=cell)
    for extra in spec.extras:
        asked = cell.extras.get(extra.needs)
        if isinstance(asked, Cell):
            name = f"{name}, {extra.what}"
            yield Operation(name=name, spec=spec, path=path, needs=extra.needs, target=extra.target, cell=asked)


OPERATIONS: tuple[Operation, ...] = tuple(_rows())
"""Every row of the matrix: each path of each endpoint, each command, and the extras that are asked for alone."""


def without_cell() -> list[str]:
    """What nobody walks: operations without a cell, extras that none shows, and cells of what is no more."""
    specs: list[tuple[str, tuple[Extra, ...], Cell | None]] = [
        *((endpoint.name, endpoint.extras, CELLS.get(endpoint.name)) for endpoint in ENDPOINTS),
        *((spec.name, spec.extras, COMMAND_CELLS.get(spec.name)) for spec in COMMANDS.values()),
    ]
    found = [name for name, _, cell in specs if cell is None]
    found += [
        f"{name}: {extra.needs}"
        for name, extras, cell in specs
        for extra in extras
        if cell is not None and extra.needs not in cell.extras
    ]
    return found + sorted(
        (CELLS.keys() - {endpoint.name for endpoint in ENDPOINTS}) | (COMMAND_CELLS.keys() - COMMANDS.keys())
    )
