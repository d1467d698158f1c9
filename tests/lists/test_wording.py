"""Every problem has its sentence in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import dialer.lists
from dialer.language import translator
from dialer.lists.wording import FIELD_NAMES, SENTENCES, Reason


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_speak_of_the_same(code: str) -> None:
    """The two sentences use the same parameters."""
    used = [
        {name for _, name, _, _ in string.Formatter().parse(SENTENCES[code][lang]) if name} for lang in ("zh", "en")
    ]
    assert used[0] == used[1]


def test_every_code_is_used_and_every_used_code_is_known() -> None:
    """No sentence is left over and none is missing."""
    folder = Path(dialer.lists.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in folder.glob("*.py") if path.name != "wording.py")
    used = set(re.findall(r'(?:Unusable|Reason)\(\s*"([a-z-]+)"', sources))
    used |= set(re.findall(r'"(list-empty|no-rows)"', sources))
    assert used == set(SENTENCES)


def test_fields_are_named_in_the_language() -> None:
    """A field in a sentence is shown by its name for people."""
    why = Reason("header-missing", {"field": "licence", "names": "x"})
    assert "许可证号" in why.text()
    assert "licence number" in why.text("en")
    assert all(translator("zh")(name) != name for name in FIELD_NAMES.values())
