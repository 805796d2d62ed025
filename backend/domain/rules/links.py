"""Links: what people can open, or would type into a browser, disguised or not."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import re2
from publicsuffixlist import PublicSuffixList

from backend.domain.rules.folding import PLAIN, Folding, is_of_word
from backend.domain.rules.lines import Form, Line
from backend.domain.rules.spans import Span
from shared.rules import LinksTerms

# RE2, since a host's labels may overlap in many ways and messages are long. What is not ASCII is of words by now.
_LABEL = r"[^\s\x00-,./:-@\[-^`{-~]"
_LINK = re2.compile(
    r"[a-z][a-z0-9+.-]{1,15}://\S+"
    rf"|(?:{_LABEL}+\.)+{_LABEL}+(?::\d+)?(?:[/?#]\S*)?"
)
_NUMERIC = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")

_HINT = re.compile(r"[.。｡]|://|dot|punkt|punto|point")
"""Without any of these there is no link, disguised or not."""
_BRACKETED_DOT = re.compile(r" {0,2}[(\[{<] {0,2}(?:dot|punkt|punto|point|\.) {0,2}[)\]}>] {0,2}")
_LOOSE_DOT = re.compile(r"(?<=\w)(?: dot | \. ?|\. )(?=\w)")
_LOUD_ENDINGS = ("biz", "cn", "com", "gg", "io", "net", "org", "ru", "tv", "xyz")
"""What a host must end with where its dot is a word or stands apart: other endings are everyday words too."""


def _host_sign(char: str) -> str:
    if char in "。｡":
        return "."
    return char if char.isascii() or is_of_word(char) else " "


_HOST_SIGNS = Folding(_host_sign)


def links(line: Line, terms: LinksTerms) -> Iterator[Span]:
    """The links in a message to hosts that are not allowed."""
    plain = line.folded(PLAIN)
    if not _HINT.search(plain.text):
        return
    allowed = tuple(host.translate(PLAIN) for host in terms.hosts)
    form = plain.folded(_HOST_SIGNS)
    yield from _in_form(form, allowed, any_ending=True)
    if terms.obfuscated:
        bracketed = form.rewritten(_BRACKETED_DOT, ".")
        if bracketed is not form:
            yield from _in_form(bracketed, allowed, any_ending=True)
        loose = bracketed.rewritten(_LOOSE_DOT, ".")
        if loose is not bracketed:
            yield from _in_form(loose, allowed, any_ending=False)


def _in_form(form: Form, allowed: tuple[str, ...], *, any_ending: bool) -> Iterator[Span]:
    if "." not in form.text and "://" not in form.text:
        return
    for match in _LINK.finditer(form.text):
        address = match[0]
        host = _host(address)
        if "://" not in address and not _is_known(host, address, any_ending=any_ending):
            continue
        if not any(host == name or host.endswith(f".{name}") for name in allowed):
            yield form.shown(*match.span())


def _host(address: str) -> str:
    """The host that a browser would go to: after the user's name, before the port and path."""
    authority = re.split(r"[/?#\\]", address.partition("://")[2] or address, maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].rstrip(".")


def _is_known(host: str, address: str, *, any_ending: bool) -> bool:
    """Whether a host without `http://` is one: by its ending, or as numbers with a port or path."""
    if not any_ending:
        return host.rpartition(".")[2] in _LOUD_ENDINGS
    if _NUMERIC.fullmatch(host):
        return len(address) > len(host)
    name = unicodedata.normalize("NFC", ".".join(host.rsplit(".", 4)[-4:]))
    ending = _endings().publicsuffix(name)
    return ending is not None and ending != name


@cache
def _endings() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True, accept_unknown=False)
