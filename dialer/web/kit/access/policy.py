"""Who may do what: the one table of route × role, and which rows of it a person may see.

A token is judged by its scopes (:mod:`dialer.web.kit.access.tokens`); a person who is signed in by :data:`POLICY`: a
route that is not in it is closed to everybody who comes with a session. What a role may open of the pages stands
beside each page in the same terms.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

from dialer.campaign.agent import Agent
from dialer.campaign.records import Whose
from dialer.campaign.staff import Role, Staff
from dialer.campaign.state import State
from dialer.errors import NotFound
from dialer.web.kit.http.refusals import NotAllowed

AGENT, LEADER, SUPERVISOR, ADMINISTRATOR = (
    frozenset({role}) for role in (Role.AGENT, Role.TEAM_LEADER, Role.SUPERVISOR, Role.ADMINISTRATOR)
)
LEADERS = LEADER | SUPERVISOR
FLOOR = AGENT | LEADERS
EVERYBODY = FLOOR | ADMINISTRATOR
NOBODY: frozenset[Role] = frozenset()


_FOR_ALL = frozenset({"hello", "reset", "list", "campaign"})
"""Events that name nobody."""


class Forbidden(NotAllowed):
    """Your role does not allow this."""


class VisitLike(Protocol):
    """As much of a visit as tells whose it is."""

    @property
    def agent(self) -> str | None: ...
    @property
    def team(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows a caller may see. ``staff`` None: a system with a token, which sees everything its scopes allow."""

    staff: Staff | None = None

    @property
    def everything(self) -> bool:
        """Whether no row is hidden: a system, a supervisor, a team leader without a team of their own."""
        staff = self.staff
        return staff is None or staff.role is Role.SUPERVISOR or (staff.role is Role.TEAM_LEADER and not staff.team)

    @property
    def recordings(self) -> bool:
        """Whether recordings may be heard."""
        staff = self.staff
        return staff is None or hears(staff)

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

    def visit(self, visit: VisitLike, state: State | None) -> bool:
        """Whether a visit may be seen: it is dealt to the agent, or to the leader's team."""
        staff = self.staff
        if staff is not None and staff.role is Role.TEAM_LEADER and visit.team is not None:
            return self.everything or visit.team == staff.team
        return self.agent(visit.agent, state)

    def whose(self, state: State | None) -> Whose | None:
        """As :meth:`visit`, to narrow a listing in the books; None: everything may be seen."""
        staff = self.staff
        if staff is None or self.everything:
            return None
        agents = () if state is None else state.agents.values()
        seen = frozenset(agent.number for agent in agents if self.agent(agent.number, state))
        return Whose(staff.team if staff.role is Role.TEAM_LEADER else None, seen)

    def event(self, name: str, owner: VisitLike | None, state: State | None) -> bool:
        """Whether an event of the live stream is for this caller; ``owner``: whose visit, call or agent it is."""
        staff = self.staff
        if staff is not None and name == "test_call":
            return staff.role is Role.ADMINISTRATOR
        if staff is None or self.everything or name in _FOR_ALL:
            return True
        if name == "alarm":
            return staff.role is not Role.AGENT
        return owner is not None and self.visit(owner, state)

    def team(self, agent: Agent) -> bool:
        """Whether an agent may be seen in listings; the administrator keeps their phones."""
        staff = self.staff
        if staff is not None and staff.role is Role.ADMINISTRATOR:
            return True
        if staff is not None and staff.role is Role.TEAM_LEADER and not self.everything:
            return agent.team == staff.team
        return self.everything or (staff is not None and agent.number == staff.number)


def hears(staff: Staff) -> bool:
    """Whether this person may hear recordings."""
    return staff.role is Role.SUPERVISOR or (staff.role is Role.ADMINISTRATOR and staff.recordings)


# -- checks of single rows -----------------------------------------------------------------------
# Each takes the request as the handler gets it and raises when the row is not the caller's.

AnyCall: TypeAlias = Any
"""A Call of whatever the route takes; the module that has the class imports this one."""
Check = Callable[[AnyCall], Awaitable[None]]


async def any_row(_call: AnyCall) -> None:
    """The handler itself shows only the caller's rows, or there are none to tell apart."""


async def whole(call: AnyCall) -> None:
    """What concerns the whole department is not for the leader of one team."""
    if not call.rows.everything and call.rows.staff.role is Role.TEAM_LEADER:
        raise Forbidden("this concerns every team; it needs a team leader of the whole department or a supervisor")


async def its_visit(call: AnyCall) -> None:
    """The visit is the caller's."""
    rows, number = call.rows, call.params.visit
    if rows.everything:
        return
    story = await call.services.calls.story(number)
    if not (rows.visit(story.visit, call.state) or any(rows.agent(a.agent, call.state) for a in story.attempts)):
        raise NotFound(f"there is no visit {number} among yours")


async def its_customer(call: AnyCall) -> None:
    """A visit of the customer on the day that is asked about is the caller's."""
    rows, code = call.rows, call.params.code
    if rows.everything:
        return
    day = getattr(call.params, "day", None) or getattr(call.body, "day", None)
    for number in await call.services.calls.visits_of(code, call.day(day)):
        if rows.visit((await call.services.calls.story(number)).visit, call.state):
            return
    raise NotFound(f"there is no customer {code} among yours on that day")


async def its_attempt(call: AnyCall) -> None:
    """The call was placed for the caller, or for somebody of their team."""
    rows, name = call.rows, call.params.attempt
    if rows.everything:
        return
    attempt = call.state.attempts.get(name) or await call.services.calls.attempt(name)
    if not rows.agent(attempt.agent, call.state):
        raise NotFound(f"there is no call {name} among yours")


async def its_agent(call: AnyCall) -> None:
    """The agent is the caller, or of their team."""
    if not call.rows.agent(call.params.number, call.state):
        raise Forbidden(f"agent {call.params.number} is not one of yours")


async def hires(call: AnyCall) -> None:
    """A team leader changes the agents of their own team only, and lets them stay in it."""
    rows = call.rows
    if rows.everything or rows.staff.role is not Role.TEAM_LEADER:
        return
    known = call.state.agents.get(call.params.number)
    if call.body.team != rows.staff.team or (known is not None and known.team != rows.staff.team):
        raise Forbidden(f"agent {call.params.number} is not, or would not be, of your team")


async def deals(call: AnyCall) -> None:
    """A team leader deals their own visits, to their own people."""
    await its_visit(call)
    rows = call.rows
    agent, team = call.body.agent, call.body.team
    if not rows.everything and not (rows.agent(agent, call.state) if agent else team == rows.staff.team):
        raise Forbidden("deal it to somebody of your own team")


# -- the table -------------------------------------------------------------------------------------


class Policy(NamedTuple):
    """Who may use a route with a session. ``hearers``: also an administrator who may hear recordings."""

    roles: frozenset[Role]
    check: Check = any_row
    hearers: bool = False
    opens: bool = False
    """It opens a recording, which goes into the audit log though it changes nothing."""

    def admits(self, staff: Staff) -> bool:
        """Whether this person's role is let in; their rows are checked after that."""
        return staff.role in self.roles or (self.hearers and hears(staff))


POLICY: Mapping[tuple[str, str], Policy] = {
    ("POST", "/visits"): Policy(LEADERS, whole),
    ("GET", "/visits"): Policy(FLOOR),
    ("GET", "/visits/{visit}"): Policy(FLOOR, its_visit),
    ("POST", "/visits/{visit}/withdraw"): Policy(LEADERS, its_visit),
    ("POST", "/visits/{visit}/reassign"): Policy(LEADERS, deals),
    ("POST", "/visits/{visit}/promise"): Policy(LEADERS, its_visit),
    ("POST", "/visits/{visit}/by-hand"): Policy(FLOOR, its_visit),
    ("GET", "/customers/{code}/why"): Policy(FLOOR, its_customer),
    ("POST", "/customers/{code}/withdraw"): Policy(LEADERS, its_customer),
    ("PUT", "/customers/{code}/phone"): Policy(LEADERS, its_customer),
    ("GET", "/attempts/{attempt}"): Policy(FLOOR, its_attempt),
    ("PUT", "/attempts/{attempt}/disposition"): Policy(FLOOR, its_attempt),
    ("PUT", "/attempts/{attempt}/remarks"): Policy(FLOOR, its_attempt),
    ("POST", "/attempts/{attempt}/hang-up"): Policy(FLOOR, its_attempt),
    ("POST", "/orders"): Policy(LEADERS, whole),
    ("GET", "/orders"): Policy(LEADERS, whole),
    ("GET", "/orders/{number}"): Policy(LEADERS, whole),
    ("POST", "/orders/{number}/resolve"): Policy(LEADERS, whole),
    ("GET", "/agents"): Policy(EVERYBODY),
    ("PUT", "/agents/{number}"): Policy(LEADERS | ADMINISTRATOR, hires),
    ("POST", "/agents/import"): Policy(LEADERS | ADMINISTRATOR, whole),
    ("GET", "/agents/{number}/presence"): Policy(FLOOR, its_agent),
    ("PUT", "/agents/{number}/presence"): Policy(FLOOR, its_agent),
    ("GET", "/agents/{number}/current"): Policy(FLOOR, its_agent),
    ("POST", "/campaign/pause"): Policy(LEADERS),  # stopping is for whoever sees the need
    ("POST", "/campaign/resume"): Policy(LEADERS),
    ("POST", "/campaign/late-start"): Policy(LEADERS, whole),
    ("GET", "/progress"): Policy(LEADERS),
    ("GET", "/events"): Policy(EVERYBODY),
    ("GET", "/recordings"): Policy(SUPERVISOR, hearers=True),
    ("GET", "/recordings/{attempt}"): Policy(SUPERVISOR, hearers=True),
    ("GET", "/recordings/{attempt}/audio"): Policy(SUPERVISOR, hearers=True, opens=True),
    ("HEAD", "/recordings/{attempt}/audio"): Policy(SUPERVISOR, hearers=True),
    ("PUT", "/recordings/{attempt}/hold"): Policy(SUPERVISOR, hearers=True),
    ("GET", "/recordings/{attempt}/accesses"): Policy(SUPERVISOR, hearers=True),
    ("GET", "/recordings/{attempt}/marks"): Policy(SUPERVISOR, hearers=True),
    ("POST", "/recordings/{attempt}/marks"): Policy(SUPERVISOR, hearers=True),
    ("DELETE", "/recordings/{attempt}/marks/{mark}"): Policy(SUPERVISOR, hearers=True),
    ("GET", "/books"): Policy(LEADERS, whole),
    ("GET", "/reconciliation"): Policy(SUPERVISOR),
    ("GET", "/notices"): Policy(LEADERS, whole),
    ("POST", "/notices/{notice}/resend"): Policy(LEADERS, whole),
    ("POST", "/notices/{notice}/acknowledge"): Policy(LEADERS, whole),
    ("GET", "/board"): Policy(LEADERS, whole),
    ("POST", "/board/{notice}/acknowledge"): Policy(LEADERS, whole),
    ("GET", "/calendar"): Policy(LEADERS | ADMINISTRATOR),
    ("PUT", "/calendar/{day}"): Policy(LEADERS | ADMINISTRATOR, whole),
    ("GET", "/tokens"): Policy(ADMINISTRATOR),
    ("POST", "/tokens"): Policy(ADMINISTRATOR),
    ("DELETE", "/tokens/{name}"): Policy(ADMINISTRATOR),
    ("GET", "/staff"): Policy(ADMINISTRATOR),
    ("POST", "/staff"): Policy(ADMINISTRATOR),
    ("PUT", "/staff/{number}"): Policy(ADMINISTRATOR),
    ("PUT", "/staff/{number}/password"): Policy(ADMINISTRATOR),
    ("GET", "/staff/{number}/sessions"): Policy(ADMINISTRATOR),
    ("DELETE", "/staff/{number}/sessions"): Policy(ADMINISTRATOR),
    ("POST", "/test-calls"): Policy(ADMINISTRATOR),
    ("GET", "/test-calls"): Policy(ADMINISTRATOR),
    ("GET", "/test-calls/{test}"): Policy(ADMINISTRATOR),
    ("DELETE", "/test-calls/{test}"): Policy(ADMINISTRATOR),
    ("GET", "/audit-log"): Policy(SUPERVISOR | ADMINISTRATOR),
    ("GET", "/backups"): Policy(ADMINISTRATOR),
    ("POST", "/backups"): Policy(ADMINISTRATOR),
}
"""(method, path under /api/v1) -> who may use it with a session. A test walks every route × role."""

CLOSED = Policy(NOBODY)
