"""`liveshop account` and `liveshop token --revoke`: accounts and tokens at the machine itself."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from backend import __main__ as cli
from backend.storage.database import opened
from backend.storage.models import Account, Revocation
from tests.shop import AFFILIATE, PASSWORD, copy_shop, running, settings_in

T = TypeVar("T")


@pytest.fixture
def folder(planted_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_shop(planted_shop, tmp_path / "data")
    monkeypatch.setenv("LIVESHOP_PASSWORD_MEMORY", "1")
    return tmp_path / "data"


@pytest.fixture
def command(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Run one command with a line on its standard input: its code, output and complaints."""

    def run(*arguments: str, typed: str = PASSWORD) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
        try:
            code = cli.main([*arguments, "--data-dir", str(folder)])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        return code, *capfd.readouterr()

    return run


def _in_database(folder: Path, look: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        async with opened(settings_in(folder)):
            return await look()

    return asyncio.run(run())


def test_an_account_is_made_listed_disabled_and_enabled(command: Any, folder: Path):
    assert command("account", "create", "Mo", "--role", "moderator", "--id", "m1") == (
        0,
        "mo can sign in as moderator.\n",
        "",
    )
    made = command("account", "create", "alf", "--role", "affiliate", "--acts-for", AFFILIATE, "--display-name", "Alf")
    assert made[0] == 0
    assert command("account", "disable", "MO")[:2] == (0, "mo is disabled.\n")
    code, listed, _ = command("account", "list")
    assert code == 0
    assert [line.split("\t")[:3] for line in listed.splitlines()] == [
        ["mo", "moderator", "disabled"],
        ["alf", "affiliate", "active"],
    ]
    assert command("account", "enable", "m1")[:2] == (0, "mo is enabled.\n")
    assert PASSWORD not in listed

    async def stored() -> list[Account]:
        return await Account.all()

    assert all((row.password_hash or "").startswith("$argon2id$") for row in _in_database(folder, stored))


@pytest.mark.parametrize(
    ("arguments", "typed", "code"),
    [
        (("create", "mo"), PASSWORD, 2),
        (("create", "mo", "--role", "guest"), PASSWORD, 2),
        (("create", "mo", "--role", "seller"), PASSWORD, 1),
        (("create", "mo", "--role", "affiliate", "--acts-for", "nobody"), PASSWORD, 1),
        (("create", "m o", "--role", "ops"), PASSWORD, 1),
        (("create", "mo", "--role", "ops"), "short", 1),
        (("create", "mo", "--role", "ops"), "", 1),
        (("create", "mo", "--role", "ops", "--id", AFFILIATE), PASSWORD, 1),
        (("password", "nobody"), PASSWORD, 1),
        (("disable", "nobody"), PASSWORD, 1),
        ((), PASSWORD, 2),
    ],
)
def test_what_cannot_be_is_explained(command: Any, arguments: tuple[str, ...], typed: str, code: int):
    got, out, err = command("account", *arguments, typed=typed)
    assert (got, out) == (code, "")
    assert err
    assert PASSWORD not in err


def test_a_password_set_at_the_machine_signs_in(command: Any, folder: Path):
    command("account", "create", "mo", "--role", "moderator")
    assert command("account", "password", "mo", typed="another horse battery")[0] == 0

    async def signs_in() -> None:
        async with running(settings_in(folder)) as shop:
            await shop.sign_in("mo", "another horse battery")

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, signs_in()).result()


def test_a_token_is_revoked_by_itself_or_by_its_id(command: Any, folder: Path):
    token = command("token", "--role", "ops")[1].strip()
    code, said, _ = command("token", "--revoke", token)
    assert code == 0
    jti = said.removeprefix("Revoked ").removesuffix(".\n")
    assert command("token", "--revoke", jti)[:2] == (0, said)
    assert command("token", "--revoke", "another-id")[0] == 0

    async def stored() -> set[str]:
        return {row.id for row in await Revocation.all()}

    assert _in_database(folder, stored) == {jti, "another-id"}


@pytest.mark.parametrize("text", ["", "has space", "lsk_unknown", "a.b." + "c" * 80])
def test_what_is_no_token_is_not_revoked(command: Any, text: str):
    code, out, err = command("token", "--revoke", text)
    assert (code, out) == (1, "")
    assert err.startswith("liveshop: ")


def test_a_token_is_made_or_revoked_but_not_both(command: Any):
    assert command("token", "--revoke", "x", "--role", "ops")[0] == 2
    assert command("token")[0] == 2
