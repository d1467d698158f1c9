"""What each result needs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialer.campaign.result import MISSING, RULES, Need, lacking
from dialer.campaign.visit import Result

GIVEN = {"order": "A1", "text": "late", "time": datetime(2026, 11, 23, tzinfo=UTC)}
NOTHING = {"order": "", "text": "", "time": None}


def test_every_result_has_its_rule() -> None:
    """A new result is not forgotten, and what may be missing can be said."""
    assert set(RULES) == set(Result)
    assert set(MISSING) == set(Need)


@pytest.mark.parametrize("result", [None, *Result])
def test_what_is_lacking(result: Result | None) -> None:
    """Exactly what the table says."""
    need = None if result is None else RULES[result].needs
    assert lacking(result, **GIVEN) is None  # type: ignore[arg-type]  # fields by name
    assert lacking(result, **NOTHING) is need  # type: ignore[arg-type]  # fields by name
    if need is not None:
        assert lacking(result, **{**NOTHING, need: GIVEN[need]}) is None  # type: ignore[arg-type]  # fields by name
