"""What calls say of their trunks."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.calls.closing import give_up
from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitEvent, VisitState
from dialer.campaign.rules.breaker import MISSES, Breaker, BreakerState, Miss, Trunk
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State

UNBELIEVED = "the trunk says so of everybody: "
"""What stands before a disposition that is not put down to the customer."""

_LATELY = timedelta(hours=1)
_ALARMS = ("trunk", "route")
"""Kinds of alarms that are about a trunk."""


def got_through(state: State, attempt: Attempt, now: datetime) -> None:
    """The customer's phone rings, or was answered: the trunk works at this moment, whatever becomes of the call."""
    trunk = state.trunks.get(attempt.trunk)
    if trunk is not None:
        _works(state, trunk, attempt, now)


def another_way(state: State, attempt: Attempt, now: datetime) -> bool:
    """Whether the number can be called at once: over a trunk of the same PBX on which it has not failed."""
    number = attempt.number
    ways = [t for t in state.trunks.values() if t.config.pbx == attempt.pbx and not t.to(number).fails(number)]
    return any(trunk.takes(number, now) for trunk in ways)


def tell_trunk(state: State, attempt: Attempt, now: datetime) -> bool:
    """``attempt`` has ended; how counts when it had not got through before.

    Returns whether it may be put down to the customer. What a trunk says that is paused, or about to be, for saying the
    same of everybody is our own trouble: nobody is charged for it, and nobody given up.
    """
    trunk = state.trunks.get(attempt.trunk)
    if trunk is None:
        return True
    assert attempt.disposition is not None
    trunk.in_use -= 1
    breaker, miss = trunk.to(attempt.number), MISSES.get(attempt.disposition)
    if attempt.evidence.got_through:
        return True
    if miss is None:
        breaker.undecided(attempt.id, now)
        return True
    visit = state.visit(attempt.visit)
    if miss is not Miss.FAILED and visit.last and MISSES.get(Disposition(visit.last)) is miss:
        breaker.said_before(attempt.number, miss)
    if breaker.missed(attempt.id, attempt.number, now, miss) and breaker.until:
        if breaker.dead(now):
            text = f"trunk {attempt.trunk} fails: {attempt.disposition} ({attempt.source})"
            state.raise_alarm(_alarm(trunk), text, now)
        state.out.note(now, "trunk.paused", attempt=attempt, until=breaker.until.isoformat())
        state.timers.at(breaker.until, Wake.DIAL)
    if miss is Miss.FAILED:
        return True
    if breaker.state is BreakerState.CLOSED:
        _believe(state, breaker, now)
    counted = max(visit.counted, state.days[visit.day].tally.to(attempt.number))
    return breaker.believed(attempt.number, last=state.config.rule.exhausted(counted + 1))


def doubts(state: State, attempt: Attempt, now: datetime) -> bool:
    """Whether "no such number" is not believed yet: its trunk has to say something else, to whomever, before that.

    Then it is believed at once, see :func:`_believe`. Who is denied a second time meanwhile is as well, if the trunk
    has spoken otherwise lately and is not paused for saying the same of many.
    """
    trunk = state.trunks.get(attempt.trunk)
    if trunk is None or attempt.evidence.got_through:
        return False
    breaker = trunk.to(attempt.number)
    spoke_at, again = breaker.spoke_at, attempt.visit in breaker.doubted
    breaker.doubted = {visit: other for visit, other in breaker.doubted.items() if visit != attempt.visit}
    lately = spoke_at is not None and now - spoke_at <= _LATELY
    if again and lately and breaker.state is BreakerState.CLOSED:
        return False
    breaker.doubted = {**breaker.doubted, attempt.visit: attempt}
    return True


def _believe(state: State, breaker: Breaker, now: datetime) -> None:
    """The trunk says something else than that a number does not exist: what it said so of is so."""
    breaker.spoke_at = now
    doubted, breaker.doubted = breaker.doubted, {}
    for attempt in doubted.values():
        day = state.days.get(attempt.day)
        visit = day.visits.get(attempt.visit) if day else None
        if (
            visit
            and visit.state is VisitState.WAITING
            and (visit.round, visit.attempts) == (attempt.round, attempt.seq)
        ):
            give_up(state, visit, VisitEvent.REFUTE, NoticeKind.INVALID_NUMBER, now)
            state.out.visit(visit)
            state.requeue(visit, now)


def tell_route(state: State, attempt: Attempt, sign: CallProgress, now: datetime) -> None:
    """Somebody has to know that the PBX's route answers by itself: until it is mended it does so with everybody."""
    key = f"route:{attempt.trunk}"
    if sign is CallProgress.INTERCEPTED:
        state.raise_alarm(key, f"trunk {attempt.trunk}: the PBX's own route answered instead of the customer", now)
    elif sign is CallProgress.ANSWERED:
        state.clear_alarm(key, now)


def forget_trunks(state: State, now: datetime) -> None:
    """A trunk that is not in the settings any more cannot show that it works: what was said of it is over."""
    for key in list(state.alarms):
        kind, _, name = key.partition(":")
        if kind in _ALARMS and name not in state.trunks:
            state.clear_alarm(key, now)


def _works(state: State, trunk: Trunk, attempt: Attempt, now: datetime) -> None:
    breaker = trunk.to(attempt.number)
    _believe(state, breaker, now)
    closed = breaker.works(attempt.number, now)
    if trunk.breaker.state is BreakerState.CLOSED:
        state.clear_alarm(_alarm(trunk), now)  # it outlives a restart, the breaker does not
    if closed:
        state.out.note(now, "trunk.resumed", attempt=attempt)


def _alarm(trunk: Trunk) -> str:
    return f"trunk:{trunk.config.name}"
