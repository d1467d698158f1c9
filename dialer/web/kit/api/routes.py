"""A route: one row of the API's table. The types of parameters, body and answer are those of its handler.

``async def withdraw(request: Request[VisitPath, Reason]) -> VisitView`` says it all: the dispatcher and the OpenAPI
document both read it from there, so that neither can differ from the code.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from dialer.people.grants import Giver
from dialer.people.staff import Role
from dialer.web.kit.access.roles import Check, Policy, any_row
from dialer.web.kit.access.rows import Rows
from dialer.web.kit.access.tokens import Caller, Scope
from dialer.web.kit.access.turns import Turn
from dialer.web.kit.context import InHand
from dialer.web.kit.http.bodies import Upload

PREFIX = "/api/v1"

P = TypeVar("P", bound=BaseModel)
B = TypeVar("B")

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request(InHand, Generic[P, B]):
    """One request, read and checked. ``params`` are those of path and query, ``http`` is aiohttp's request."""

    caller: Caller
    params: P
    body: B
    http: web.Request

    @property
    def asker(self) -> Caller:
        """Who asks."""
        return self.caller

    @property
    def by(self) -> str:
        """Who asks, for the history."""
        return self.caller.name

    @property
    def giver(self) -> Giver:
        """Who asks, for the rights that they give."""
        staff = self.caller.staff
        return Giver(self.by, self.now, staff.number if staff else None, self.caller.local)

    @property
    def rows(self) -> Rows:
        """Which visits, calls and agents the caller may see."""
        return Rows(self.caller.staff)

    def day(self, given: date | None = None) -> date:
        """The day that is meant: today unless another is given."""
        return given or self.today


@dataclass(frozen=True, slots=True)
class Route:
    """One row. ``fails`` are the statuses that it may answer beyond those that every route may."""

    method: str
    path: str
    handler: Callable[[Any], Awaitable[Any]]
    scopes: frozenset[Scope]
    policy: Policy
    params: type[BaseModel]
    body: Any
    answer: TypeAdapter[Any] | None
    status: int
    fails: tuple[int, ...]
    media: str
    turn: Turn
    tag: str

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.handler.__name__ if self.method != "HEAD" else f"{self.handler.__name__}_head"

    @property
    def in_path(self) -> tuple[str, ...]:
        """The parameters that are part of the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def takes_upload(self) -> bool:
        """Whether the body is a file."""
        return self.body is Upload


def route(
    method: str,
    path: str,
    handler: Callable[[Request[Any, Any]], Awaitable[Any]],
    scopes: Scope | frozenset[Scope],
    roles: frozenset[Role],
    check: Check = any_row,
    *,
    listeners: bool = False,
    opens: bool = False,
    status: int = 200,
    fails: tuple[int, ...] = (),
    media: str = JSON,
    turn: Turn = "light",
) -> Route:
    """A row of the table: systems need one of ``scopes``, people one of ``roles`` and then to pass ``check``.

    ``listeners`` and ``opens`` as in :class:`~dialer.web.kit.access.roles.Policy`; ``turn`` as in
    :mod:`dialer.web.kit.access.turns`. Raises TypeError when the handler does not say its types, or not those of the
    path.
    """
    hints = get_type_hints(handler)
    params, body = get_args(hints["request"])
    made = Route(
        method=method,
        path=path,
        handler=handler,
        scopes=frozenset((scopes,)) if isinstance(scopes, Scope) else scopes,
        policy=Policy(roles, check, listeners, opens),
        params=params,
        body=body,
        answer=None if hints["return"] in (type(None), web.StreamResponse) else TypeAdapter(hints["return"]),
        status=204 if hints["return"] is type(None) else status,
        fails=fails,
        media=media,
        turn=turn,
        tag=handler.__module__.rpartition(".")[2],
    )
    missing = set(made.in_path) - set(params.model_fields)
    if missing or not handler.__doc__:
        raise TypeError(f"{handler.__name__}: no docstring, or {missing} of the path is not in {params.__name__}")
    return made
