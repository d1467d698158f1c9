"""Wrap-up: the time after a conversation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.agent import Presence
from tests.campaign.days import config, row
from tests.campaign.stepping import Room


def half_a_minute() -> CampaignConfig:
    return config(wrap_up=timedelta(seconds=30))


def test_wrap_up_lasts_until_the_agent_says_so() -> None:
    """Without a set time nobody but the agent ends it (issue: "wrap-up can end by itself after a set time")."""
    room = Room(row(1), row(2))
    room.talk()
    assert room.agent().presence is Presence.WRAP_UP
    assert room.agent().wrap_until is None
    room.wait(minutes=60)
    assert room.agent().presence is Presence.WRAP_UP
    room.ready()
    assert room.calls() == ["C0002"]


def test_wrap_up_ends_by_itself_after_the_set_time() -> None:
    """And the next customer is called at once (issue: "wrap-up can end by itself after a set time")."""
    room = Room(row(1), row(2), conf=half_a_minute())
    room.talk()
    room.wait(29)
    assert room.agent().presence is Presence.WRAP_UP
    room.wait(1)
    assert room.calls() == ["C0002"]


def test_a_wrap_up_cut_short_does_not_keep_the_next_one_from_ending() -> None:
    """The wake-up of a wrap-up that the agent ended must not swallow the one of the next (nobody stays stuck)."""
    room = Room(row(1), row(2), row(3), conf=half_a_minute())
    room.talk(1)
    room.wait(5)
    room.ready()
    room.talk(2, seconds=10)
    assert room.agent().presence is Presence.WRAP_UP
    room.wait(30)
    assert room.calls() == ["C0003"]


def test_wrap_up_survives_a_restart() -> None:
    """What was known is not lost (invariant 9)."""
    room = Room(row(1), row(2), conf=half_a_minute())
    room.talk()
    room.restart()
    room.link()
    room.wait(30)
    assert room.calls() == ["C0002"]


@pytest.mark.parametrize("conf", [half_a_minute(), config()], ids=["timed", "manual"])
@pytest.mark.parametrize("talking", [False, True], ids=["while it rings", "in the conversation"])
def test_ready_asked_for_during_the_call_skips_nothing(conf: CampaignConfig, talking: bool) -> None:
    """The second press of a key lands in the next call: the wrap-up, in which its result is written down, stays."""
    room = Room(row(1), row(2), conf=conf)
    if talking:
        room.connect()
    room.ready()
    assert room.agent().after_call is None
    room.hang_up(room.live(1) if talking else room.connect())
    room.wait(1)
    assert (room.agent().presence, room.calls()) == (Presence.WRAP_UP, [])


@pytest.mark.parametrize(
    ("conf", "seconds"), [(half_a_minute(), 30), (config(), 0)], ids=["after wrap-up", "at once without a set time"]
)
def test_a_pause_asked_for_during_the_call_is_kept_after_it(conf: CampaignConfig, seconds: int) -> None:
    """With its reason; a wrap-up that only the agent can end does not wait for one who said what comes next."""
    room = Room(row(1), row(2), conf=conf)
    call = room.connect()
    room.pause(reason="lunch")
    room.hang_up(call)
    room.wait(seconds)
    assert (room.agent().presence, room.agent().reason) == (Presence.PAUSED, "lunch")
    assert room.agent().after_call is None


@pytest.mark.parametrize(("conf", "seconds"), [(half_a_minute(), 30), (config(), 0)], ids=["timed", "manual"])
def test_a_sign_out_asked_for_during_the_call_is_kept_after_it(conf: CampaignConfig, seconds: int) -> None:
    """An agent who goes home after this call is not called upon again."""
    room = Room(row(1), row(2), conf=conf)
    call = room.connect()
    room.sign_out()
    room.hang_up(call)
    room.wait(seconds)
    assert room.agent().presence is Presence.SIGNED_OUT


def test_ready_takes_a_wish_back() -> None:
    """Pause, then ready after all: the wrap-up is as it would have been."""
    room = Room(row(1), row(2))
    call = room.connect()
    room.pause(reason="lunch")
    room.ready()
    room.hang_up(call)
    room.wait(1)
    assert (room.agent().presence, room.agent().after_reason) == (Presence.WRAP_UP, "")
    room.ready()
    assert room.calls() == ["C0002"]


def test_the_end_of_a_wrap_up_that_the_agent_left_changes_nothing() -> None:
    """They paused meanwhile."""
    room = Room(row(1), row(2), conf=half_a_minute())
    room.talk()
    room.wait(5)
    room.pause(reason="lunch")
    room.wait(60)
    assert room.agent().presence is Presence.PAUSED
