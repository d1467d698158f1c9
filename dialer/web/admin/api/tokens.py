"""API tokens: shown once when they are made, kept as hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.access.tokens import Scope, new_token
from dialer.web.kit.api.routes import Call, route
from dialer.web.kit.http.query import Asked, NoBody, NoParams
from dialer.web.kit.views import View

TokenName = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$", examples=["order-system"])]


class TokenPath(Asked):
    """One token."""

    name: TokenName


class TokenBody(Asked):
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


async def list_tokens(call: Call[NoParams, NoBody]) -> list[TokenView]:
    """Every token, revoked ones too."""
    return [
        TokenView(name=name, scopes=list(scopes), created_at=at, revoked=revoked)
        for name, scopes, at, revoked in await call.services.tokens.tokens()
    ]


async def create_token(call: Call[NoParams, TokenBody]) -> NewToken:
    """Make a token; the answer is the only place where it can be read."""
    token, digest = new_token()
    scopes = tuple(dict.fromkeys(str(scope) for scope in call.body.scopes))
    await call.services.tokens.save_token(call.body.name, digest, scopes, call.now)
    return NewToken(name=call.body.name, scopes=list(scopes), token=token)


async def revoke_token(call: Call[TokenPath, NoBody]) -> None:
    """Make a token worthless, at once."""
    await call.services.tokens.revoke_token(call.params.name, call.now)


ROUTES = (
    route("GET", "/tokens", list_tokens, Scope.ADMIN, ADMINISTRATOR),
    route("POST", "/tokens", create_token, Scope.ADMIN, ADMINISTRATOR, status=201, fails=(409,)),
    route("DELETE", "/tokens/{name}", revoke_token, Scope.ADMIN, ADMINISTRATOR, fails=(404,)),
)
