"""What agents can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import SettingsError
from dialer.web.agent.phrases import UNKNOWN, When, load


def test_every_situation_has_a_phrase_in_both_languages() -> None:
    """The standard file misses none."""
    assert {phrase.when for phrase in load(None).phrases} == set(When)


def test_particulars_are_filled_in() -> None:
    """The shop's name and the staff number stand in the greeting; what is not known is shown as such."""
    greeting = load(None).for_customer("zh", "", {"shop": "惠民店", "number": "012"})[0]
    assert greeting.when is When.OPENING
    assert "惠民店" in greeting.text
    assert "012号" in greeting.text
    assert UNKNOWN["en"] in load(None).for_customer("en", "", {})[0].text
    later = next(s for s in load(None).for_customer("zh", "", {}) if s.when is When.LATER)
    assert "…" not in later.text.replace("……", ""), "an ellipsis has six dots in Chinese"


@pytest.mark.parametrize(("settlement", "reminded"), [("电子结算", True), ("Electronic", True), ("现金", False)])
def test_who_settles_electronically_is_reminded(settlement: str, reminded: bool) -> None:
    """The deposit reminder is for those whom it concerns."""
    said = {said.when for said in load(None).for_customer("zh", settlement, {})}
    assert (When.DEPOSIT in said) is reminded


def test_a_department_has_phrases_of_its_own(tmp_path: Path) -> None:
    """A file of the department replaces the standard one, whatever editor it was saved by."""
    file = tmp_path / "phrases.toml"
    file.write_text('\ufeff[[phrases]]\nwhen = "opening"\nzh = "{shop}您好"\nen = "Hello {shop}"\n', encoding="utf-8")
    assert [said.text for said in load(file).for_customer("en", "", {"shop": "X"})] == ["Hello X"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("phrases = 1", "phrases"),
        ("[[phrases", "TOML"),
        ('[[phrases]]\nwhen = "opening"\nzh = "{customer}"\nen = "x"', r"\{customer\} is not known"),
        ('[[phrases]]\nwhen = "lunch"\nzh = "x"\nen = "x"', "when"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, says: str) -> None:
    """A mistake names the file and the place."""
    file = tmp_path / "phrases.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=says) as caught:
        load(file)
    assert "phrases.toml" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Its path is in the message."""
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load(tmp_path / "none.toml")
