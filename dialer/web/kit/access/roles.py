"""The roles of people, and what a role lets in.

A token is judged by its scopes (:mod:`dialer.web.kit.access.tokens`), a person who is signed in by the policy that
stands in the row of the route or page that they ask for. A test walks every route × role.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from dialer.people.staff import Role, Staff
from dialer.web.kit.http.refusals import NotAllowed

AGENT, LEADER, SUPERVISOR, ADMINISTRATOR = (
    frozenset({role}) for role in (Role.AGENT, Role.TEAM_LEADER, Role.SUPERVISOR, Role.ADMINISTRATOR)
)
LEADERS = LEADER | SUPERVISOR
FLOOR = AGENT | LEADERS
EVERYBODY = FLOOR | ADMINISTRATOR


class Forbidden(NotAllowed):
    """Your role does not allow this."""


def may_listen(staff: Staff) -> bool:
    """Whether this person may hear recordings."""
    return staff.role is Role.SUPERVISOR or (staff.role is Role.ADMINISTRATOR and staff.recordings)


Check = Callable[[Any], Awaitable[None]]
"""Raises when the row that a request names is not the caller's; see :mod:`dialer.web.kit.api.checks`."""


async def any_row(_request: object) -> None:
    """The handler itself shows only the caller's rows, or there are none to tell apart."""


class Policy(NamedTuple):
    """Who may use a route or page with a session. ``listeners``: also an administrator who may hear recordings."""

    roles: frozenset[Role]
    check: Check = any_row
    listeners: bool = False
    opens: bool = False
    """It opens a recording, which goes into the audit log though it changes nothing."""

    def admits(self, staff: Staff) -> bool:
        """Whether this person's role is let in; their rows are checked after that."""
        return staff.role in self.roles or (self.listeners and may_listen(staff))
