"""The first account of an installation, so that somebody can let the others in."""

from backend import data_dir, seams
from backend.services import accounts
from backend.services.bus import Bus
from backend.services.passwords import Passwords
from backend.settings import Settings
from backend.storage.models import Account
from shared.commands import CreateAccount
from shared.problems import Code, ProblemError
from shared.roles import Role

NAME = "admin"
FILE = "admin.password"
"""In the data folder, for its owner's eyes only."""


async def ensure(settings: Settings) -> str | None:
    """Make an admin where there is no account at all, and say where its password is.

    Raises:
        DataDirError: the file cannot be written.
    """
    if await Account.exists():
        return None
    password = seams.new_secret(18)
    path = settings.data_dir / FILE
    # First the file: an account whose password nobody knows would lock everybody out.
    data_dir.write_secret(path, password)
    try:
        await _make(Passwords(settings.password_memory), password)
    except ProblemError as problem:
        path.unlink()
        if problem.code is Code.ALREADY_EXISTS:
            # Another server on the same database was first.
            return None
        raise
    return f"Sign in as {NAME}; the password is in {path}"


async def _make(passwords: Passwords, password: str) -> None:
    admin = CreateAccount(id=NAME, display_name="Admin", role=Role.ADMIN, name=NAME, password=password)
    await accounts.register(Bus(), passwords, admin)
