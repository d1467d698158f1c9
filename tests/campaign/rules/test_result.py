"""What each result needs, and whether it can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dialer.campaign.model.visit import Result
from dialer.campaign.rules.result import RULES, Incomplete, Need, check_complete
from tests.campaign.days import at, row
from tests.campaign.stepping import Room

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


@pytest.mark.parametrize("result", Result)
def test_every_result_can_be_taken_back_and_those_that_are_told_wait(result: Result) -> None:
    """The agent's page offers a key for those of which the table says that others are told, and only then."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, result, at=at(10), order="N1", text="slow")
    assert [notice.grace for notice in room.store.notices.values()] == [True] * RULES[result].told
    assert room.result(call, Result.NOT_NEEDED).result is Result.NOT_NEEDED
    assert room.store.notices == {}
