"""What the PBX says, applied to attempts."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from dialer import callid
from dialer.campaign.calls.outcome import finish, release_agent
from dialer.campaign.calls.phones import follow_phones, forget_phones
from dialer.campaign.calls.strangers import end_strangers
from dialer.campaign.calls.streaks import end_streaks
from dialer.campaign.calls.transfers import follow
from dialer.campaign.calls.trunks import forget_trunks, got_through, tell_route
from dialer.campaign.changes import HangUpCall, Survey
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, LiveCall
from dialer.campaign.model.agent import AgentEvent, Presence
from dialer.campaign.model.attempt import Attempt, AttemptEvent, AttemptState
from dialer.campaign.model.evidence import ANSWERED, NO_COMMON_CODEC, OUR_TIMEOUT, Disposition, Evidence, Side
from dialer.campaign.model.link import Link, link_alarm
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State

SIP_OK = 200
"""Last SIP code of a call that was answered, in case the news of the answer was lost."""

TALKED = "ANSWER"
"""DialStatus of the agent's leg in the hang-up, in case the news of the connection was lost."""

_ALIVE = (
    CallProgress.RINGING,
    CallProgress.ANSWERED,
    CallProgress.CONNECTED,
    CallProgress.TRANSFERRED,
    CallProgress.RETURNED,
)
_NO_MISS = ("", TALKED, "CANCEL")
"""DialStatus of an agent's leg that says nothing against the agent; CANCEL: the customer hung up first."""


def gather(e: Evidence, event: CallEvent) -> None:
    """Add one event to the evidence. The more precise value of two is kept."""
    match event.progress:
        case CallProgress.RINGING:
            e.ringing = True
        case CallProgress.PROGRESS:
            e.progress = True
        case CallProgress.ANSWERED:
            e.answered = True
        case CallProgress.CONNECTED | CallProgress.TRANSFERRED | CallProgress.RETURNED:
            e.answered = e.connected = True
        case CallProgress.INTERCEPTED:
            e.intercepted = True
        case CallProgress.AGENT_MISSED:
            e.answered = e.agent_missed = True
            e.phone_incompatible = event.cause == NO_COMMON_CODEC
        case CallProgress.AGENT_RINGING:
            e.answered = e.agent_rang = True
        case CallProgress.DIALLED:
            e.dial_status = event.status or e.dial_status
        case CallProgress.RESPONDED:
            e.responded, e.reason = True, event.reason
            e.answered = e.answered or event.reason == ANSWERED
        case CallProgress.HUNG_UP:
            e.hung_up = True
            e.cause = event.cause if event.cause is not None else e.cause
            e.answered = e.answered or event.sip == SIP_OK or event.status == TALKED
            e.connected = e.connected or event.status == TALKED
            e.agent_rang = e.agent_rang or bool(event.status)
            e.stopped = event.hung_up_by is Side.PBX and not e.answered
            e.agent_missed = e.agent_missed or (e.answered and event.status not in _NO_MISS)
            e.phone_incompatible |= e.agent_missed and e.cause == NO_COMMON_CODEC
        case CallProgress.REFUSED:
            e.refused = True
        case CallProgress.UNSENT:
            e.refused = e.cancelled = True
        case _:
            assert_never(event.progress)
    e.sip = event.sip if event.sip is not None else e.sip


def on_call_event(state: State, event: CallEvent, now: datetime) -> None:
    """Something about one attempt."""
    attempt = state.attempts.get(event.attempt)
    if attempt is None:
        _late(state, event, now)
        return
    state.out.changes.calls.append(event)
    before = attempt.evidence.got_through
    gather(attempt.evidence, event)
    if attempt.evidence.answered:
        attempt.hung_up_by = attempt.hung_up_by or event.hung_up_by
    if attempt.evidence.got_through and not before:
        got_through(state, attempt, now)
    attempt.evidence.overslept |= _overslept(state, attempt, event, now)
    tell_route(state, attempt, event.progress, now)
    _advance(state, attempt, event, now)
    end_streaks(state, attempt, now)
    follow(state, attempt, event, now)
    if attempt.evidence.complete:
        finish(state, attempt, now, event.at)
        return
    if attempt.evidence.settling:
        state.timers.at(now + state.config.settle, Wake.SETTLE, attempt.id)
    if event.progress is CallProgress.AGENT_MISSED and not attempt.evidence.connected:
        release_agent(state, attempt, now)
    state.out.attempt(attempt)


def _overslept(state: State, attempt: Attempt, event: CallEvent, now: datetime) -> bool:
    """Whether the PBX told a timeout, ours or that of the agent's phone, much too late by its clock and by ours."""
    config, at = state.config, min(event.at, now)
    if event.progress is CallProgress.RESPONDED and event.reason == OUR_TIMEOUT:
        return at > attempt.placed_at + config.ring_timeout + 2 * config.settle
    if event.progress is CallProgress.AGENT_MISSED and attempt.answered_at is not None:
        return at > attempt.answered_at + config.agent_timeout + config.settle
    return False


def _advance(state: State, attempt: Attempt, event: CallEvent, now: datetime) -> None:
    """Move the attempt as far as its evidence says, and its agent with it."""
    e = attempt.evidence
    at = min(now, max(event.at, attempt.placed_at))
    if e.connected:
        attempt.move(AttemptEvent.CONNECT)
        attempt.answered_at = attempt.answered_at or at
        attempt.connected_at = attempt.connected_at or at
        agent = state.agents.get(attempt.agent)
        if agent and agent.attempt == attempt.id and agent.presence is Presence.RINGING:
            agent.move(AgentEvent.CONNECT, now)
            state.out.agent(agent)
    elif e.answered:
        attempt.move(AttemptEvent.ANSWER)
        attempt.answered_at = attempt.answered_at or at
    elif e.ringing:
        attempt.move(AttemptEvent.RING)
        attempt.ringing_at = attempt.ringing_at or at


def _late(state: State, event: CallEvent, now: datetime) -> None:
    """News of a call that is over in our records, or was never in them.

    A call that turns out to live although we gave it up is ended: its customer may be called again
    by then, and nobody's phone may ring twice.
    """
    known = state.ended.get(event.attempt)
    if known is not None:
        state.out.changes.calls.append(event)
        if event.progress not in _ALIVE or known.disposition is not Disposition.UNKNOWN:
            return
        state.last_end[known.number] = max(now, state.last_end.get(known.number, now))
    elif event.progress not in _ALIVE or callid.installation_of(event.attempt) != state.installation:
        return
    if event.pbx in state.owners:  # it is the owner's, whose records these are a copy of
        return
    state.out.intents.append(HangUpCall(event.attempt, event.pbx))
    state.out.note(now, "call.ghost", attempt=known, sign=event.progress, channel=event.attempt)


def settle(state: State, attempt_id: str, now: datetime) -> None:
    """The second event of the end did not come: finish with what there is."""
    attempt = state.attempts.get(attempt_id)
    if attempt is not None and attempt.evidence.settling:
        finish(state, attempt, now)


def watch(state: State, attempt_id: str, now: datetime) -> None:
    """By now the attempt should have been answered or be over: end it, and ask the PBX. Without a link, look later."""
    attempt = state.attempts.get(attempt_id)
    if attempt is None or attempt.evidence.answered:
        return
    state.timers.at(now + state.config.ring_timeout, Wake.WATCH, attempt_id)
    if state.linked(attempt.pbx):
        state.out.intents.append(HangUpCall(attempt_id, attempt.pbx))
        state.out.intents.append(Survey(state.config.settle.total_seconds(), attempt.pbx))


def on_link_lost(state: State, message: LinkLost, now: datetime) -> None:
    """Nobody can say any more what the PBX's calls do; it places none until the link is back."""
    state.links[message.pbx] = Link(up=False, since=now)
    calls = state.calls_on(message.pbx)
    forget_phones(state, message.pbx)
    for attempt in calls:
        attempt.evidence.overslept |= attempt.evidence.answered and not attempt.evidence.connected
        attempt.move(AttemptEvent.LOSE)
        attempt.evidence.unobserved = True
        state.out.attempt(attempt)
    state.raise_alarm(link_alarm(message.pbx), message.reason or "the link to the PBX is lost", now)
    state.out.note(now, "link.lost", pbx=message.pbx, reason=message.reason, calls=len(calls))


def on_link_restored(state: State, message: LinkRestored, now: datetime) -> None:
    """Adopt the PBX's calls that are up, book those that ended meanwhile, and finish those that are gone."""
    if not state.linked(message.pbx):
        state.links[message.pbx] = Link(up=True, since=now)
        state.clear_alarm(link_alarm(message.pbx), now)
        state.out.note(now, "link.restored", pbx=message.pbx, calls=len(message.calls))
        forget_trunks(state, now)
        follow_phones(state, [agent for agent in state.agents.values() if agent.pbx == message.pbx])
    for end in message.ends:
        if end.attempt in state.attempts:
            on_call_event(state, end, now)
    end_strangers(state, message, now)
    up = {call.attempt for call in message.calls}
    for call in message.calls:
        _adopt(state, call, message, now)
    surely_placed = message.at - state.config.settle
    for attempt in [a for a in state.calls_on(message.pbx) if a.id not in up]:
        restarted = message.started_at is not None and message.started_at > attempt.placed_at
        if attempt.placed_at <= surely_placed and (message.final or restarted):
            state.out.note(now, "call.gone", attempt=attempt, restarted=restarted)
            finish(state, attempt, now)
    if not message.final:
        state.out.intents.append(Survey(state.config.settle.total_seconds(), message.pbx))
    if state.calls_on(message.pbx):
        state.timers.at(now + state.config.survey_every, Wake.SURVEY, message.pbx)


def _adopt(state: State, call: LiveCall, look: LinkRestored, now: datetime) -> None:
    attempt = state.attempts.get(call.attempt)
    found = "" if call.progress is CallProgress.TRANSFERRED else "survey"
    event = CallEvent(call.attempt, call.progress, look.at, text=found, pbx=look.pbx)
    if attempt is None:
        _late(state, event, now)
        return
    if attempt.state is AttemptState.UNKNOWN or not _known(attempt, call.progress):
        on_call_event(state, event, now)
    if attempt.evidence.cancelled and not attempt.evidence.answered:
        state.out.intents.append(HangUpCall(attempt.id, attempt.pbx))  # cancelled while there was no link to say so


def _known(attempt: Attempt, progress: CallProgress) -> bool:
    """Whether what the PBX says of a live call is no news; news means that an event was lost."""
    e = attempt.evidence
    known = {
        CallProgress.TRANSFERRED: attempt.transferred_at is not None,
        CallProgress.CONNECTED: e.connected,
        CallProgress.ANSWERED: e.answered,
        CallProgress.RINGING: e.ringing or e.answered,
    }
    return known.get(progress, True)


def survey(state: State, pbx: str, now: datetime) -> None:
    """Ask a PBX which calls it has, in case an event was lost."""
    if state.calls_on(pbx):
        state.timers.at(now + state.config.survey_every, Wake.SURVEY, pbx)
        if state.linked(pbx):
            state.out.intents.append(Survey(0.0, pbx))
