"""The day at a glance."""

from __future__ import annotations

from datetime import timedelta

from dialer.campaign.messages import CallProgress, PauseCampaign
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.rules.rule import RedialRule
from dialer.campaign.views.now import overview
from dialer.campaign.views.overview import AgentNow, CallNow, TrunkNow
from tests.campaign.days import MONDAY, at, config, row
from tests.campaign.stepping import Room


def test_what_is_going_on() -> None:
    """Progress, agents, calls, trunks, alarms: as plain values."""
    room = Room(row(1), row(2), row(3, agent="002"), row(4, agent="002"), agents=2)
    room.wait(1)
    room.result(room.talk(1), Result.NOT_NEEDED)
    room.ready()
    room.wait(1)
    room.progress(2, CallProgress.RINGING)
    room.miss(3)
    room.pause("002")
    view = overview(room.state, room.now)
    assert (view.day, view.total, view.never_called) == (MONDAY, 4, 0)
    assert view.visits == {"reached": 1, "calling": 2, "waiting": 1}
    assert view.results == {"not_needed": 1}
    call = room.live(2)
    assert view.calls[0] == CallNow(
        call.id, call.visit, "C0002", call.number, "001", "trunk", "ringing", call.placed_at
    )
    assert view.agents[0] == AgentNow(
        "001", "", "PJSIP/001", None, "ringing", call.placed_at, "", call.id, "C0002", PhoneState.UNSAID
    )
    assert view.trunks == (TrunkNow("trunk", 2, 30, BreakerState.CLOSED, None),)
    assert (view.link_up, view.dialling, view.hours_open, view.paused) == (True, True, True, "")
    assert (view.next_change, view.hours_note, view.rehearsal, view.alarms) == (at(12), "", False, ())
    assert not view.finished


def test_a_campaign_that_stands_still() -> None:
    """Paused, without a link, with an alarm; a short gap is shown as a rehearsal (DOMAIN.md)."""
    room = Room(row(1), ready=False, conf=config(rule=RedialRule(gap=timedelta(seconds=5))))
    room.ask(PauseCampaign(by="leader", reason="lunch"))
    room.cut()
    view = overview(room.state, room.now)
    assert (view.dialling, view.paused, view.link_up, view.rehearsal) == (False, "leader: lunch", False, True)
    assert view.alarms == (("link", "cut", at(8)),)
    assert (view.never_called, view.agents[0].customer) == (1, None)


def test_a_day_is_finished_when_nobody_is_left_and_no_call_is_up() -> None:
    """An empty day is not finished: it has not begun."""
    room = Room()
    assert not overview(room.state, room.now).finished
    room.import_rows(row(1))
    room.wait(1)
    assert not overview(room.state, room.now).finished
    room.talk(1)
    assert overview(room.state, room.now).finished


def test_a_day_that_is_not_loaded_is_empty() -> None:
    """Between midnight and its loading."""
    room = Room(row(1))
    view = overview(room.state, at(0, day=MONDAY + timedelta(days=1)))
    assert (view.total, view.hours_open, view.next_change, view.dialling) == (0, False, None, False)
