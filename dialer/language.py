"""The one way to word a sentence: English in the code, Chinese in ``dialer/locale/zh/LC_MESSAGES/dialer.po``.

``t = translator("zh")``, then ``t("{count} calls", count=3)``. The English sentence is the key; places are written
``{name}``, never ``{context}``: where one English text has two Chinese ones, ``t("open", context="trunk")`` tells them
apart (``msgctxt``). Texts in tables are marked with ``N_`` and looked up when they are shown; ``N_("open",
context="trunk")`` keeps its context. A sentence that is made before anybody knows who will read it is a ``Text``; an
error is plain English where it is raised, and ``reword`` finds its Chinese. The catalogue is read when Chinese is first
asked for; nothing has to be compiled. A test sees to it that every sentence has its Chinese and that none is stale;
``python -m tests.catalogue`` brings the catalogue in line with the code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal, Protocol

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
"""Chinese comes first."""


class Translate(Protocol):
    """``t("{count} calls", count=3)``: the sentence in somebody's language, its places filled in."""

    def __call__(self, english: str, /, *, context: str | None = None, **values: object) -> str: ...


class _InContext(str):
    """A marked text that knows its context."""

    __slots__ = ("context",)
    context: str


def N_(english: str, *, context: str | None = None) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text of a table for translation; it is looked up later."""
    if context is None:
        return english
    marked = _InContext(english)
    marked.context = context
    return marked


class Text:
    """A sentence to be worded when it is shown: its English, and what goes into its places, which may be a Text too."""

    __slots__ = ("_english", "_values")

    def __init__(self, english: str, /, **values: object) -> None:
        self._english = english
        self._values = values

    def said(self, t: Translate) -> str:
        """The sentence by ``t``."""
        values: dict[str, Any] = {k: v.said(t) if isinstance(v, Text) else v for k, v in self._values.items()}
        return t(self._english, **values)


def look_up(language: Language, english: str, context: str | None = None) -> str:
    """The sentence in ``language``, its places not filled in; English where the catalogue has none."""
    if language != "zh":
        return english
    return _chinese().get((context or getattr(english, "context", None), english), english)


_LONGEST = 600
"""Characters of a sentence of ours: what is longer holds somebody's text, which could be divided in countless ways."""


def reword(sentence: str, language: Language) -> str:
    """A sentence that came as English text, over the wire or out of the database, in ``language``.

    What an error says is in the catalogue in the context ``error``; any other text stays as it is. What stands in its
    places may be a word of ours, such as a disposition.
    """
    if language != "zh" or len(sentence) > _LONGEST:
        return sentence
    for english, chinese in _errors():
        if found := english.fullmatch(sentence):
            values = (look_up(language, reword(value, language)) for value in found.groups())
            return chinese.format(*values)
    return sentence


@cache
def translator(language: Language) -> Translate:
    """What words sentences in ``language``."""

    def t(english: str, /, *, context: str | None = None, **values: object) -> str:
        sentence = look_up(language, english, context)
        return sentence.format(**values) if values else sentence

    return t


@cache
def _chinese() -> Mapping[tuple[str | None, str], str]:
    text = files("dialer").joinpath("locale", "zh", "LC_MESSAGES", "dialer.po").read_text(encoding="utf-8")
    found = (_message(lines) for lines in text.split("\n\n"))
    return {(m.get("msgctxt"), m["msgid"]): m["msgstr"] for m in found if m.get("msgid") and m.get("msgstr")}


def _message(lines: str) -> dict[str, str]:
    """An entry of the catalogue by its keywords. Babel, which writes it, takes longer to import than this to read."""
    found: dict[str, str] = {}
    keyword = ""
    for line in lines.splitlines():
        if line.startswith("#"):
            continue
        word, _, string = line.partition('"')
        keyword = word.strip() or keyword
        # Escapes are C's, as in JSON. Few lines have any, and to read all of them as JSON takes most of the time.
        found[keyword] = found.get(keyword, "") + (json.loads(f'"{string}') if "\\" in string else string[:-1])
    return found


@cache
def _errors() -> list[tuple[re.Pattern[str], str]]:
    """What an error says as a pattern with the Chinese for it; the longest, which is the most particular, first."""
    known = [(english, chinese) for (context, english), chinese in _chinese().items() if context == "error"]
    return [(_pattern(english), chinese) for english, chinese in sorted(known, key=lambda each: -len(each[0]))]


def _pattern(english: str) -> re.Pattern[str]:
    """Places are numbered in the order in which they come."""
    pattern, places = "", 0
    for text, place, _, _ in Formatter().parse(english):
        pattern += re.escape(text)
        if place is not None:
            pattern += f"(?:\\{int(place) + 1})" if int(place) < places else "(.+?)"
            places = max(places, int(place) + 1)
    return re.compile(pattern, re.DOTALL)
