"""Who asks with a token, and for whom."""

from __future__ import annotations

from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from dialer.people.tokens import TokenStore, digest_of
from dialer.web.kit.access.tokens import LOCAL_TOKEN, Caller, Scope, authenticate
from dialer.web.kit.http.refusals import Malformed, NotAllowed, NotAuthenticated

LONG = "t" * 200


class Tokens:
    """Knows a few tokens."""

    async def token(self, digest: str) -> tuple[str, tuple[str, ...]] | None:
        known = {digest_of(each): ("shop", ("read", "orders")) for each in ("good", LONG, LONG + "t")}
        return known.get(digest)


async def ask(authorization: str, *scopes: Scope, person: str = "") -> Caller:
    request: web.Request = make_mocked_request(
        "GET", "/", {"Authorization": authorization, "Dialer-On-Behalf-Of": person}
    )
    return await authenticate(request, cast("TokenStore", Tokens()), scopes or (Scope.READ,))


@pytest.mark.parametrize("said", ["Bearer good", "bearer   good ", f"Bearer {LONG}"])
async def test_a_token_lets_in(said: str) -> None:
    """Up to 200 characters long."""
    caller = await ask(said)
    assert (caller.name, caller.role, caller.is_system, caller.local) == ("shop", "token", True, False)
    assert caller.digest == digest_of(said[7:].strip())


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", "good", "Basic good", "Bearer bad", f"Bearer {LONG}t"])
async def test_nothing_else_does(said: str) -> None:
    """No token, another kind of credential, one that is not known or too long."""
    with pytest.raises(NotAuthenticated):
        await ask(said)


async def test_one_of_the_scopes_is_enough() -> None:
    """And none of them is not."""
    assert (await ask("Bearer good", Scope.ADMIN, Scope.ORDERS)).name == "shop"
    with pytest.raises(NotAllowed, match="needs a token with the scope admin or operate; 'shop' has not got it"):
        await ask("Bearer good", Scope.OPERATE, Scope.ADMIN)


async def test_for_whom_a_system_asks() -> None:
    """A name of at most 64 printable characters, percent-encoded."""
    assert (await ask("Bearer good", person="%E7%8F%AD%E9%95%BF ")).name == "shop for 班长"
    assert (await ask("Bearer good", person="x" * 64)).name == "shop for " + "x" * 64
    for wrong in ("x" * 65, "a%00b"):
        with pytest.raises(Malformed):
            await ask("Bearer good", person=wrong)


@pytest.mark.parametrize(
    ("caller", "local", "is_system"),
    [
        (Caller("shop", ""), False, True),
        (Caller(LOCAL_TOKEN, ""), True, True),
        (Caller(f"{LOCAL_TOKEN} for root", ""), True, True),
        (Caller("root (dialer)", "", kind="cli"), True, False),
    ],
)
def test_the_command_line(caller: Caller, local: bool, is_system: bool) -> None:
    """Beside a service by the service's own token, and without one by its connection."""
    assert (caller.local, caller.is_system) == (local, is_system)
