"""What becomes of a visit, its number, its trunk and its agent when an attempt ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.calls.closing import close_if_over, give_up, give_up_if_spent, give_up_sharers
from dialer.campaign.calls.streaks import mind_streaks
from dialer.campaign.calls.trunks import UNBELIEVED, another_way, doubts, tell_trunk
from dialer.campaign.changes import HangUpCall, NoticeKind
from dialer.campaign.model.agent import PHONE_INCOMPATIBLE, PHONE_NOT_ANSWERED, Agent, AgentEvent, Presence
from dialer.campaign.model.attempt import Attempt, AttemptEvent
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result, Visit, VisitEvent, VisitState
from dialer.campaign.rules.disposition import CONSEQUENCES, Then, classify
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State

_HANGING_UP = timedelta(seconds=2)
"""How long the channels of a call take to end, one after the other."""

_NEUTRAL = (Disposition.CANCELLED, Disposition.UNKNOWN)


def finish(state: State, attempt: Attempt, now: datetime, at: datetime | None = None) -> None:
    """End ``attempt`` and apply what its disposition asks for.

    ``at`` is when the call ended by the PBX's clock; ``now`` is when we learnt of it. The gap runs
    from ``now``, so that a PBX with a slow clock cannot shorten it; there is none after a call that never left the PBX.
    """
    trunk = state.trunks.get(attempt.trunk)
    row = classify(attempt.evidence, trunk.config.dispositions if trunk else None)
    attempt.move(AttemptEvent.FINISH)
    attempt.disposition, attempt.source = row.disposition, row.source
    if not tell_trunk(state, attempt, now):
        attempt.disposition, attempt.source = Disposition.OUR_FAULT, UNBELIEVED + row.disposition
    attempt.counts = CONSEQUENCES[attempt.disposition].counts
    unseen_until = _may_go_on_until(state, attempt, now)
    attempt.ended_at = unseen_until or min(now, max(at or now, attempt.latest))
    if (
        attempt.transferred_at
        and not attempt.transferred_to
        and attempt.ended_at - attempt.transferred_at < _HANGING_UP
    ):
        attempt.transferred_at = None  # it went to nobody: the agent's phone was the first of its channels to end
    state.attempts.pop(attempt.id, None)
    state.remember(attempt)
    state.out.attempt(attempt)
    state.timers.drop(Wake.SETTLE, attempt.id)
    state.timers.drop(Wake.WATCH, attempt.id)
    for live, key in ((state.live_by_number, attempt.number), (state.live_by_customer, attempt.customer)):
        if live.get(key) == attempt.id:
            del live[key]
    if not attempt.evidence.refused:
        attempt.gap_from = state.last_end[attempt.number] = max(now, unseen_until or now)
    mind_streaks(state, attempt, now)
    release_agent(state, attempt, now)
    visit = state.visit(attempt.visit)
    _book(state, visit, attempt, now)
    for day in state.days.values():  # a call may outlive its day, and the next day's list have the customer too
        for waiting in day.queue.release(attempt.id):
            state.requeue(waiting, now)


def cancel(state: State, attempt: Attempt, now: datetime, by: str) -> None:
    """Hang up, at the wish of ``by``. A call that is not answered yet ends as cancelled, and does not count."""
    if attempt.evidence.answered:
        attempt.evidence.hung_up_here = True
    else:
        attempt.evidence.cancelled = True
    state.out.attempt(attempt)
    state.out.intents.append(HangUpCall(attempt.id, attempt.pbx))
    state.out.note(now, "call.hang_up", attempt=attempt, by=by)


def cancel_ringing(state: State, agent: Agent, now: datetime, by: str) -> None:
    """A customer whose phone still rings is not connected to an agent who goes, or whose phone does: cancelled, once.

    It does not count, and the customer keeps their turn. One who answers in that moment is called first.
    """
    attempt = state.attempts.get(agent.attempt or "")
    if attempt is not None and not (attempt.evidence.answered or attempt.evidence.cancelled):
        cancel(state, attempt, now, by)


def _may_go_on_until(state: State, attempt: Attempt, now: datetime) -> datetime | None:
    """The latest time to which a call may go on outside although it is gone from the PBX; None when it surely ended.

    A PBX that dies sends no CANCEL: the customer's phone rings on until the carrier gives up. One who has answered
    hears nothing any more and hangs up. A call that we gave up before the carrier reacted in any way may still arrive
    there: a CANCEL has to wait for the first answer, and until then the INVITE is repeated (RFC 3261 9.1, 17.1.1.2;
    measured: it rings after the trunk is back).
    """
    e = attempt.evidence
    if e.answered or e.refused:
        return None
    if not (e.hung_up or e.responded):
        return attempt.placed_at + state.config.carrier_ring_limit
    repeated_until = attempt.placed_at + state.config.unanswered_invite
    return repeated_until if e.given_up_unheard and repeated_until > now else None


def release_agent(state: State, attempt: Attempt, now: datetime) -> None:
    """The call is over for its agent, or (while the announcement still plays) they missed it."""
    agent = state.agents.get(attempt.agent)
    if agent is None or agent.attempt != attempt.id:
        return
    e = attempt.evidence
    if agent.presence in (Presence.RINGING, Presence.ON_CALL):
        if e.connected:
            agent.move(AgentEvent.FINISH, now)
            wrap_up = state.config.wrap_up
            if agent.after_call and wrap_up is None:
                wrap_up = timedelta(0)  # they have already said what comes after it
            agent.wrap_until = None if wrap_up is None else now + wrap_up
            if agent.wrap_until is not None:
                state.timers.at(agent.wrap_until, Wake.WRAP_UP, agent.number)
        # A PBX that stood still did not let the phone ring, and one that is away goes on by itself when it is back.
        elif e.agent_missed and not e.overslept and not _is_out(state.phone_of(agent)):
            agent.move(AgentEvent.MISS, now)
            agent.after_call = None
            if e.phone_incompatible:
                agent.reason = PHONE_INCOMPATIBLE
                text = f"agent {agent.number}: the phone {agent.extension} speaks neither G.711 A-law nor \u00b5-law"
                state.raise_alarm(f"phone:{agent.number}", text, now)
            else:
                agent.reason = PHONE_NOT_ANSWERED
                text = f"agent {agent.number}: the phone {agent.extension} was not answered"
                state.raise_alarm(f"agent:{agent.number}", text, now)
        else:
            agent.move(AgentEvent.RELEASE, now)
            carry_out_wish(agent, now)
    if not attempt.live or attempt.transferred_at:
        agent.attempt = None
        _after_call(state, agent, now)
    state.out.agent(agent)
    state.wanting.add(agent.number)


def _is_out(phone: PhoneState | None) -> bool:
    """Whether a phone is known to be away or shut."""
    return phone is not None and not (phone.able or phone.in_use)


def _after_call(state: State, agent: Agent, now: datetime) -> None:
    """The phone should be free in a moment; if it is not, it is in use for something else."""
    phone = state.phone_of(agent)
    if phone is not None and phone.in_use:
        state.timers.at(now + state.config.settle, Wake.PHONE, agent.number)


def carry_out_wish(agent: Agent, now: datetime) -> None:
    """What the agent asked for during the call, now that it is over; the caller records the agent."""
    wish, agent.after_call = agent.after_call, None
    if wish is Presence.PAUSED:
        agent.move(AgentEvent.PAUSE, now)
        agent.reason = agent.after_reason
    elif wish is Presence.SIGNED_OUT:
        agent.move(AgentEvent.SIGN_OUT, now)
    agent.after_reason = ""


def _book(state: State, visit: Visit, attempt: Attempt, now: datetime) -> None:
    """Count the attempt and move the visit; the one place where the 5-attempt rule is applied."""
    assert attempt.disposition is not None
    consequence, rule = CONSEQUENCES[attempt.disposition], state.config.rule
    same_round = visit.round == attempt.round
    reached = consequence.then is Then.REACHED
    visit.attempt, visit.ended_at, visit.last = None, now, attempt.disposition
    day = state.days[visit.day]
    if attempt.counts:
        day.tally.add(attempt.number, visit.id)
    refuted = consequence.then is Then.CORRECT
    doubted = refuted and same_round and doubts(state, attempt, now)
    if same_round:
        visit.counted += attempt.counts
        idle = doubted or (consequence.then in (Then.REDIAL, Then.REDIAL_FIRST) and not consequence.counts)
        if attempt.disposition is not Disposition.CANCELLED:  # which says nothing about the next call
            visit.failures = visit.failures + 1 if idle else 0
    visit.first = consequence.then is Then.REDIAL_FIRST
    if reached:
        day.talked(attempt.id, attempt.conversation)
    kept = reached and visit.result is Result.LATER  # a promise given in this very conversation
    if not (kept or consequence.trunk_failed or attempt.disposition in _NEUTRAL):
        visit.promised = visit.promised if visit.promised and visit.promised > now else None
    if visit.state is VisitState.CALLING:
        if reached:
            visit.move(VisitEvent.CONNECT)
            visit.due = None
        elif not same_round:  # the number was corrected while the old one was being called
            visit.move(VisitEvent.MISS)
            visit.due = visit.promised
        elif refuted and not doubted:
            give_up(state, visit, VisitEvent.REFUTE, NoticeKind.INVALID_NUMBER, now)
        elif rule.exhausted(visit.counted):
            give_up(state, visit, VisitEvent.EXHAUST, NoticeKind.UNREACHED, now)
        else:
            visit.move(VisitEvent.MISS)
            unmade = attempt.evidence.refused and not attempt.evidence.cancelled
            at_once = unmade and another_way(state, attempt, now)
            wait = timedelta(0) if at_once else rule.wait(visit.failures)
            visit.due = max(now + wait, visit.promised or now, state.free_at(visit.number) or now)
    state.out.visit(visit)
    state.out.note(
        now,
        "attempt.ended",
        visit=visit,
        attempt=attempt,
        agent=attempt.agent,
        disposition=attempt.disposition,
        counts=attempt.counts,
        counted=visit.counted,
        source=attempt.source,
    )
    if visit.state is VisitState.REACHED:
        apply_result(state, visit, attempt.number, now)
    else:
        give_up_if_spent(state, visit, now)
    if attempt.counts:
        give_up_sharers(state, day, attempt.number, now)
    close_if_over(state, visit, now)
    state.requeue(visit, now)


def apply_result(state: State, visit: Visit, called: str, now: datetime) -> None:
    """Let the agent's result take effect, once the conversation on the number ``called`` is over."""
    if visit.result is Result.WRONG_NUMBER and visit.number != called and visit.withdrawn_by is None:
        visit.move(VisitEvent.PROMISE)  # it has been corrected already: the right one is called next
        visit.due = None
    elif visit.result is Result.WRONG_NUMBER and visit.number == called:
        give_up(state, visit, VisitEvent.REFUTE, NoticeKind.INVALID_NUMBER, now, grace=True)
    elif visit.result is Result.LATER and visit.promised is not None:
        visit.move(VisitEvent.PROMISE)
        visit.due = max(visit.promised, state.free_at(visit.number) or visit.promised)
    give_up_if_spent(state, visit, now)
    state.out.visit(visit)
