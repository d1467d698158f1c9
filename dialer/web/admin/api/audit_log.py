"""The audit log: who did what, when and from where."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.people.audit_log import AuditEntry, AuditQuery
from dialer.web.kit.access.roles import ADMINISTRATOR, SUPERVISOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.query import Instant, NoBody, Paged

_Text = Annotated[str, Field(max_length=200)]


class AuditParams(Paged):
    """What to look for; everything that is given must hold."""

    who: _Text = ""
    """Part of a staff number, a name, or the name of a token."""
    what: _Text = ""
    """The operation, for example withdraw_visit or get_audio."""
    target: _Text = ""
    """Part of what it was done to."""
    since: Instant | None = None
    until: Instant | None = None


class AuditView(view_of(AuditEntry), View):  # type: ignore[misc]  # made of a record
    """Somebody did something."""

    role: str
    """Of the person; "token" of a system, "cli" of the command line."""


async def search_audit_log(request: Request[AuditParams, NoBody]) -> list[AuditView]:
    """What changed data or opened a recording, newest first."""
    p = request.params
    query = AuditQuery(p.who, p.what, p.target, p.since, p.until, p.page)
    found = await request.services.accounts.audit.search(query)
    return [AuditView.model_validate(entry) for entry in found]


ROUTES = (route("GET", "/audit-log", search_audit_log, Scope.ADMIN, SUPERVISOR | ADMINISTRATOR, turn="heavy"),)
