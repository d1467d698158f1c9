"""API tokens: shown once when they are made, kept as hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from dialer.people.tokens import new_token
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.access.tokens import PREFIX, Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View
from dialer.web.kit.http.query import Input, NoBody, NoParams

TokenName = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$", examples=["order-system"])]


class TokenPath(Input):
    """One token."""

    name: TokenName


class TokenBody(Input):
    """Whose token it is, and what it may do."""

    name: TokenName
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]


class TokenView(View):
    """A token, without what only its holder knows."""

    name: str
    scopes: list[str]
    created_at: datetime
    revoked: bool


class NewToken(View):
    """A new token. It is shown here and never again."""

    name: str
    scopes: list[str]
    token: str


async def list_tokens(request: Request[NoParams, NoBody]) -> list[TokenView]:
    """Every token, revoked ones too."""
    return [
        TokenView(name=name, scopes=list(scopes), created_at=at, revoked=revoked)
        for name, scopes, at, revoked in await request.services.tokens.tokens()
    ]


async def create_token(request: Request[NoParams, TokenBody]) -> NewToken:
    """Make a token; the answer is the only place where it can be read."""
    token, digest = new_token(PREFIX)
    scopes = tuple(dict.fromkeys(str(scope) for scope in request.body.scopes))
    await request.services.tokens.save_token(request.body.name, digest, scopes, request.now, request.giver)
    return NewToken(name=request.body.name, scopes=list(scopes), token=token)


async def revoke_token(request: Request[TokenPath, NoBody]) -> None:
    """Make a token worthless, at once."""
    await request.services.tokens.revoke_token(request.params.name, request.now)
    request.context.hub.look_again()


ROUTES = (
    route("GET", "/tokens", list_tokens, Scope.ADMIN, ADMINISTRATOR),
    route("POST", "/tokens", create_token, Scope.ADMIN, ADMINISTRATOR, status=201, fails=(409,)),
    route("DELETE", "/tokens/{name}", revoke_token, Scope.ADMIN, ADMINISTRATOR, fails=(404,)),
)
