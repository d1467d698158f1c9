"""The command line's own words: English in the code, Chinese in ``zh.po``, which any translation tool can edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Literal

Language = Literal["zh", "en"]
Words = Callable[..., str]
"""``t("{count} rows", count=3)``: the sentence in the language of the command."""


def words(language: Language) -> Words:
    """The translator for a language. The English sentence is the key; a test sees to it that each has its Chinese."""
    catalogue = chinese() if language == "zh" else {}

    def translate(english: str, /, **values: object) -> str:
        sentence = catalogue.get(english, english)
        return sentence.format(**values) if values else sentence

    return translate


def chinese() -> Mapping[str, str]:
    """The Chinese catalogue: English sentence -> Chinese."""
    from babel.messages.pofile import read_po

    with files("dialer.cli").joinpath("zh.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}
