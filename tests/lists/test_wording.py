"""Every problem has its sentence."""

from __future__ import annotations

import re
from pathlib import Path

import dialer.lists
from dialer.language import look_up
from dialer.lists.wording import FIELD_NAMES, SENTENCES, Reason


def test_every_code_is_used_and_every_used_code_is_known() -> None:
    """No sentence is left over and none is missing."""
    folder = Path(dialer.lists.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in folder.glob("*.py") if path.name != "wording.py")
    used = set(re.findall(r'(?:Unusable|Reason|refused)\(\s*"([a-z0-9-]+)"', sources))
    used |= set(re.findall(r'"(list-empty|no-rows)"', sources))
    assert used == set(SENTENCES)


def test_fields_are_named_in_the_language() -> None:
    """A field in a sentence is shown by its name for people."""
    why = Reason("header-missing", {"field": "licence", "names": "x"})
    assert "许可证号" in why.text()
    assert "licence number" in why.text("en")
    assert all(look_up("zh", name) != name for name in FIELD_NAMES.values())


def test_what_is_unusual_is_said_in_the_language() -> None:
    """The detail of a damaged file is an error's words, and has its Chinese too."""
    why = Reason("file-damaged", {"file": "a.xlsx", "detail": "it has more than 9 parts"})
    assert "文件包含超过 9 个部件" in why.text("zh")
    assert "it has more than 9 parts" in why.text("en")
