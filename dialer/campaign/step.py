"""The functional core: the day's state and what happened in, changes and intents out.

``step`` is a plain function without ``await``: it reads no clock and does no I/O, so that a whole
day can be driven through it in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.campaign.calls.events import on_call_event, on_link_lost, on_link_restored
from dialer.campaign.calls.phones import on_phone_told
from dialer.campaign.calls.strangers import on_stranger
from dialer.campaign.changes import Changes, Intent
from dialer.campaign.commands import agents, campaign, conversations, restored, visits
from dialer.campaign.commands.import_list import import_list
from dialer.campaign.commands.manual_call import enter_manual_call
from dialer.campaign.day.clock_set import on_clock_set
from dialer.campaign.day.work import tick
from dialer.campaign.dialling.placing import may_dial
from dialer.campaign.dialling.strategy import dial
from dialer.campaign.messages import (
    AnnounceLateStart,
    CallEvent,
    ClockSet,
    CorrectNumber,
    EnterManualCall,
    HangUp,
    ImportList,
    LinkLost,
    LinkRestored,
    Message,
    PauseCampaign,
    PhoneTold,
    Promise,
    Reassign,
    RecordsRestored,
    ResumeCampaign,
    SaveAgent,
    SaveAgents,
    SetAlarm,
    SetCalendarDay,
    SetPresence,
    SetResult,
    Stranger,
    Withdraw,
)
from dialer.campaign.recorder import Recorder
from dialer.campaign.state import State
from dialer.errors import Refused

HANDLERS: dict[type[Any], Callable[[State, Any, datetime], object]] = {
    CallEvent: on_call_event,
    LinkLost: on_link_lost,
    LinkRestored: on_link_restored,
    PhoneTold: on_phone_told,
    Stranger: on_stranger,
    ClockSet: on_clock_set,
    SaveAgent: agents.save_agent,
    SaveAgents: agents.save_agents,
    SetPresence: agents.set_presence,
    Withdraw: visits.withdraw,
    CorrectNumber: visits.correct_number,
    Promise: visits.promise,
    Reassign: visits.reassign,
    EnterManualCall: enter_manual_call,
    SetResult: conversations.set_result,
    HangUp: conversations.hang_up,
    PauseCampaign: campaign.pause_campaign,
    ResumeCampaign: campaign.resume_campaign,
    RecordsRestored: restored.records_restored,
    AnnounceLateStart: campaign.late_start,
    SetAlarm: campaign.set_alarm,
    SetCalendarDay: campaign.set_calendar_day,
}
"""What is done with each kind of message. A list is imported with its days' data, see ``step``."""


@dataclass(slots=True)
class Outcome:
    """What a step leaves: commit ``changes``, then carry out ``intents``, then give each message its reply.

    A reply is what the handler returned, or the :class:`~dialer.errors.Refused` that it raised.
    """

    changes: Changes
    intents: list[Intent]
    replies: list[object]


def step(state: State, now: datetime, messages: Sequence[Message], digests: Mapping[int, str]) -> Outcome:
    """Apply ``messages`` in order, then what the clock brings, then place calls.

    The days that messages are about must be loaded into ``state``; ``digests`` are the stored
    customer data of the days for which a list is imported.
    """
    state.out = Recorder()
    replies: list[object] = []
    for message in messages:
        try:
            if isinstance(message, ImportList):
                replies.append(import_list(state, message, digests, now))
            else:
                replies.append(HANDLERS[type(message)](state, message, now))
        except Refused as refusal:
            replies.append(refusal)
    tick(state, now)
    dial(state, now)
    return Outcome(state.out.finish(), state.out.intents, replies)


def next_due(state: State, now: datetime) -> datetime | None:
    """When a step is needed even if nothing happens; None when only something happening matters."""
    times = [state.timers.next_time()]
    day = state.today(now)
    if day is not None and may_dial(state, day, now):
        times.append(day.queue.next_time())
    return min((t for t in times if t is not None), default=None)
