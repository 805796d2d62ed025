"""The contract's tables: each thing once, and served."""

import string
from http import HTTPStatus
from pathlib import Path

from backend.app import create_runtime
from backend.domain.tokens import Keyring
from backend.realtime import inbound
from backend.rest import binding
from backend.rest.app import create_app
from shared.commands import COMMANDS
from shared.endpoints import ENDPOINTS
from shared.ids import FORMATS
from shared.ingest import HOOK_PATH
from shared.problems import STATUS, Code
from shared.roles import PERMISSIONS, Role, Target, allows
from tests.shop import KEY, settings_in


def _routes(tmp_path: Path) -> list[tuple[str, str]]:
    app = create_app(create_runtime(settings_in(tmp_path), Keyring(KEY)), "secret")
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    ]


def test_each_declared_endpoint_and_alias_is_served_exactly_once_and_nothing_else(tmp_path: Path):
    declared = [
        (endpoint.method, endpoint.base + path.replace("{", "<").replace("}", ">"))
        for endpoint in ENDPOINTS
        for path in (endpoint.path, *endpoint.aliases)
    ]
    besides = [
        ("POST", HOOK_PATH),
        ("GET", "/openapi.json"),
        ("GET", "/api/docs"),
        ("GET", "/api/docs/assets/<name>"),
    ]

    assert sorted(_routes(tmp_path)) == sorted(declared + besides)
    assert len(set(declared)) == len(declared)


def test_each_endpoint_has_a_name_of_its_own_and_one_handler():
    names = [endpoint.name for endpoint in ENDPOINTS]
    assert len(set(names)) == len(names)
    assert binding.HANDLERS.keys() == set(names)


def test_an_endpoints_aliases_take_the_same_parameters():
    for endpoint in ENDPOINTS:
        parameters = [
            {field for _, field, _, _ in string.Formatter().parse(path) if field}
            for path in (endpoint.path, *endpoint.aliases)
        ]
        assert all(named == parameters[0] for named in parameters), endpoint.name
        assert "{" not in endpoint.url(**dict.fromkeys(parameters[0], "x"))


def test_an_endpoint_that_takes_a_right_says_over_what_its_path_names():
    for endpoint in ENDPOINTS:
        named = [kind for kind in Target if f"{{{kind}_id}}" in endpoint.path]
        assert endpoint.needs is None or not named or endpoint.target in named, endpoint.name


def test_what_somebody_may_besides_is_more_than_the_operation_itself_takes():
    for spec in (*ENDPOINTS, *COMMANDS.values()):
        for extra in spec.extras:
            assert extra.needs is not spec.needs, spec.name


def test_each_command_has_exactly_one_handler():
    assert inbound.HANDLERS.keys() == COMMANDS.keys()
    assert len(set(inbound.HANDLERS.values())) == len(COMMANDS)
    assert len({spec.body for spec in COMMANDS.values()}) == len(COMMANDS)


def test_every_problem_has_a_status_and_none_is_422():
    assert STATUS.keys() == set(Code)
    assert all(HTTPStatus(status) >= 400 for status in STATUS.values())
    assert HTTPStatus.UNPROCESSABLE_ENTITY not in STATUS.values()


def test_every_role_has_permissions_and_guests_no_more_than_viewers():
    assert PERMISSIONS.keys() == set(Role)
    assert PERMISSIONS[Role.GUEST] <= PERMISSIONS[Role.VIEWER]
    assert all(allows(Role.ADMIN, permission) for role in Role for permission in PERMISSIONS[role])


def test_every_format_is_explained_in_words():
    assert all(words for words in FORMATS.values())
