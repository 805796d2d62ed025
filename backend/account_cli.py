"""`liveshop account create|list|password|disable|enable`: accounts, at the machine itself."""

import argparse
import getpass
import sys

from backend.domain.passwords import folded
from backend.domain.tokens import ACTING_ROLES
from backend.services import accounts
from backend.services.bus import Bus
from backend.services.passwords import Passwords
from backend.services.revocations import Revocations
from backend.services.unit_of_work import UnitOfWork, commit
from backend.settings import Settings
from backend.storage.models import Account
from shared.commands import CreateAccount, SetPassword
from shared.problems import Code, ProblemError
from shared.roles import Role

_PASSWORD = "The password is asked for on a terminal, else read as one line of standard input."  # noqa: S105 - words


def add_commands(account: argparse.ArgumentParser) -> tuple[argparse.ArgumentParser, ...]:
    """The grammar below `liveshop account`; its commands."""
    commands = account.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="account_command")
    create = commands.add_parser("create", help="make an account that signs in", description=_PASSWORD)
    create.add_argument("name", metavar="NAME", help="what it signs in by")
    create.add_argument("--role", required=True, choices=[role.value for role in Role if role is not Role.GUEST])
    create.add_argument("--id", metavar="ID", help="its id (default: a new one)")
    create.add_argument("--acts-for", metavar="ID", help="the seller or affiliate of an account of that role")
    create.add_argument("--display-name", metavar="TEXT", help="what others see (default: the name)")
    list_ = commands.add_parser("list", help="list all accounts")
    password = commands.add_parser("password", help="give one a new password", description=_PASSWORD)
    disable = commands.add_parser("disable", help="shut one out, open sockets included, within 2 s")
    enable = commands.add_parser("enable", help="let one in again")
    for command in (password, disable, enable):
        command.add_argument("account", metavar="NAME", help="its name or id")
    return create, list_, password, disable, enable


async def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands on the open database; its exit code."""
    try:
        sys.stdout.write(await _done(arguments, settings))
    except ProblemError as problem:
        sys.stderr.write(f"liveshop: {problem.message}\n")
        return 1
    return 0


async def _done(arguments: argparse.Namespace, settings: Settings) -> str:
    """Do what a command says; what it has to say."""
    match arguments.account_command:
        case "create":
            return await _create(arguments, Passwords(settings.password_memory))
        case "list":
            return "".join([_line(row) async for row in Account.all().order_by("created_at", "id")])
        case "password":
            row = await _found(arguments.account)
            body = SetPassword(password=_read_password())
            await accounts.give_password(Bus(), Passwords(settings.password_memory), Revocations(), row, body)
            return f"{row.name} has a new password; its sign-ins have ended.\n"
        case act:
            row = await _found(arguments.account)
            change = accounts.disable if act == "disable" else accounts.enable

            async def work(unit: UnitOfWork) -> None:
                await change(unit, Revocations(), row)

            await commit(Bus(), work)
            return f"{row.name or row.id} is {act}d.\n"


async def _create(arguments: argparse.Namespace, passwords: Passwords) -> str:
    role = Role(arguments.role)
    if (role in ACTING_ROLES) != (arguments.acts_for is not None):
        raise ProblemError.of_field("actsFor", "wrong_role", "Sellers' and affiliates' accounts need --acts-for.")
    body = CreateAccount(
        id=arguments.id,
        display_name=arguments.display_name or arguments.name,
        role=role,
        name=arguments.name,
        password=_read_password(),
        acts_for=arguments.acts_for,
    )
    row = await accounts.register(Bus(), passwords, body)
    return f"{row.name} can sign in as {row.role}.\n"


async def _found(name: str) -> Account:
    row = await Account.get_or_none(name=folded(name)) or await Account.get_or_none(id=name)
    if row is None:
        raise ProblemError(Code.NOT_FOUND, f"There is no account {name!r}.")
    return row


def _line(row: Account) -> str:
    state = "disabled" if row.disabled_at else "active"
    return "\t".join([row.name or "-", row.role, state, row.id, row.acts_for or "-"]) + "\n"


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise ProblemError(Code.VALIDATION_FAILED, "The two are not the same.")
    return password
