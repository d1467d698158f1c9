"""Rights that were given, until somebody else has seen them."""

from __future__ import annotations

from dialer.people.grants import Grant
from dialer.web.kit.access.roles import ADMINISTRATOR, SUPERVISOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.query import Input, NoBody, NoParams, RowId


class GrantPath(Input):
    """One of them."""

    grant: RowId


class GrantView(view_of(Grant, without={"by_staff", "seen_by", "seen_at"}), View):  # type: ignore[misc]  # made of a record
    """A right that somebody gave, and that nobody else has seen yet."""

    target: str
    """A staff number, or the name of a token."""
    detail: str
    """The scopes of a token."""


async def list_grants(request: Request[NoParams, NoBody]) -> list[GrantView]:
    """Rights that stand on the pages of administrators and supervisors, oldest first."""
    return [GrantView.model_validate(grant) for grant in await request.services.accounts.store.unseen()]


async def see_grant(request: Request[GrantPath, NoBody]) -> None:
    """Say that you have seen it. Who gave a right, or was given one that nobody has seen yet, cannot."""
    await request.services.accounts.store.see(request.params.grant, request.giver)


ROUTES = (
    route("GET", "/grants", list_grants, Scope.ADMIN, ADMINISTRATOR | SUPERVISOR),
    route("POST", "/grants/{grant}/seen", see_grant, Scope.ADMIN, ADMINISTRATOR | SUPERVISOR, fails=(404, 409)),
)
