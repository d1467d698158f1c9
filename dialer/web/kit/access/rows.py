"""Which rows a person may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dialer.campaign.model.agent import Agent
from dialer.campaign.model.query import VisitScope
from dialer.campaign.model.visit import Visit
from dialer.campaign.state import State
from dialer.people.staff import Role, Staff

_FOR_ALL = frozenset({"hello", "reset", "list", "campaign"})
"""Events that name nobody."""


class Owner(NamedTuple):
    """Whose visit, call or agent an event is about."""

    agent: str | None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows a caller may see. ``staff`` None: a system with a token, which sees everything its scopes allow."""

    staff: Staff | None = None

    @property
    def everything(self) -> bool:
        """Whether no row is hidden: a system, a supervisor, a team leader without a team of their own."""
        staff = self.staff
        return staff is None or staff.role is Role.SUPERVISOR or (staff.role is Role.TEAM_LEADER and not staff.team)

    def agent(self, number: str | None, state: State | None) -> bool:
        """Whether what belongs to this agent may be seen."""
        staff = self.staff
        if staff is None or self.everything:
            return True
        if staff.role is Role.AGENT:
            return number == staff.number
        if staff.role is Role.TEAM_LEADER and state is not None and number is not None:
            found = state.agents.get(number)
            return found is not None and found.team == staff.team
        return False

    def visit(self, visit: Visit | Owner, state: State | None) -> bool:
        """Whether a visit may be seen: it is dealt to the agent, or to the leader's team."""
        staff = self.staff
        if staff is not None and staff.role is Role.TEAM_LEADER and visit.team is not None:
            return self.everything or visit.team == staff.team
        return self.agent(visit.agent, state)

    def scope(self, state: State | None) -> VisitScope | None:
        """As :meth:`visit`, to narrow a listing in the database; None: everything may be seen."""
        staff = self.staff
        if staff is None or self.everything:
            return None
        agents = () if state is None else state.agents.values()
        seen = frozenset(agent.number for agent in agents if self.agent(agent.number, state))
        return VisitScope(staff.team if staff.role is Role.TEAM_LEADER else None, seen)

    def event(self, name: str, owner: Owner | None, state: State | None) -> bool:
        """Whether an event of the live stream is for this caller; ``owner``: whose visit, call or agent it is."""
        staff = self.staff
        if staff is not None and name == "test_call":
            return staff.role is Role.ADMINISTRATOR
        if staff is None or self.everything or name in _FOR_ALL:
            return True
        if name == "alarm":
            return staff.role is not Role.AGENT
        return owner is not None and self.visit(owner, state)

    def agents(self, state: State) -> list[Agent]:
        """The agents that may be seen in listings, by number; the administrator keeps their phones."""
        all_of_them = self.staff is not None and self.staff.role is Role.ADMINISTRATOR
        return [agent for number, agent in sorted(state.agents.items()) if all_of_them or self.agent(number, state)]
