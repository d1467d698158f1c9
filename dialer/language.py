"""The one way to word a sentence: English in the code, Chinese in ``dialer/locale/zh/LC_MESSAGES/dialer.po``.

``t = translator("zh")``, then ``t("{count} calls", count=3)``. The English sentence is the key; places are written
``{name}``. Where one English text has two Chinese ones, ``t("open", context="trunk")`` tells them apart (``msgctxt``).
Texts in tables are marked with ``N_`` and looked up when they are shown. The catalogue is read when Chinese is first
asked for; nothing has to be compiled. A test sees to it that every sentence has its Chinese and that none is stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, Protocol

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
"""Chinese comes first."""


class Translate(Protocol):
    """``t("{count} calls", count=3)``: the sentence in somebody's language, its places filled in."""

    def __call__(self, english: str, /, *, context: str | None = None, **values: object) -> str: ...


def N_(english: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text of a table for translation; it is looked up later."""
    return english


def look_up(language: Language, english: str, context: str | None = None) -> str:
    """The sentence in ``language``, its places not filled in; English where the catalogue has none."""
    return _chinese().get((context, english), english) if language == "zh" else english


@cache
def translator(language: Language) -> Translate:
    """What words sentences in ``language``."""

    def t(english: str, /, *, context: str | None = None, **values: object) -> str:
        sentence = look_up(language, english, context)
        return sentence.format(**values) if values else sentence

    return t


@cache
def _chinese() -> Mapping[tuple[str | None, str], str]:
    from babel.messages.pofile import read_po  # takes longer to import than most commands run

    with files("dialer").joinpath("locale", "zh", "LC_MESSAGES", "dialer.po").open("rb") as file:
        return {(m.context, str(m.id)): str(m.string) for m in read_po(file) if m.id and m.string and not m.fuzzy}
