"""What calls say of their trunks."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.rules.breaker import Trunk
from dialer.campaign.rules.disposition import CONSEQUENCES
from dialer.campaign.rules.timers import Wake
from dialer.campaign.state import State


def got_through(state: State, attempt: Attempt, now: datetime) -> None:
    """The customer's phone rings, or was answered: the trunk works at this moment, whatever becomes of the call."""
    trunk = state.trunks.get(attempt.trunk)
    if trunk is not None:
        _works(state, trunk, attempt, now)
    if trunk is None:
        return
    _works(state, trunk, attempt, now)
    if attempt.evidence.answered:
        state.clear_alarm(f"route:{attempt.trunk}", now)


def another_way(state: State, attempt: Attempt, now: datetime) -> bool:
    """Whether the number can be called at once: over a trunk of the same PBX on which it has not failed."""
    ways = [t for t in state.trunks.values() if t.config.pbx == attempt.pbx and not t.breaker.fails(attempt.number)]
    return any(trunk.takes(now) for trunk in ways)


def blame_route(state: State, attempt: Attempt, now: datetime) -> None:
    """The office's dialplan answers what it cannot put through: nobody may take that for a customer."""
    text = f"trunk {attempt.trunk}: the PBX's own dialplan answers calls that no trunk has taken"
    state.raise_alarm(f"route:{attempt.trunk}", text, now)


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


def tell_route(state: State, attempt: Attempt, sign: CallProgress, now: datetime) -> None:
    """Somebody has to know that the PBX's route answers by itself: until it is mended it does so with everybody."""
    key = f"route:{attempt.trunk}"
    if sign is CallProgress.INTERCEPTED:
        state.raise_alarm(key, f"trunk {attempt.trunk}: the PBX's own route answered instead of the customer", now)
    elif sign is CallProgress.ANSWERED:
        state.clear_alarm(key, now)


def _works(state: State, trunk: Trunk, attempt: Attempt, now: datetime) -> None:
    if trunk.breaker.works(attempt.number):
        state.clear_alarm(_alarm(trunk), now)
        state.out.note(now, "trunk.resumed", attempt=attempt)


def _alarm(trunk: Trunk) -> str:
    return f"trunk:{trunk.config.name}"
