"""The list of survivors is read as it is written, and speaks of code that is there."""

from __future__ import annotations

import pytest

from tests.mutants.listed import DOCUMENT, listed, row_of
from tests.mutants.session import ROOT, Survivor
from tests.mutants.targets import TARGETS, Target

SURVIVOR = Survivor("dialer/x.py", "a: int | None = f(`1`)", "a: int | None = f(`2`)")


def test_a_row_is_read_as_it_is_written() -> None:
    """Also with the characters that divide a table."""
    row = row_of(SURVIVOR)
    assert listed(f"## `dialer/x.py`\n\n{row.removesuffix('  |')} as good |") == {SURVIVOR: "as good"}
    with pytest.raises(ValueError, match="no reason for a: int"):
        listed(f"## `dialer/x.py`\n\n{row}")


def test_every_survivor_is_still_in_the_code() -> None:
    """A line that was written anew has to be tried anew."""
    for each in listed(DOCUMENT.read_text(encoding="utf-8")):
        source = (ROOT / each.module).read_text(encoding="utf-8")
        assert " ".join(each.before.split()) in " ".join(source.split()), each


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_is_tried_is_there(target: Target) -> None:
    """A module that moved would else be tried no more."""
    assert all((ROOT / path).exists() for path in (*target.code, *target.tests))
