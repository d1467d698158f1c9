"""Accounts of the people who sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from dialer.people.accounts import Throttled
from dialer.people.sessions import Session
from dialer.people.staff import Role
from dialer.web.kit.access.roles import ADMINISTRATOR, Forbidden
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.query import AgentNumber, Input, NoBody, NoParams, NumberPath, Short

Team = Annotated[str, Field(max_length=64)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=200)]


class NewStaff(Input):
    """A new account; an agent's has the agent's staff number."""

    number: AgentNumber
    name: Short = ""
    role: Role
    team: Team | None = None
    """Of a team leader: the team that they see; left out: every team."""
    password: Password
    recordings: bool = False
    """An administrator who may hear recordings."""
    must_change: bool = True
    """The person chooses a password of their own at the first sign-in."""


class StaffBody(Input):
    """What changes; what is left out stays."""

    name: Short | None = None
    role: Role | None = None
    team: Team | None = None
    """"" for none."""
    recordings: bool | None = None
    disabled: bool | None = None
    """A disabled account cannot sign in, and whoever is signed in with it is signed out."""
    force: bool = False
    """Though nobody is left to administer; for the command line of this machine only."""


class PasswordBody(Input):
    """A password given by somebody else."""

    password: Password
    must_change: bool = True


class StaffView(View):
    """A person's account."""

    number: str
    name: str
    role: Role
    team: str | None
    language: str
    recordings: bool
    disabled: bool
    must_change: bool
    created_at: datetime
    password_changed_at: datetime


class SessionView(view_of(Session, without={"digest", "revoked_at"}), View):  # type: ignore[misc]  # made of a record
    """Where a person is signed in."""


class Ended(View):
    """How many sessions were ended."""

    sessions: int


class ThrottledView(view_of(Throttled), View):  # type: ignore[misc]  # made of a record
    """Who must wait before another password is tried: an account, an address, or a person's own browser."""


class Tries(Input):
    """Whose wrong passwords are meant."""

    name: Annotated[str, Field(max_length=64)] | None = None
    """A staff number or an address; left out: everybody's."""


class Cleared(View):
    """How many wrong passwords were forgotten."""

    tries: int


async def list_staff(request: Request[NoParams, NoBody]) -> list[StaffView]:
    """Every account, disabled ones too, by staff number."""
    return [StaffView.model_validate(staff) for staff in await request.services.accounts.store.everybody()]


async def add_staff(request: Request[NoParams, NewStaff]) -> StaffView:
    """Make an account."""
    b = request.body
    staff = await request.services.accounts.add(
        b.number, b.name, b.role, b.password.get_secret_value(), team=b.team or None, recordings=b.recordings,
        must_change=b.must_change, by=request.giver,
    )  # fmt: skip
    return StaffView.model_validate(staff)


async def change_staff(request: Request[NumberPath, StaffBody]) -> StaffView:
    """Change name, role, team or rights, or disable an account; takes effect at once.

    Nobody changes their own role, team or rights, and the last administrator stays one.
    """
    if request.body.force and not request.caller.local:
        raise Forbidden("only the command line of this machine can leave nobody who administers")
    staff = await request.services.accounts.change(request.params.number, **request.body.model_dump(), by=request.giver)
    return StaffView.model_validate(staff)


async def set_password(request: Request[NumberPath, PasswordBody]) -> StaffView:
    """Give a person a new password; they are signed out everywhere."""
    b = request.body
    staff = await request.services.accounts.set_password(
        request.params.number, b.password.get_secret_value(), must_change=b.must_change, by=request.giver
    )
    return StaffView.model_validate(staff)


async def list_sessions(request: Request[NumberPath, NoBody]) -> list[SessionView]:
    """Where a person is signed in, newest first."""
    return [SessionView.model_validate(s) for s in await request.services.accounts.sessions(request.params.number)]


async def end_sessions(request: Request[NumberPath, NoBody]) -> Ended:
    """Sign a person out everywhere."""
    return Ended(sessions=await request.services.accounts.revoke_all(request.params.number))


async def list_throttled(request: Request[NoParams, NoBody]) -> list[ThrottledView]:
    """Who must wait after too many wrong passwords, the longest first."""
    return [ThrottledView.model_validate(each) for each in await request.services.accounts.throttled()]


async def clear_tries(request: Request[Tries, NoBody]) -> Cleared:
    """Forget wrong passwords: of an account with its browsers, of an address, or all of them."""
    return Cleared(tries=await request.services.accounts.clear_tries(request.params.name))


_ONE = "/staff/{number}"
ROUTES = (
    route("GET", "/staff", list_staff, Scope.ADMIN, ADMINISTRATOR),
    route("GET", "/sign-in-tries", list_throttled, Scope.ADMIN, ADMINISTRATOR),
    route("DELETE", "/sign-in-tries", clear_tries, Scope.ADMIN, ADMINISTRATOR),
    route("POST", "/staff", add_staff, Scope.ADMIN, ADMINISTRATOR, status=201, fails=(409,)),
    route("PUT", _ONE, change_staff, Scope.ADMIN, ADMINISTRATOR, fails=(404, 409)),
    route("PUT", f"{_ONE}/password", set_password, Scope.ADMIN, ADMINISTRATOR, fails=(404,)),
    route("GET", f"{_ONE}/sessions", list_sessions, Scope.ADMIN, ADMINISTRATOR),
    route("DELETE", f"{_ONE}/sessions", end_sessions, Scope.ADMIN, ADMINISTRATOR, fails=(404,)),
)
