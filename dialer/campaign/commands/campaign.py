"""What is asked for the campaign as a whole: pause, late start, alarms, days off."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.calls.streaks import lift_holds
from dialer.campaign.changes import CalendarChange, TakePbx
from dialer.campaign.commands.restored import accept_records
from dialer.campaign.day.defects import tell_defect
from dialer.campaign.day.work import announce_late_start
from dialer.campaign.messages import (
    AnnounceLateStart,
    DefectFound,
    PauseCampaign,
    ResumeCampaign,
    SetAlarm,
    SetCalendarDay,
    TakeOver,
)
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import PAUSED, State
from dialer.errors import Conflict


def pause_campaign(state: State, command: PauseCampaign, now: datetime) -> None:
    """Place no new calls; calls that are up go on."""
    state.set_flag(PAUSED, f"{command.by}: {command.reason}" if command.reason else command.by)
    state.out.note(now, "campaign.paused", by=command.by, reason=command.reason)


def resume_campaign(state: State, command: ResumeCampaign, now: datetime) -> None:
    """Go on placing calls, held ones too. Raises :class:`Conflict` too soon after the records were restored."""
    accept_records(state, command.by, now)
    lift_holds(state, command.by, now)
    if PAUSED in state.flags:
        state.set_flag(PAUSED, "")
        state.out.note(now, "campaign.resumed", by=command.by)


def take_over(state: State, command: TakeOver, now: datetime) -> None:
    """Own a PBX that another dialer with these records owns; asked of one that is ours it changes nothing."""
    machine = state.owners.get(command.pbx)
    if machine is not None:
        state.out.intents.append(TakePbx(command.pbx))
        state.out.note(now, "pbx.taken_over", by=command.by, pbx=command.pbx, machine=machine)


def late_start(state: State, command: AnnounceLateStart, now: datetime) -> None:
    """Tell the departments on today's list that calling starts late."""
    day = state.today(now)
    if day is None or not day.visits:
        raise Conflict("there is no visit list for today, so there is nobody to tell")
    if not announce_late_start(state, day, command.text, now):
        raise Conflict("the departments have already been told today")


def set_alarm(state: State, command: SetAlarm, now: datetime) -> None:
    """Something needs a person, or what the alarm was about is over."""
    if command.text:
        state.raise_alarm(command.key, command.text, now)
    else:
        state.clear_alarm(command.key, now)


def defect_found(state: State, command: DefectFound, now: datetime) -> None:
    """An administrator learns of it; the alarm ends when it has not come again for a while."""
    tell_defect(state, command.what, now)


def set_calendar_day(state: State, command: SetCalendarDay, now: datetime) -> None:
    """Make a day off a working day or the other way round; takes effect at once."""
    state.out.changes.calendar.append(CalendarChange(command.day, command.working, command.name))
    day = state.days.get(command.day)
    if day is not None:
        calendar = None if command.working is None else (command.working, command.name)
        day.hours = state.config.hours.on(command.day, calendar)
        state.timers.at(now, Wake.HOURS, command.day.isoformat())
    state.out.note(now, "calendar.set", by=command.by, date=command.day.isoformat(), working=command.working)
