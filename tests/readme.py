"""The README's reference tables, generated from what they describe: `python -m tests.readme` writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path

from backend.settings import OPTIONS, Settings
from console.core.actions import ACTIONS, Scope
from console.widgets.keys import key_name
from shared.commands import COMMANDS
from shared.endpoints import ENDPOINTS, Endpoint
from shared.events import EVENTS
from shared.roles import Permission, Reach, Role, Target, reach

README = Path(__file__).parent.parent / "README.md"
_WHERE_SETTINGS_ARE_READ = (
    "As a flag or in the environment; all but the folder, the URLs of databases and the secrets also by name in "
    "`liveshop.toml`."
)
_LEGEND = (
    "Over what each role may do each thing. **all**: whatever there is. **own**: who they are, the streams that they "
    "host, the products that they sell and the orders for those. **moderated**: the streams that their token covers. "
    "**bought**: the orders that they placed. Nothing: refused, with 401 for guests, who may sign in, else 403; an "
    "order of others is not found. Listings leave out what is beyond reach. A row that begins with *also* is what the "
    "operation above it shows or does besides, for those who may. Tokens may be narrowed further by scopes."
)
START, END = "<!-- generated -->", "<!-- end generated -->"


def reference() -> str:
    """Every table, as Markdown."""
    return "\n\n".join(
        [
            _section("REST", "Paths are below `/api/v1`, but for the last two.", _endpoints()),
            _section("Socket.IO commands", "Namespace `/live`; a `?` marks what may be left out.", _commands()),
            _section("Socket.IO events", "`latest` events replace older ones of their stream.", _events()),
            _section("Who may do what", _LEGEND, _matrix()),
            _section("Roles", "Over what each role has each right; the marks are those above.", _roles()),
            _section("Settings", _WHERE_SETTINGS_ARE_READ, _settings()),
            _section("Keys of the control room", "", _keys()),
        ]
    )


def current(text: str) -> str:
    """The README's text with its tables as they should be."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{reference()}\n{END}{after}"


def _section(title: str, note: str, table: str) -> str:
    opening = f"### {title}\n\n{note}\n" if note else f"### {title}\n"
    return f"<details><summary>{title}</summary>\n\n{opening}\n{table}\n\n</details>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _endpoints() -> str:
    return _table(
        ["operation", "", "needs"],
        [
            [f"`{endpoint.method} {endpoint.path}`", endpoint.summary, f"`{endpoint.needs}`" if endpoint.needs else ""]
            for endpoint in ENDPOINTS
        ],
    )


def _commands() -> str:
    return _table(
        ["command", "fields", "does", "needs"],
        [[f"`{spec.name}`", _fields(spec.body), _summary(spec.body), f"`{spec.needs}`"] for spec in COMMANDS.values()],
    )


def _events() -> str:
    return _table(
        ["event", "fields", "when", "to"],
        [
            [
                f"`{spec.name}`",
                _fields(spec.body),
                _summary(spec.body),
                spec.audience.value + (", latest" if spec.latest else ""),
            ]
            for spec in EVENTS.values()
        ],
    )


def _fields(body: type) -> str:
    return ", ".join(f"`{_camel(member.name)}{'' if _is_required(member) else '?'}`" for member in fields(body))


def _is_required(member: Field[object]) -> bool:
    return member.default is MISSING and member.default_factory is MISSING


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


def _summary(body: type) -> str:
    return (body.__doc__ or "").partition("\n")[0]


def _matrix() -> str:
    named = [
        *((f"`{endpoint.method} {endpoint.path}`", endpoint) for endpoint in ENDPOINTS),
        *((f"`{spec.name}`", spec) for spec in COMMANDS.values()),
    ]
    rows = []
    for name, spec in named:
        if isinstance(spec, Endpoint) and spec.signed_body:
            rows.append([name, *["signed"] * len(Role)])
        else:
            rows.append([name, *_reaches(spec.needs, spec.target)])
        rows += [[f"*also {extra.what}*", *_reaches(extra.needs, extra.target)] for extra in spec.extras]
    return _table(["operation", *Role], rows)


def _reaches(needs: Permission | None, target: Target | None) -> list[str]:
    return [_mark(reach(role, needs, target) if needs else Reach.ALL) for role in Role]


def _mark(found: Reach) -> str:
    """A reach in words; whoever reaches all needs no more said."""
    return "all" if Reach.ALL in found else ", ".join(part.name.lower() for part in found if part.name)


def _roles() -> str:
    return _table(
        ["permission", *Role],
        [[f"`{permission}`", *_reaches(permission, None)] for permission in Permission],
    )


def _settings() -> str:
    members = Settings.__dataclass_fields__
    rows = []
    for name, option in OPTIONS.items():
        default = members[name].default
        shown = f"`{default}`" if isinstance(default, (str, int, float)) else ""
        variables = f"`{option.env}`" + (f", `{option.also_env}`" if option.also_env else "")
        rows.append([f"`{option.flag}`" if option.flag else "", variables, option.help, shown])
    return _table(["flag", "variable", "", "default"], rows)


def _keys() -> str:
    return _table(
        ["where", "keys", "does"],
        [
            [scope.value, " ".join(f"`{key_name(key)}`" for key in action.keys), action.help]
            for scope in Scope
            for action in ACTIONS
            if action.scope is scope
        ],
    )


if __name__ == "__main__":
    README.write_text(current(README.read_text(encoding="utf-8")), encoding="utf-8")
