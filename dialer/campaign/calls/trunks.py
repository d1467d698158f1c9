"""What calls say of their trunks."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.calls.closing import give_up
from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitEvent, VisitState
from dialer.campaign.rules.breaker import BreakerState, Trunk
from dialer.campaign.rules.disposition import CONSEQUENCES
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State

_OF_THE_NUMBER = (Disposition.DECLINED, Disposition.UNREACHABLE)
"""What a carrier says of one number without a ring: no proof that the trunk works, but that it tells numbers apart."""

_LATELY = timedelta(hours=1)


def got_through(state: State, attempt: Attempt, now: datetime) -> None:
    """The customer's phone rings, or was answered: the trunk works at this moment, whatever becomes of the call."""
    trunk = state.trunks.get(attempt.trunk)
    if trunk is not None:
        _works(state, trunk, attempt, now)


def another_way(state: State, attempt: Attempt, now: datetime) -> bool:
    """Whether the number can be called at once: over a trunk of the same PBX on which it has not failed."""
    ways = [t for t in state.trunks.values() if t.config.pbx == attempt.pbx and not t.breaker.fails(attempt.number)]
    return any(trunk.takes(now) for trunk in ways)


def tell_trunk(state: State, attempt: Attempt, now: datetime) -> None:
    """``attempt`` has ended; how counts when it had not got through before."""
    trunk = state.trunks.get(attempt.trunk)
    if trunk is None:
        return
    assert attempt.disposition is not None
    trunk.in_use -= 1
    breaker, consequence = trunk.breaker, CONSEQUENCES[attempt.disposition]
    if attempt.evidence.got_through:
        return
    if consequence.trunk_failed:
        if breaker.failed(attempt.id, attempt.number, now) and breaker.until:
            text = f"trunk {attempt.trunk} fails: {attempt.disposition} ({attempt.source})"
            state.raise_alarm(_alarm(trunk), text, now)
            state.out.note(now, "trunk.paused", attempt=attempt, until=breaker.until.isoformat())
            state.timers.at(breaker.until, Wake.DIAL)
    elif consequence.trunk_works:
        _works(state, trunk, attempt, now)
    else:
        breaker.undecided(attempt.id, now)
        if attempt.disposition in _OF_THE_NUMBER:
            _believe(state, trunk, now)


def doubts(state: State, attempt: Attempt, now: datetime) -> bool:
    """Whether "no such number" is not believed yet: its trunk has to say something else, to whomever, before that.

    Then it is believed at once, see :func:`_believe`. Who is denied a second time meanwhile is as well, if the trunk
    has spoken otherwise lately and is not paused for saying the same of many.
    """
    trunk = state.trunks.get(attempt.trunk)
    if trunk is None or attempt.evidence.got_through:
        return False
    spoke_at, again = trunk.breaker.spoke_at, trunk.doubted.pop(attempt.visit, None) is not None
    lately = spoke_at is not None and now - spoke_at <= _LATELY
    if again and lately and trunk.breaker.state is BreakerState.CLOSED:
        return False
    trunk.doubted[attempt.visit] = attempt
    return True


def _believe(state: State, trunk: Trunk, now: datetime) -> None:
    """The trunk says something else than that a number does not exist: what it said so of is so."""
    trunk.breaker.spoke_at = now
    doubted, trunk.doubted = trunk.doubted, {}
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


def _works(state: State, trunk: Trunk, attempt: Attempt, now: datetime) -> None:
    _believe(state, trunk, now)
    if trunk.breaker.works(attempt.number):
        state.clear_alarm(_alarm(trunk), now)
        state.out.note(now, "trunk.resumed", attempt=attempt)


def _alarm(trunk: Trunk) -> str:
    return f"trunk:{trunk.config.name}"
