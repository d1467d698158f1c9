"""What a spreadsheet takes for a formula is seen wherever it hides."""

from __future__ import annotations

import pytest

from dialer.formulas import begins_formula, harmless

LURES = ("=1+1", "+1", "-1", "@SUM(1)", "＝1+1", " =1", "\t=1", "\r\n=1", "\u3000@x", "\ufeff=1")


@pytest.mark.parametrize("lure", LURES)
def test_a_formula_is_seen_behind_blanks(lure: str) -> None:
    """And gets a quote before it, in front of the blanks."""
    assert begins_formula(lure)
    assert harmless(lure) == f"'{lure}"


@pytest.mark.parametrize("text", ["", " ", "C001", "13904700001", "a=b", "惠民店 -2"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """Also when such a sign comes later."""
    assert not begins_formula(text)
    assert harmless(text) == text
