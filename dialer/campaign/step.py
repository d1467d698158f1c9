"""The functional core: the day's state and what happened in, changes and intents out.

``step`` is a plain function without ``await``: it reads no clock and does no I/O, so that a whole
day can be driven through it in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dialer.campaign.calls.events import on_call_event, on_link_lost, on_link_restored
from dialer.campaign.calls.ownership import on_owner_told
from dialer.campaign.calls.phones import on_phone_told
from dialer.campaign.calls.strangers import on_stranger
from dialer.campaign.changes import Changes, Intent, Survey
from dialer.campaign.commands import agents, campaign, conversations, restored, visits
from dialer.campaign.commands.import_list import import_list
from dialer.campaign.commands.manual_call import enter_manual_call
from dialer.campaign.day.clock_set import on_clock_set
from dialer.campaign.day.defects import POSTPONED, let_be, tell_defect
from dialer.campaign.day.work import attend
from dialer.campaign.dialling.placing import may_dial
from dialer.campaign.dialling.strategy import dial
from dialer.campaign.messages import (
    AnnounceLateStart,
    CallEvent,
    ClockSet,
    CorrectNumber,
    DefectFound,
    EnterManualCall,
    HangUp,
    ImportList,
    LinkLost,
    LinkRestored,
    Message,
    OwnerTold,
    PauseCampaign,
    PbxMessage,
    PhoneTold,
    Promise,
    PutBack,
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
    TakeOver,
    Withdraw,
)
from dialer.campaign.state import Deed, Dialling, State
from dialer.errors import GuardFailed, Refused, StoreError

HANDLERS: dict[type[Any], Callable[[State, Any, datetime], object]] = {
    CallEvent: on_call_event,
    LinkLost: on_link_lost,
    LinkRestored: on_link_restored,
    PhoneTold: on_phone_told,
    Stranger: on_stranger,
    OwnerTold: on_owner_told,
    ClockSet: on_clock_set,
    SaveAgent: agents.save_agent,
    SaveAgents: agents.save_agents,
    SetPresence: agents.set_presence,
    Withdraw: visits.withdraw,
    PutBack: visits.put_back,
    CorrectNumber: visits.correct_number,
    Promise: visits.promise,
    Reassign: visits.reassign,
    EnterManualCall: enter_manual_call,
    SetResult: conversations.set_result,
    HangUp: conversations.hang_up,
    PauseCampaign: campaign.pause_campaign,
    ResumeCampaign: campaign.resume_campaign,
    TakeOver: campaign.take_over,
    RecordsRestored: restored.records_restored,
    AnnounceLateStart: campaign.late_start,
    SetAlarm: campaign.set_alarm,
    DefectFound: campaign.defect_found,
    SetCalendarDay: campaign.set_calendar_day,
}
"""What is done with each kind of message. A list is imported with its days' data, see ``step``."""


Tell = Callable[[State, str, datetime], None]
TELL: Tell = tell_defect


@dataclass(frozen=True, slots=True)
class Failure:
    """The reply to a message whose handler raised, or that could not be committed: nothing of it was carried out."""

    error: Exception


@dataclass(slots=True)
class Outcome:
    """What a step leaves: commit ``changes``, then carry out ``intents``, then give each message its reply.

    A reply is what the handler returned, the :class:`~dialer.errors.Refused` that it raised, or a :class:`Failure`.
    ``failures`` are those of this step, by what failed.
    """

    changes: Changes
    intents: list[Intent]
    replies: list[object]
    failures: Mapping[Deed, Exception] = field(default_factory=dict)


class Share(StrEnum):
    """How much a step does of what the clock brings."""

    ALL = "all"
    NONE = "none"
    WAKE_UP = "wake_up"  # the next wake-up that is due
    DIAL = "dial"  # the next call


def step(
    state: State,
    now: datetime,
    messages: Sequence[Message],
    digests: Mapping[int, str],
    *,
    share: Share = Share.ALL,
    spoilt: Mapping[Deed, Exception] | None = None,
) -> Outcome:
    """Apply ``messages`` in order, then what the clock brings, then place calls.

    The days that messages are about must be loaded into ``state``; ``digests`` are the stored
    customer data of the days for which a list is imported. ``spoilt`` is known to fail already.

    Whatever a handler raises ends its message alone: all is undone and done again without it. A refusal is its
    message's own, too, should the rules find its reason only after they have changed something.
    """
    failed, tell = dict(spoilt or {}), TELL
    while True:
        state.begin()
        try:
            replies = _carry_out(state, now, messages, digests, share, failed, tell)
        except Exception as error:
            state.undo(now)
            if state.doing not in failed:
                failed[state.doing] = error
            elif tell is TELL:  # not even the alarm can be raised; the log has it
                tell = _silent
            else:
                raise
        else:
            failures = {deed: error for deed, error in failed.items() if not isinstance(error, Refused)}
            return Outcome(state.out.finish(), state.out.intents, replies, failures)


def _carry_out(
    state: State,
    now: datetime,
    messages: Sequence[Message],
    digests: Mapping[int, str],
    share: Share,
    failed: Mapping[Deed, Exception],
    tell: Tell,
) -> list[object]:
    replies: list[object] = []
    for place, message in enumerate(messages):
        state.doing, before = place, state.out.size if place else 0
        try:
            if place in failed:
                replies.append(_not_done(state, message, failed[place], now, tell))
            elif isinstance(message, ImportList):
                replies.append(import_list(state, message, digests, now))
            else:
                replies.append(HANDLERS[type(message)](state, message, now))
        except Refused as refusal:
            if state.out.size != before:
                raise
            replies.append(refusal)
    if share in (Share.ALL, Share.WAKE_UP):
        for wake_up in state.timers.due(now, 1 if share is Share.WAKE_UP else None):
            state.doing = wake_up
            if wake_up in failed:
                state.timers.at(now + POSTPONED, *wake_up)
                tell(state, wake_up[0], now)
            else:
                attend(state, *wake_up, now)
    if share in (Share.ALL, Share.DIAL):
        state.doing = ""
        for deed in failed:
            if isinstance(deed, str | Dialling):
                let_be(state, deed, now)
                tell(state, "dialling", now)
        if "" not in failed:
            dial(state, now, one=share is Share.DIAL)
    return replies


def _not_done(state: State, message: Message, error: Exception, now: datetime, tell: Tell) -> object:
    """The reply to a message that is left out. What a PBX says is asked for anew."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, StoreError) and not isinstance(error, GuardFailed):
        return Failure(error)  # the database cannot be read; nothing is wrong with the message
    tell(state, type(message).__name__, now)
    if isinstance(message, PbxMessage):
        state.out.intents.append(Survey(state.config.settle.total_seconds(), message.pbx))
    return Failure(error)


def _silent(*_: object) -> None:
    """Tells nobody."""


def next_due(state: State, now: datetime) -> datetime | None:
    """When a step is needed even if nothing happens; None when only something happening matters."""
    times = [state.timers.next_time()]
    day = state.today(now)
    if day is not None and may_dial(state, day, now):
        times.append(day.queue.next_time())
    return min((t for t in times if t is not None), default=None)
