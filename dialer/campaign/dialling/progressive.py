"""Progressive dialling: one ringing customer for each free agent."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.day_list import Day
from dialer.campaign.dialling.placing import next_visit, phone_is_free, place, slot_is_free, trunks_for, way_out
from dialer.campaign.model.agent import Presence
from dialer.campaign.rules.streak import Scope
from dialer.campaign.state import Dialling, State


def progressive(state: State, day: Day, now: datetime, *, one: bool = False) -> None:
    """Place a call for every free agent for whom there is one, longest idle first.

    Agents stay in ``state.wanting`` while something holds all calls back, and leave it when their own lines are empty
    or their phones cannot take a call; whatever fills a line, and a phone that can, puts them back. ``one``: no further
    than the first agent for whom something changed.
    """
    ready = [a for a in map(state.agents.get, state.wanting) if a and a.presence is Presence.READY and not a.attempt]
    ready = [agent for agent in ready if phone_is_free(state, agent, now)]
    state.wanting = {a.number for a in ready}
    before = state.out.size
    full: set[str] = set()  # PBXs none of whose trunks takes a call
    for agent in sorted(ready, key=lambda a: (a.since or now, a.number)):
        if one and state.out.size != before:
            return
        if state.rests(agent.number, now):
            continue
        state.doing = agent.number
        if agent.pbx in full or state.streaks.holding(Scope.AGENT, agent.number, now):
            continue
        visit = next_visit(state, day, agent, now)
        if visit is None:
            state.wanting.discard(agent.number)
            continue
        if not slot_is_free(state, now):
            return
        trunks = trunks_for(state, agent, now)
        if not trunks:
            full.add(agent.pbx)
        elif (chosen := way_out(state, day, agent, visit, trunks, now)) is not None:
            state.doing = Dialling(agent.number, chosen[0].id)
            place(state, *chosen, now, agent)
