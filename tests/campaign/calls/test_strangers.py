"""Calls in our part of the dialplan that nobody of us placed: ended, with an alarm."""

from __future__ import annotations

import pytest

from dialer.campaign.changes import HangUpCall
from dialer.campaign.messages import LinkRestored, Stranger
from tests.campaign.days import row
from tests.campaign.stepping import Room

CHANNEL = "office-1796039043.4"


@pytest.mark.parametrize("pbx", ["main", "branch"])
def test_a_stranger_who_answers_is_hung_up_on_and_told_of(pbx: str) -> None:
    """Each one; the alarm is raised once, under its PBX."""
    room = Room(row(1))
    room.do(Stranger(CHANNEL, room.now, pbx), Stranger(CHANNEL, room.now, pbx))
    assert room.intents == [HangUpCall(CHANNEL, pbx)] * 2
    assert [key for key in room.state.alarms if key.startswith("stranger")] == [
        "stranger" if pbx == "main" else "stranger:branch"
    ]
    assert room.told("call.stranger") == 2


def test_the_alarm_ends_with_the_last_of_them() -> None:
    """At once: nobody waits for a look at the PBX's calls."""
    room = Room(row(1))
    room.do(Stranger(CHANNEL, room.now))
    room.do(Stranger(CHANNEL, room.now, up=False))
    assert room.intents == []
    assert room.state.alarms == {}


def test_a_survey_finds_strangers_and_that_they_are_gone() -> None:
    """Those who answered, or went, while there was no link."""
    room = Room(row(1))
    room.do(LinkRestored(room.now, (), strangers=(CHANNEL,)))
    assert HangUpCall(CHANNEL) in room.intents
    assert "stranger" in room.state.alarms
    room.link()
    assert "stranger" not in room.state.alarms
