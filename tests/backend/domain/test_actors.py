"""The one decision: who may do what, to what."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.actors import (
    Actor,
    OrderScope,
    Owned,
    Scope,
    StreamScope,
    may,
    require,
    require_on,
    require_person,
    standing,
)
from shared.problems import Code, ProblemError
from shared.roles import GRANTS, PERMISSIONS, STANDINGS, Permission, Reach, Role, Target, reach
from shared.views import Badge, HostType

SELLERS = StreamScope(id="st1", host_type=HostType.SELLER, seller_id="s1", affiliate_id=None)
AFFILIATES = StreamScope(id="st2", host_type=HostType.AFFILIATE, seller_id="s1", affiliate_id="a1")

GUEST = Actor(role=Role.GUEST, guest_id="guest_1")
VIEWER = Actor(role=Role.VIEWER, subject="s1")
SELLER = Actor(role=Role.SELLER, subject="s1")
OTHER_SELLER = Actor(role=Role.SELLER, subject="s2")
AFFILIATE = Actor(role=Role.AFFILIATE, subject="a1")
NAMESAKE = Actor(role=Role.AFFILIATE, subject="s1")
OPS = Actor(role=Role.OPS, subject="olga")
ADMIN = Actor(role=Role.ADMIN, subject="root")
ANYWHERE = Actor(role=Role.MODERATOR, subject="mo")
ONE_STREAM = Actor(role=Role.MODERATOR, subject="mo", only_stream="st1")
ONE_SELLER = Actor(role=Role.MODERATOR, subject="mo", only_seller="s1")
OTHERS_MODERATOR = Actor(role=Role.MODERATOR, subject="mo", only_seller="s2")

P = Permission


def _refusal(actor: Actor, permission: Permission, thing: Scope) -> Code | None:
    try:
        require_on(actor, permission, thing)
    except ProblemError as problem:
        return problem.code
    return None


@pytest.mark.parametrize(
    ("actor", "hosts_sellers", "hosts_affiliates"),
    [
        (SELLER, True, False),
        (AFFILIATE, False, True),
        (OTHER_SELLER, False, False),
        (NAMESAKE, False, False),
        (VIEWER, False, False),
        (GUEST, False, False),
        (ADMIN, False, False),
    ],
)
def test_a_stream_has_one_host(actor: Actor, hosts_sellers: bool, hosts_affiliates: bool):
    assert (actor.hosts(SELLERS), actor.hosts(AFFILIATES)) == (hosts_sellers, hosts_affiliates)


@pytest.mark.parametrize(
    ("actor", "first", "second"),
    [
        (ANYWHERE, True, True),
        (ONE_STREAM, True, False),
        (ONE_SELLER, True, True),
        (OTHERS_MODERATOR, False, False),
        (Actor(role=Role.MODERATOR, subject="mo", only_stream="st2", only_seller="s9"), False, True),
        (ADMIN, False, False),
        (GUEST, False, False),
    ],
)
def test_a_moderator_covers_what_its_token_says(actor: Actor, first: bool, second: bool):
    assert (actor.moderates(SELLERS), actor.moderates(AFFILIATES)) == (first, second)


@pytest.mark.parametrize("permission", [P.RUN_STREAM, P.EDIT_PRODUCTS, P.TOGGLE_PRODUCTS, P.MODERATE])
def test_ops_sees_every_stream_and_changes_none(permission: Permission):
    assert OPS.is_staff_of(SELLERS)
    assert _refusal(OPS, permission, SELLERS) is Code.FORBIDDEN
    assert _refusal(OPS, P.READ_STATS, SELLERS) is None


@pytest.mark.parametrize("permission", [P.RUN_STREAM, P.EDIT_PRODUCTS, P.TOGGLE_PRODUCTS, P.MODERATE, P.READ_STATS])
def test_the_host_and_admins_may_do_everything_to_a_stream_and_others_nothing(permission: Permission):
    for allowed in (SELLER, ADMIN):
        assert _refusal(allowed, permission, SELLERS) is None
    for stranger in (OTHER_SELLER, AFFILIATE, NAMESAKE, OTHERS_MODERATOR, VIEWER):
        assert _refusal(stranger, permission, SELLERS) is Code.FORBIDDEN
    assert _refusal(GUEST, permission, SELLERS) is Code.UNAUTHORIZED


def test_a_moderator_toggles_and_moderates_but_neither_starts_nor_edits():
    allowed = {permission for permission in P if _refusal(ONE_STREAM, permission, SELLERS) is None}
    assert allowed == {P.WATCH, P.CHAT, P.BUY, P.TOGGLE_PRODUCTS, P.MODERATE, P.READ_AUDIT, P.READ_STATS, P.CONTROL}


EVERYONE = (
    *(GUEST, VIEWER, SELLER, OTHER_SELLER, AFFILIATE, NAMESAKE, OPS, ADMIN),
    *(ANYWHERE, ONE_STREAM, ONE_SELLER, OTHERS_MODERATOR),
)
THINGS: tuple[Scope, ...] = (
    SELLERS,
    AFFILIATES,
    OrderScope(seller_id="s1", buyer_id="s1", by_guest=False),
    OrderScope(seller_id="s2", buyer_id="guest_1", by_guest=True),
    *(Owned(kind, owner) for kind in (Target.SELLER, Target.PRODUCT, Target.AFFILIATE) for owner in ("s1", "a1")),
    *(Owned(Target.ACCOUNT, owner) for owner in ("s1", "mo", "root")),
)


def test_only_the_host_and_admins_run_a_stream():
    assert [actor for actor in EVERYONE if may(actor, P.RUN_STREAM, SELLERS)] == [SELLER, ADMIN]


def test_nothing_is_more_to_anyone_than_the_table_of_standings_says():
    for thing in THINGS:
        for actor in EVERYONE:
            assert standing(actor, thing) in STANDINGS[thing.kind].get(actor.role, Reach.NOTHING), (actor, thing)


def test_every_permission_has_its_row_and_roles_derive_from_it():
    assert GRANTS.keys() == set(P)
    for role in Role:
        assert PERMISSIONS[role] == {permission for permission in P if reach(role, permission)}


def test_the_decision_is_the_gate():
    for permission in P:
        for thing in THINGS:
            for actor in EVERYONE:
                assert may(actor, permission, thing) is (_refusal(actor, permission, thing) is None)


def test_a_narrowed_token_may_only_what_its_scopes_name_and_never_more_than_its_role():
    for actor in EVERYONE:
        for scope in P:
            narrowed = replace(actor, scopes=frozenset({scope}))
            for permission in P:
                for thing in THINGS:
                    expected = permission is scope and may(actor, permission, thing)
                    assert may(narrowed, permission, thing) is expected
    reader = replace(ADMIN, scopes=frozenset({P.READ_STATS}))
    assert reader.permissions == {P.READ_STATS}
    assert _refusal(reader, P.RUN_STREAM, SELLERS) is Code.FORBIDDEN
    assert reader.is_staff_of(SELLERS), "who watches what they work on is no viewer of it, with whatever token"


def test_an_order_is_hidden_from_strangers_and_forbidden_to_its_buyer():
    bought = OrderScope(seller_id="s1", buyer_id="vera", by_guest=False)
    buyer, stranger = Actor(role=Role.VIEWER, subject="vera"), Actor(role=Role.VIEWER, subject="other")
    assert (_refusal(buyer, P.READ_ORDERS, bought), _refusal(stranger, P.READ_ORDERS, bought)) == (None, Code.NOT_FOUND)
    assert _refusal(buyer, P.MANAGE_ORDERS, bought) is Code.FORBIDDEN
    assert _refusal(OTHER_SELLER, P.MANAGE_ORDERS, bought) is Code.NOT_FOUND
    assert _refusal(SELLER, P.MANAGE_ORDERS, bought) is None


def test_an_account_that_is_named_like_a_guest_is_not_that_guest():
    bought = OrderScope(seller_id="s1", buyer_id="guest_1", by_guest=True)
    assert may(GUEST, P.READ_ORDERS, bought)
    assert not may(Actor(role=Role.VIEWER, subject="guest_1"), P.READ_ORDERS, bought)


def test_chat_lines_show_who_works_on_the_stream():
    badges = {actor.subject: actor.badge_in(AFFILIATES) for actor in (AFFILIATE, ONE_SELLER, ADMIN, OPS, OTHER_SELLER)}
    assert badges == {
        "a1": Badge.AFFILIATE,
        "mo": Badge.MODERATOR,
        "root": Badge.MODERATOR,
        "olga": None,
        "s2": None,
    }
    assert SELLER.badge_in(SELLERS) is Badge.SELLER
    assert SELLER.badge_in(AFFILIATES) is None


def test_a_guest_is_asked_to_sign_in_and_anyone_else_is_forbidden():
    with pytest.raises(ProblemError) as guests:
        require(GUEST, P.CONTROL)
    with pytest.raises(ProblemError) as viewers:
        require(VIEWER, P.CONTROL)
    assert (guests.value.code, viewers.value.code) == (Code.UNAUTHORIZED, Code.FORBIDDEN)


@given(st.sampled_from(Role), st.none() | st.frozensets(st.sampled_from(Permission)))
def test_scopes_only_ever_take_away(role: Role, scopes: frozenset[Permission] | None):
    actor = Actor(role=role, subject="x", scopes=scopes)
    whole = PERMISSIONS[role]
    assert set(actor.permissions) == (whole if scopes is None else whole & scopes)
    for permission in Permission:
        if permission in actor.permissions:
            require(actor, permission)
        else:
            with pytest.raises(ProblemError):
                require(actor, permission)


def test_a_scope_that_is_missing_is_named():
    with pytest.raises(ProblemError) as refused:
        require(replace(ADMIN, scopes=frozenset({P.CHAT})), P.PAY_OUT)
    assert (refused.value.code, "pay_out" in refused.value.message) == (Code.FORBIDDEN, True)


def test_a_host_keeps_its_badge_whatever_its_token_is_narrowed_to():
    assert replace(SELLER, scopes=frozenset({P.CHAT})).badge_in(SELLERS) is Badge.SELLER


def test_programs_may_not_change_credentials():
    require_person(ADMIN)
    with pytest.raises(ProblemError):
        require_person(replace(ADMIN, scopes=frozenset(P)))


def test_an_actor_stands_on_its_token_its_sign_in_and_its_account():
    actor = replace(SELLER, token_id="t1", sign_in="i1", account_id="sal")
    assert actor.credentials == ("t1", "i1", "account sal")
    assert GUEST.credentials == ()
