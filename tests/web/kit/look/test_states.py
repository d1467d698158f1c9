"""The one vocabulary of states: each has a colour, an icon and a word in both languages, and each icon is there."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest
from markupsafe import Markup

from dialer.language import Language
from dialer.web.kit.page.icons import drawings, icon
from dialer.web.kit.page.states import ICONS, STATES, status_of
from dialer.web.kit.page.templates import environment, sources

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("family", STATES)
def test_every_state_has_its_look(family: str) -> None:
    """No code of its kind is left out, and none is shown as bare code or as English in Chinese."""
    (kind,) = {type(code) for code in STATES[family]}
    assert issubclass(kind, StrEnum)
    assert set(kind) == set(STATES[family])
    for code in kind:
        zh, en = (status_of(language, family, code) for language in ("zh", "en"))
        assert zh.word != en.word
        assert (zh.kind, zh.icon) == (en.kind, en.icon)


def test_results_are_good_neutral_or_bad() -> None:
    """What an agent enters is an end: nothing about it is under way or in doubt."""
    assert {each.kind for each in STATES["result"].values()} == {"good", "idle", "bad"}


@pytest.mark.parametrize(("language", "word"), [("zh", "已订货"), ("en", "Ordered")])
def test_a_state_on_a_page(language: Language, word: str) -> None:
    """One macro shows colour, icon and word; a code of another version is shown as it is."""
    source = '{% from "parts.html" import status with context %}{{ status("result", code) }}'
    shown = environment(language).from_string(source)
    text = shown.render(code="ordered", csrf="")
    assert text == f'<span class="badge good">{icon("shopping-cart")}{word}</span>'
    assert '<span class="badge idle">' in (old := shown.render(code="<old>", csrf=""))
    assert "&lt;old&gt;" in old


def test_the_icons_are_those_that_are_used() -> None:
    """Each one that a page or a state names is in the sprite, and no other."""
    named = {name for text in sources().values() for name in re.findall(r'(?:icon\(|"idle", )"([\w-]+)"\)', text)}
    named |= {each.icon for states in STATES.values() for each in states.values()} | set(ICONS.values())
    listed = (ROOT / "requirements" / "icons.txt").read_text(encoding="utf-8").splitlines()[2:]
    assert sorted(named) == listed
    assert set(drawings()) == named, "make setup fetches them"


def test_without_the_sprite_words_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set-up without a network gives pages all the same."""
    monkeypatch.setattr("dialer.web.kit.page.icons.drawings", dict)
    assert icon("check") == Markup()
