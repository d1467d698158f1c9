"""API tokens: shown once, with scopes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from aiohttp import web

from dialer.people.staff import Staff
from dialer.people.tokens import TokenStore, digest_of
from dialer.web.kit.http.refusals import Malformed, NotAllowed, NotAuthenticated

ON_BEHALF_OF = "Dialer-On-Behalf-Of"
"""Header: the person for whom a system asks, percent-encoded; goes on record beside the token's name."""
LOCAL_TOKEN = "local command line"  # noqa: S105 - the name under which the service lists its own

PREFIX = "dialer_"
"""What a token begins with."""
_LONGEST_TOKEN = 200
_LONGEST_NAME = 64


class Scope(StrEnum):
    """What a token may do. None includes another."""

    READ = "read"  # visits, agents, progress, events, notices, the board, the calendar
    OPERATE = "operate"  # import lists, change visits, agents and the calendar, run the campaign
    ORDERS = "orders"  # take orders in, take customers off the list, correct their numbers
    RECORDINGS = "recordings"  # search, listen, hold; every access is on record
    ADMIN = "admin"  # tokens


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a system or, with ``staff``, a person who is signed in.

    ``name`` is the token's, with the person on whose behalf, if one was named; of a person their staff number and
    name. ``digest`` is that of the token or session. ``kind``, of a system: "token", or "cli" for the command line of
    this very process.
    """

    name: str
    digest: str
    staff: Staff | None = None
    kind: str = "token"

    @property
    def local(self) -> bool:
        """Whether it is the command line of this machine, beside a running service or without one."""
        return self.staff is None and (self.kind == "cli" or self.name.partition(" for ")[0] == LOCAL_TOKEN)

    @property
    def role(self) -> str:
        """For the audit log."""
        return self.staff.role if self.staff else self.kind

    @property
    def is_system(self) -> bool:
        """Whether a system asks, and neither a person who is signed in nor one at the command line."""
        return self.staff is None and self.kind == "token"


KNOWN = web.RequestKey("known", Caller)
"""Who asks, where only one can: no token is looked for."""


async def authenticate(request: web.Request, tokens: TokenStore, scopes: Collection[Scope]) -> Caller:
    """Who asks, when their token has one of ``scopes``. Raises NotAuthenticated, NotAllowed."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token:
        raise NotAuthenticated
    found = await tokens.token(digest_of(token)) if len(token) <= _LONGEST_TOKEN else None
    if found is None:
        raise NotAuthenticated("this API token is not known, or was revoked")
    name, granted = found
    if not set(scopes) & set(granted):
        raise NotAllowed(f"this needs a token with the scope {' or '.join(sorted(scopes))}; '{name}' has not got it")
    return Caller(name + _on_behalf(request), digest_of(token))


def _on_behalf(request: web.Request) -> str:
    person = unquote(request.headers.get(ON_BEHALF_OF, "")).strip()
    if not person:
        return ""
    if len(person) > _LONGEST_NAME or not person.isprintable():
        raise Malformed(f"{ON_BEHALF_OF}: at most {_LONGEST_NAME} printable characters, percent-encoded UTF-8")
    return f" for {person}"
