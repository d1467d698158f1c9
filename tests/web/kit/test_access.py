"""Who may do what: every route of the table against no token, wrong tokens and right ones."""

from __future__ import annotations

import asyncio
import re

import pytest

from dialer.people.audit_log import AuditQuery
from dialer.people.tokens import digest_of, new_token
from dialer.web.kit.access.tokens import Caller, Scope
from dialer.web.kit.api.routes import Route
from dialer.web.parts import ROUTES
from dialer.web.private import PrivateServer
from tests.web.system import System

VALUES = {"visit": "1", "day": "2026-11-23", "number": "001"}


def path_of(route: Route) -> str:
    """The path with made-up values."""
    return re.sub(r"{(\w+)}", lambda found: VALUES.get(found[1], "x"), route.path)


async def test_every_route_asks_for_a_token(system: System) -> None:
    """Without a token, with a wrong one and with another kind of credential, each route answers 401 in JSON."""
    for route in ROUTES:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
            async with system.http.request(route.method, f"/api/v1{path_of(route)}", headers=headers) as response:
                assert response.status == 401, route.name
                assert response.headers["WWW-Authenticate"].startswith("Bearer")
                if route.method != "HEAD":
                    assert (await response.json())["error"] == "not-authenticated"


async def test_every_route_asks_for_its_scope(system: System) -> None:
    """A token without any of a route's scopes is turned away, and nothing is even read of the request."""
    for route in ROUTES:
        for scope in Scope:
            if scope in route.scopes:
                continue
            headers = {"Authorization": f"Bearer {system.tokens[scope]}"}
            async with system.http.request(
                route.method, f"/api/v1{path_of(route)}", headers=headers, data=b"no json"
            ) as response:
                assert response.status == 403, (route.name, scope)
                if route.method != "HEAD":
                    assert (await response.json())["error"] == "not-allowed"


async def test_the_right_scope_lets_in(system: System) -> None:
    """With each of its scopes a route is reached: whatever it answers then is not about the token."""
    for route in ROUTES:
        if route.media == "text/event-stream":
            continue
        for scope in route.scopes:
            headers = {"Authorization": f"Bearer {system.tokens[scope]}"}
            async with system.http.request(route.method, f"/api/v1{path_of(route)}", headers=headers) as response:
                assert response.status in {route.status, 404, 409, 422}, (route.name, await response.text())


async def test_a_token_is_shown_once_and_can_be_revoked(system: System) -> None:
    """A new token works at once, only its hash is kept, and it is worthless once it is revoked."""
    made = await system.ask(
        "POST", "/tokens", json={"name": "order-system", "scopes": ["orders", "orders"]}, status=201
    )
    assert made["scopes"] == ["orders"]
    listed = await system.ask("GET", "/tokens")
    assert "order-system" in {token["name"] for token in listed}
    assert made["token"] not in str(listed)
    assert await system.services.tokens.token(digest_of(made["token"])) == ("order-system", ("orders",))
    await system.ask("GET", "/orders", token=made["token"])
    await system.ask("POST", "/tokens", json={"name": "order-system", "scopes": ["read"]}, status=409)
    await system.ask("DELETE", "/tokens/order-system", status=204)
    await system.ask("GET", "/orders", token=made["token"], status=401)
    await system.ask("DELETE", "/tokens/order-system", status=404)


async def test_a_system_can_name_the_person_it_asks_for(system: System) -> None:
    """The person goes on record beside the token's name; what is no name is refused."""
    who = {"Dialer-On-Behalf-Of": "%E7%8F%AD%E9%95%BF"}
    await system.ask("POST", "/campaign/pause", json={"reason": "lunch"}, headers=who, status=204)
    assert (await system.ask("GET", "/progress"))["paused"] == "all for 班长: lunch"
    await system.ask("GET", "/progress", headers={"Dialer-On-Behalf-Of": "%00"}, status=400)
    await system.ask("GET", "/progress", headers={"Dialer-On-Behalf-Of": "x" * 65}, status=400)


def test_tokens_are_long_and_never_the_same() -> None:
    """256 random bits in each."""
    tokens = {new_token("dialer_")[0] for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token.partition("_")[2]) == 43 for token in tokens)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_has_a_scope_and_a_text(route: Route) -> None:
    """No route is open by mistake, and each says what it does."""
    assert route.scopes
    assert (route.handler.__doc__ or "").partition("\n")[0].endswith((".", "?"))


async def test_who_is_given_a_socket_needs_no_token(system: System) -> None:
    """The command line of this process is known by its connection, on record as such; at the port nothing changes."""
    server = PrivateServer(system.services, Caller("root (dialer)", "", kind="cli"))
    await server.start()
    try:
        reader, writer = await asyncio.open_connection(sock=await server.connect())
        body = b'{"working": false}'
        head = f"PUT /api/v1/calendar/2027-05-06 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nConnection: close\r\n\r\n".encode() + body)
        answer = await reader.read()
        writer.close()
    finally:
        await server.stop()
    assert answer.startswith(b"HTTP/1.1 200")
    (entry,) = await system.services.accounts.audit.search(AuditQuery(target="2027-05-06"))
    assert (entry.who, entry.role, entry.address, entry.what) == ("root (dialer)", "cli", "local", "set_calendar_day")
    await system.ask("PUT", "/calendar/2027-05-06", token=None, status=401, json={"working": None})
