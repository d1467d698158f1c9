"""What the clock brings: calling that opens, closes or starts late, and wrap-up that ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from dialer.campaign.calls.closing import close_if_over
from dialer.campaign.calls.events import settle, survey, watch
from dialer.campaign.calls.outcome import carry_out_wish
from dialer.campaign.calls.phones import mind_phone
from dialer.campaign.changes import NoticeDue, NoticeKind
from dialer.campaign.day.defects import forget_defect
from dialer.campaign.day_list import Day
from dialer.campaign.model.agent import AgentEvent, Presence
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import RESTORED, State


def end_wrap_up(state: State, number: str, now: datetime) -> None:
    """The set time for wrap-up is over."""
    agent = state.agents.get(number)
    if agent is None or agent.presence is not Presence.WRAP_UP or agent.wrap_until is None:
        return
    if agent.wrap_until > now:  # this was the wake-up of an earlier wrap-up, which the agent cut short
        state.timers.at(agent.wrap_until, Wake.WRAP_UP, number)
        return
    agent.wrap_until = None
    agent.move(AgentEvent.READY, now)
    carry_out_wish(agent, now)
    state.out.agent(agent)
    state.wanting.add(number)


def mind_hours(state: State, key: str, now: datetime) -> None:
    """Close a day that is over; tell the departments when calling has not started in time.

    Restored records wait for a person first, who wakes this again.
    """
    day = state.days.get(date.fromisoformat(key))
    if day is None or RESTORED in state.flags:
        return
    if day.hours.over(now):
        for visit in list(day.visits.values()):
            if visit.state is VisitState.WAITING:
                close_if_over(state, visit, now)
                day.queue.put(visit, now)
        return
    if day.hours.open(now):
        state.wanting.update(state.agents)  # agents who were ready before it opened
    state.timers.at(day.hours.next_change(now) or day.hours.ends, Wake.HOURS, key)
    opens = day.hours.opens
    if opens is None or _started(day.day) in state.flags:
        return
    late_at = opens + state.config.late_after
    if now < late_at:
        state.timers.at(late_at, Wake.HOURS, key)
    elif any(v.state is VisitState.WAITING for v in day.visits.values()):
        announce_late_start(state, day, "", now)


_ATTEND: dict[Wake, Callable[[State, str, datetime], None]] = {
    Wake.SETTLE: settle,
    Wake.WATCH: watch,
    Wake.WRAP_UP: end_wrap_up,
    Wake.HOURS: mind_hours,
    Wake.SURVEY: survey,
    Wake.PHONE: mind_phone,
    Wake.DEFECT: forget_defect,
    Wake.DIAL: lambda *_: None,  # dialling looks again after every tick
}


def attend(state: State, wake: Wake, key: str, now: datetime) -> None:
    """Attend to a wake-up that is due."""
    _ATTEND[wake](state, key, now)


def call_it_started(state: State, day: date, now: datetime) -> None:
    """Calling of ``day`` has started: no late start is told any more, unless a person tells it."""
    if _started(day) not in state.flags:
        state.set_flag(_started(day), now.isoformat())


def _started(day: date) -> str:
    return f"started-{day}"


def announce_late_start(state: State, day: Day, text: str, now: datetime) -> bool:
    """Tell every department on the list that calling starts late, once a day. Returns whether it was told now."""
    flag = f"late-{day.day}"
    if flag in state.flags:
        return False
    state.set_flag(flag, now.isoformat())
    for department in sorted(day.departments):
        key = f"late-start-{day.day}-{department}"
        state.out.changes.notices.append(NoticeDue(key, NoticeKind.LATE_START, now, department=department, text=text))
    state.out.note(now, "day.late", day_=day.day.isoformat(), text=text)
    return True
