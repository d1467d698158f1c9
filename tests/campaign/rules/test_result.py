"""What each result needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dialer.campaign.model.visit import Result
from dialer.campaign.rules.result import RULES, Incomplete, Need, check_complete

NOTHING: dict[str, Any] = {"order": "", "text": "", "promised": None}
GIVEN: dict[Need, dict[str, Any]] = {
    Need.ORDER: {"order": "A1"},
    Need.TEXT: {"text": "late"},
    Need.PROMISE: {"promised": datetime.now(UTC)},
}


def test_every_result_has_its_rule() -> None:
    """A new result is not forgotten."""
    assert set(RULES) == set(Result)


@pytest.mark.parametrize("result", [None, *Result])
def test_what_is_lacking_is_told(result: Result | None) -> None:
    """Exactly what the table says, and nothing else."""
    need = None if result is None else RULES[result].needs
    if need is None:
        check_complete(result, **NOTHING)
        return
    with pytest.raises(Incomplete, match="needs") as told:
        check_complete(result, **NOTHING)
    assert told.value.need is need
    assert told.value.code == "bad-input"
    check_complete(result, **(NOTHING | GIVEN[need]))
