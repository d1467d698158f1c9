"""Why has this customer not been called? One true line, derived from the same state that decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never

from dialer.campaign.day_list import Day
from dialer.campaign.dialling.placing import owners_for
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import Visit, VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.rules.streak import Scope
from dialer.campaign.state import PAUSED, State
from dialer.campaign.views.why import Answer, Why


def why(state: State, customer: str, now: datetime, on: date | None = None) -> Answer:
    """Why ``customer`` has not been called, is not being called, or will not be called any more.

    ``on`` asks about one day; else the nearest day, from today on, that has the customer.
    """
    today = state.config.hours.day_of(now)
    days = sorted(state.days.values(), key=lambda d: (d.day < today, abs(d.day - today)))
    day = next((d for d in days if customer in d.by_customer and on in (None, d.day)), None)
    if day is None:
        return Answer(Why.NOT_ON_LIST, {"customer": customer, "day": (on or today).isoformat()})
    visit = day.visits[day.by_customer[customer]]
    return (
        finished(visit) or _calling(state, visit) or _held(state, day, visit, now) or _waiting(state, day, visit, now)
    )


def finished(visit: Visit) -> Answer | None:
    """What became of a visit; None while it is still to be called or being called."""
    if visit.hand is not None:
        hand = visit.hand
        outcome = hand.result or visit.state
        return Answer(Why.BY_HAND, {"who": hand.who, "at": hand.at, "tries": hand.tries, "outcome": outcome})
    match visit.state:
        case VisitState.REACHED:
            return Answer(Why.REACHED, {"at": visit.ended_at, "result": visit.result})
        case VisitState.UNREACHED if visit.called_as:
            customer = visit.called_as if visit.called_as != visit.customer else ""
            return Answer(Why.NUMBER_SPENT, {"customer": customer, "counted": visit.counted})
        case VisitState.UNREACHED:
            return Answer(Why.UNREACHED, {"counted": visit.counted, "at": visit.ended_at})
        case VisitState.INVALID_NUMBER:
            return Answer(Why.INVALID_NUMBER, {"number": visit.number})
        case VisitState.WITHDRAWN:
            return Answer(Why.WITHDRAWN, {"reason": visit.reason})
        case VisitState.OUT_OF_TIME:
            return Answer(Why.OUT_OF_TIME, {"attempts": visit.attempts})
        case VisitState.WAITING | VisitState.CALLING:
            return None
        case _:
            assert_never(visit.state)


def _calling(state: State, visit: Visit) -> Answer | None:
    if visit.state is not VisitState.CALLING:
        return None
    attempt = state.attempts.get(visit.attempt or "")
    if attempt is None:
        return Answer(Why.CALLING, {"agent": visit.agent, "since": None, "state": "unknown"})
    if attempt.transferred_at is not None:
        moved = {"agent": attempt.agent, "to": attempt.transferred_to, "since": attempt.transferred_at}
        return Answer(Why.TRANSFERRED, moved)
    return Answer(Why.CALLING, {"agent": attempt.agent, "since": attempt.placed_at, "state": attempt.state})


def _held(state: State, day: Day, visit: Visit, now: datetime) -> Answer | None:
    """What holds every call of the day back, or this visit until a time."""
    if day.day > state.config.hours.day_of(now):
        return Answer(Why.OTHER_DAY, {"day": day.day.isoformat()})
    if not day.hours.windows:
        return Answer(Why.DAY_OFF, {"note": day.hours.note})
    if not day.hours.open(now):
        return Answer(Why.NOT_OPEN, {"at": day.hours.next_start(now)})
    if PAUSED in state.flags:
        return Answer(Why.PAUSED, {"by": state.flags[PAUSED]})
    if not state.link_up:
        return Answer(Why.NO_LINK, {"since": state.link_since})
    if visit.promised is not None and visit.promised > now:
        return Answer(Why.PROMISED, {"at": visit.promised})
    if visit.due is not None and visit.due > now:
        return Answer(Why.GAP, {"until": visit.due, "last": visit.last})
    other = state.in_use(visit)
    if other is not None:
        return Answer(Why.NUMBER_IN_USE, {"customer": other.customer})
    free = state.free_at(visit.number)
    if free is not None and free > now:
        return Answer(Why.NUMBER_GAP, {"until": free})
    return None


def _waiting(state: State, day: Day, visit: Visit, now: datetime) -> Answer:
    """It could be called now, were it its turn."""
    if visit.agent is not None:
        servers = [state.agents[visit.agent]] if visit.agent in state.agents else []
    else:
        servers = [a for a in state.agents.values() if ("team", visit.team) in owners_for(a)]
    owner: dict[str, object] = {"agent": visit.agent, "team": visit.team}
    if not servers:
        return Answer(Why.NO_AGENT, owner)
    away = (Presence.SIGNED_OUT, Presence.PAUSED)
    present = [a for a in servers if a.presence not in away]
    if not present:
        agent = servers[0]
        return Answer(
            Why.AGENT_AWAY,
            {**owner, "presence": agent.presence, "reason": agent.reason, "since": agent.since},
        )
    able = [a for a in present if a.phone.able]
    if not able:
        agent = present[0]
        return Answer(Why.PHONE, {**owner, "phone": agent.phone, "extension": agent.extension})
    present = able
    of_pbxs = [t.config for t in state.trunks.values() if t.config.pbx in {a.pbx for a in present}]
    for scope, names in (
        (Scope.AGENT, [a.number for a in present]),
        (Scope.PBX, [a.pbx for a in present]),
        (Scope.TRUNK, [trunk.name for trunk in of_pbxs]),
    ):
        holding = [state.streaks.holding(scope, name, now) for name in names]
        if holding and all(holding) and (streak := holding[0]) is not None:
            until = None if streak.probe else streak.until
            return Answer(Why.HELD, {"kind": streak.kind, "name": streak.name, "until": until})
    pbxs = {a.pbx for a in present if state.linked(a.pbx)}
    if not pbxs:
        losses = [state.links[a.pbx].since for a in present if a.pbx in state.links]
        return Answer(Why.NO_LINK, {"since": min(losses, default=None)})
    if pbxs <= state.owners.keys():
        return Answer(Why.NOT_OWNER, {"machine": state.owners[min(pbxs)]})
    trunks = [t for t in state.trunks.values() if t.config.pbx in pbxs]
    stuck = not any(t.takes(visit.number, now) for t in trunks)
    if stuck and all(t.to(visit.number).state is not BreakerState.CLOSED for t in trunks):
        paused = [b for t in trunks if (b := t.to(visit.number)).state is BreakerState.OPEN]
        untils = [breaker.until for breaker in paused if breaker.until is not None]
        return Answer(Why.TRUNKS_DOWN, {"until": min(untils, default=None)})
    ahead = min(day.queue.ahead_of(visit, owners_for(a)) for a in present)
    if ahead:
        return Answer(Why.IN_LINE, {**owner, "ahead": ahead})
    if stuck:
        return Answer(Why.TRUNKS_FULL)
    return Answer(Why.NEXT, owner)
