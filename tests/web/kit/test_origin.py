"""Where a request comes from: whose word on it is taken."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from dialer.web.kit.http.origin import behind_proxy, from_our_page, is_loopback, is_secure

FORWARDED = {"X-Forwarded-For": "6.6.6.6, 10.1.2.3", "X-Forwarded-Proto": "HTTPS", "X-Forwarded-Host": "dialer.local"}


async def seen(peer: str, headers: dict[str, str]) -> web.Request:
    """The request as a handler behind the proxy gets it."""
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: (peer, 4) if name == "peername" else default
    found: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        found.append(request)
        return web.Response()

    await behind_proxy(make_mocked_request("GET", "/", headers, transport=transport), handler)
    return found[0]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
async def test_a_proxy_on_this_machine_is_believed(peer: str) -> None:
    """Of the addresses that it lists only the last: those before it anybody can make up."""
    request = await seen(peer, FORWARDED)
    assert (request.remote, request.scheme, request.host, is_secure(request)) == (
        "10.1.2.3", "https", "dialer.local", True,
    )  # fmt: skip


async def test_a_server_has_it_before_every_handler() -> None:
    """The handler gets the request as the browser made it."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.scheme} {request.host} {request.remote}")

    app = web.Application(middlewares=[behind_proxy])
    app.router.add_get("/", handler)
    async with TestClient(TestServer(app)) as client, client.get("/", headers=FORWARDED) as answer:
        assert await answer.text() == "https dialer.local 10.1.2.3"


@pytest.mark.parametrize("peer", ["10.9.9.9", "::ffff:10.9.9.9", "2001:db8::1"])
async def test_nobody_else_is(peer: str) -> None:
    """A neighbour who reaches the port can write these headers, too."""
    request = await seen(peer, FORWARDED | {"Host": "pbx:8080"})
    assert (request.remote, request.scheme, request.host, is_secure(request)) == (peer, "http", "pbx:8080", False)


async def test_a_proxy_that_says_nothing_or_nonsense() -> None:
    """Then it is the proxy itself that asks, as it did."""
    for headers in ({}, {"X-Forwarded-For": "unknown", "X-Forwarded-Proto": "gopher"}):
        request = await seen("127.0.0.1", headers | {"Host": "pbx:8080"})
        assert (request.remote, request.scheme, request.host, is_secure(request)) == (
            "127.0.0.1", "http", "pbx:8080", False,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.8.8.8", True), ("::1", True), ("::1%lo", True), ("10.0.0.1", False), ("localhost", False), (None, False)],
)
def test_this_machine(address: str | None, here: bool) -> None:
    """By its address, also with a zone; a name is none."""
    assert is_loopback(address) is here


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://pbx:8080"}, False),
        ({"Origin": "http://PBX:8080"}, True),
        ({"Origin": "http://evil:8080"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
    ],
)
def test_whether_one_of_our_pages_sent_it(headers: dict[str, str], ours: bool) -> None:
    """What the browser says of the site goes before the origin; who says nothing is no browser."""
    assert from_our_page(make_mocked_request("POST", "/", headers | {"Host": "pbx:8080"})) is ours
