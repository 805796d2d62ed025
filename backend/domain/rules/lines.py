"""A message as the rules read it: in several forms, each with a way back to what people see."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

from backend.domain.rules.folding import (
    AS_I,
    AS_L,
    BARE,
    CAPITAL_I_AS_L,
    PLAIN,
    SIGNS,
    SKELETON,
    STROKES,
    WORDS,
    is_attached,
    is_of_word,
    is_unspaced,
)
from backend.domain.rules.gist import Gist
from backend.domain.rules.shape import capitals_share
from backend.domain.rules.spans import Span
from shared.rules import Reading

_SEPARATORS = re.compile(
    r"(?<=[^\W_])(?:[^\w\s]|_)+(?=[^\W_])"  # signs inside a word: f-r.e*e
    r"|(?<=(?<![^\W_])[^\W_])[\W_]{1,3}(?=[^\W_](?![^\W_]))"  # anything between single letters: f r e e
)
_REPEATED = re.compile(r"(\D)(?=\1)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Form:
    """A text made from another one; the way back to that one is only worked out when somebody asks for it."""

    def __init__(
        self,
        text: str,
        origin: "Form | None" = None,
        parts: Callable[[], list[Span]] | None = None,
        *,
        same_edges: bool = True,
    ) -> None:
        self.text = text
        self._origin = origin
        self._parts = parts
        self.shown_text: str = origin.shown_text if origin else text
        self.same_edges: bool = same_edges and (origin is None or origin.same_edges)
        """Whether words begin and end where they do in the shown text."""

    @cached_property
    def parts(self) -> list[Span]:
        """For each character, the part of the text before that it stands for."""
        return self._parts() if self._parts else [(at, at + 1) for at in range(len(self.text))]

    @cached_property
    def repeats(self) -> list[int]:
        """For each letter of `words`, how often it was repeated; 0 for spaces."""
        return [0 if char == " " else end - start for char, (start, end) in zip(self.text, self.parts, strict=True)]

    def shown(self, start: int, end: int) -> Span:
        """The part of the shown text that these characters stand for, with the marks on its last letter."""
        form = self
        while form._origin is not None:
            if form._parts is not None:
                start, end = form.parts[start][0], form.parts[end - 1][1]
            form = form._origin
        while end < len(form.text) and is_attached(form.text[end]):
            end += 1
        return start, end

    def is_whole(self, start: int, end: int) -> bool:
        """Whether words begin and end at the edges of this part."""
        text = self.text
        if not (_continues(text, start, -1) or _continues(text, end, 0)):
            return True
        if self.same_edges:
            return False
        # What are neighbours here may have had a sign between them there, and a letter here may be a sign there.
        text, (start, end) = self.shown_text, self.shown(start, end)
        return not (_continues(text, start, -1) or _continues(text, end, 0))

    def folded(self, table: Mapping[int, str | int], *, same_edges: bool = True) -> "Form":
        """Character by character through a table, perhaps one that makes letters of signs."""
        text = self.text.translate(table)
        if text == self.text:
            return self

        def parts() -> list[Span]:
            return [(at, at + 1) for at, char in enumerate(self.text) for _ in char.translate(table)]

        return Form(text, self, None if self.text.isascii() else parts, same_edges=same_edges)

    def rewritten(self, pattern: re.Pattern[str], replacement: str) -> "Form":
        """With every match of a pattern replaced by a text that stands for all of it."""
        text = pattern.sub(replacement, self.text)
        if text == self.text:
            return self

        def parts() -> list[Span]:
            found: list[Span] = []
            at = 0
            for match in pattern.finditer(self.text):
                found += [(same, same + 1) for same in range(at, match.start())]
                found += [match.span()] * len(replacement)
                at = match.end()
            return found + [(same, same + 1) for same in range(at, len(self.text))]

        return Form(text, self, parts, same_edges=False)

    def words(self) -> "Form":
        """Its words, with one space between them and every repeated letter once; see `repeats`."""
        spread = self.folded(WORDS)
        text = _REPEATED.sub("", spread.text)
        if text == spread.text:
            return spread

        def parts() -> list[Span]:
            following = spread.text[1:] + "\0"
            pairs = enumerate(zip(spread.text, following, strict=True), start=1)
            return list(pairwise([0, *(end for end, (char, after) in pairs if char != after or char.isdecimal())]))

        return Form(text, spread, parts)

    def without_separators(self) -> "Form":
        """Without what stands between letters only to keep them apart."""
        return self.rewritten(_SEPARATORS, "")


class Line:
    """A message that rules look at: as it is shown, and in every form that some rule reads it in, each made once."""

    def __init__(self, text: str) -> None:
        self.text = _SURROGATE.sub("\ufffd", text)
        self.shown = Form(self.text)
        self._forms: dict[tuple[int, bool, bool], list[Form]] = {}
        self._made: dict[tuple[int, Any], Form] = {}
        """Forms by what they were made of and how. Kept here: a form that kept them would be kept by them."""

    def forms(self, reading: Reading, *, by_looks: bool = True) -> list[Form]:
        """The message under its disguises; several forms where something may stand for two things.

        By its looks, a capital of another script is not the same letter as its small form; so words of other scripts
        are found among the letters as they are.
        """
        table = PLAIN if not reading.look_alikes else SKELETON if by_looks else BARE
        key = (id(table), reading.digits, reading.spaced)
        if key not in self._forms:
            forms = self._digits_as_letters(table) if reading.digits else [self.folded(table)]
            if reading.spaced:
                forms += [self._once(form, Form.without_separators) for form in forms]
            self._forms[key] = list({form.text: form for form in forms}.values())
        return self._forms[key]

    def _digits_as_letters(self, table: Mapping[int, str]) -> list[Form]:
        as_i, as_l = self.folded(table), self.folded(table)
        if "I" in self.text:
            as_l = self.shown.folded(CAPITAL_I_AS_L).folded(table)
        if SIGNS.search(as_i.text):
            as_i = as_i.rewritten(STROKES, "i").folded(AS_I, same_edges=False)
            as_l = as_l.rewritten(STROKES, "l").folded(AS_L, same_edges=False)
        return [as_i, as_l]

    def words(self, reading: Reading, *, latin: bool = False) -> list[Form]:
        """The words under their disguises, for words of Latin letters only, or of any."""
        forms = self.forms(reading)
        if not latin and not self.text.isascii():
            forms = forms + self.forms(reading, by_looks=False)
        words = [self._once(form, Form.words) for form in forms]
        return list({form.text: form for form in words}.values()) if len(words) > 1 else words

    def folded(self, table: Mapping[int, str]) -> Form:
        """The shown text through one of the tables that fold case."""
        if self.text.isascii():
            return self._lower
        key = (0, id(table))
        if key not in self._made:
            self._made[key] = self.shown.folded(table)
        return self._made[key]

    def _once(self, form: Form, make: Callable[[Form], Form]) -> Form:
        key = (id(form), make)
        if key not in self._made:
            self._made[key] = make(form)
        return self._made[key]

    @cached_property
    def _lower(self) -> Form:
        return Form(self.text.lower(), self.shown)

    @cached_property
    def gist(self) -> Gist:
        """What is compared with other messages: the words without case, disguise and repeats."""
        return Gist(self._once(self.folded(SKELETON), Form.words).text.strip() or self.text)

    @cached_property
    def capitals(self) -> tuple[int, int]:
        """How many percent of the letters that have two cases are capitals, and how many such letters there are."""
        return capitals_share(self.text)


def _continues(text: str, edge: int, outside: int) -> bool:
    """Whether the word at an edge goes on outside of it, before (-1) or behind (0)."""
    at = edge + outside
    if not 0 <= at < len(text) or not is_of_word(text[at]):
        return False
    return not (is_unspaced(text[edge - 1]) or is_unspaced(text[edge]))
