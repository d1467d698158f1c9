"""How much one person, or one system, may have under way at a time."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from dialer.people.staff import Role, Staff
from dialer.web.kit.access.tokens import Caller
from dialer.web.kit.access.turns import MOST, Turn, Turns
from dialer.web.kit.http.refusals import TooMuch
from tests.campaign.days import at

PERSON, OTHER = (
    Caller(n, "d", Staff(n, "", Role.AGENT, password="", created_at=at(8), password_changed_at=at(8)))
    for n in ("001", "002")
)
SYSTEM, ANOTHER = Caller("shop", "d"), Caller("shop", "e")


@pytest.mark.parametrize(
    ("turn", "person", "system"), [("light", 24, 64), ("heavy", 3, 6), ("file", 6, 12), ("stream", 10, 20)]
)
def test_so_many_at_a_time(turn: Turn, person: int, system: int) -> None:
    """Others, and other kinds of requests, have turns of their own; what is done makes room for one."""
    turns = Turns()
    for caller, other, most in ((PERSON, OTHER, person), (SYSTEM, ANOTHER, system)):
        with ExitStack() as under_way:
            first = under_way.enter_context(ExitStack())
            first.enter_context(turns.take(caller, turn))
            for _ in range(most - 1):
                under_way.enter_context(turns.take(caller, turn))
            with pytest.raises(TooMuch), turns.take(caller, turn):
                pass
            for kind in MOST:
                with turns.take(other, kind):
                    pass
            first.close()
            with turns.take(caller, turn), pytest.raises(TooMuch), turns.take(caller, turn):
                pass


def test_what_fails_is_over_too() -> None:
    """Nobody is locked out by their own mistakes."""
    turns = Turns()
    for _ in range(2 * MOST["heavy"].person):
        with pytest.raises(ZeroDivisionError), turns.take(PERSON, "heavy"):
            raise ZeroDivisionError
