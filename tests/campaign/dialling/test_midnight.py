"""A call that goes on over midnight: its customer and its number are in no other, whatever the new day's list says."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.hours import CallingHours
from dialer.campaign.views.why import Why
from tests.campaign.days import MONDAY, ZONE, at, config, row
from tests.campaign.stepping import Room

TUESDAY = MONDAY + timedelta(days=1)
ROUND_THE_CLOCK = tuple(((time.min, time(12)), (time(12), time.min)) for _ in range(7))


def over_midnight(number: str) -> Room:
    """Customer 1 talks since Monday, 23:58; on Tuesday's list they are agent 2's, with this number."""
    conf = replace(config(), hours=CallingHours(ROUND_THE_CLOCK, ZONE))
    room = Room(row(1), conf=conf, now=at(23, 58), agents=2)
    room.connect(1)
    room.open_day(TUESDAY)
    room.import_rows(row(1, number=number, agent="002"), row(2, agent="002"), day=TUESDAY)
    room.wait(minutes=3)
    return room


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("number", [row(1).number, "13955550000"], ids=["same number", "another number"])
def test_one_customer_has_one_call(number: str, *, restarted: bool) -> None:
    """Invariant 3: "never two calls at once to one number or one customer"; the next customer is called meanwhile."""
    room = over_midnight(number)
    if restarted:
        live = [(attempt, CallProgress.CONNECTED) for attempt in room.state.attempts.values()]
        room.restart()
        room.link(*live)
    assert sorted(room.calls()) == ["C0001", "C0002"]
    room.do()
    assert room.why(1).why is Why.NUMBER_IN_USE
    talk = next(a for a in room.state.attempts.values() if a.customer == "C0001")
    assert talk.day == MONDAY


def test_it_is_called_when_that_call_is_over() -> None:
    """On Tuesday's number there was no call before, so there is no gap."""
    room = over_midnight("13955550000")
    talk, other = sorted(room.state.attempts.values(), key=lambda attempt: attempt.placed_at)
    room.progress(other, CallProgress.RESPONDED, reason=0)
    room.hang_up(other, cause=17, sip=486)
    assert room.calls() == ["C0001"]
    room.hang_up(talk)
    assert [(a.customer, a.number, a.day) for a in room.state.attempts.values()] == [("C0001", "13955550000", TUESDAY)]
