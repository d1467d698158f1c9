"""The cookies of a browser, and what it must show with a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from dialer.people.accounts import Signed
from dialer.people.sessions import Session
from dialer.people.staff import Role, Staff
from dialer.web.kit.access import sessions
from tests.campaign.days import at

STAFF = Staff("001", "王", Role.AGENT, password="", created_at=at(8), password_changed_at=at(8))
SIGNED = Signed(STAFF, Session("d" * 64, "001", at(8), at(8), at(9), "10.0.0.1", ""), "token")


def request(method: str = "GET", *, secure: bool = False, headers: Mapping[str, str] | None = None) -> web.Request:
    return make_mocked_request(method, "/", headers).clone(scheme="https" if secure else "http")


@pytest.mark.parametrize(
    ("answer", "cookie"),
    [
        (lambda r, a: sessions.set_cookie(r, a, "t"), "dialer_session=t; HttpOnly; Path=/; SameSite=Lax"),
        (
            sessions.drop_cookie,
            'dialer_session=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax',
        ),
        (
            lambda r, a: sessions.set_earlier(r, a, list("abcdef")),
            "dialer_earlier=a.b.c.d.e; HttpOnly; Max-Age=2592000; Path=/; SameSite=Lax",
        ),
    ],
    ids=["set", "dropped", "earlier"],
)
@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_out_of_the_reach_of_others(
    answer: Callable[[web.Request, web.StreamResponse], None], cookie: str, secure: bool
) -> None:
    """No script reads one, no other site sends one; over TLS none comes in the clear, nor from another host."""
    response = web.Response()
    answer(request(secure=secure), response)
    (morsel,) = response.cookies.values()
    assert morsel.OutputString() == (f"__Host-{cookie}; Secure" if secure else cookie)


DIGESTS = [f"{n:064x}" for n in range(6)]


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("", []),
        (DIGESTS[0], DIGESTS[:1]),
        (".".join(DIGESTS[:5]), DIGESTS[:5]),
        (".".join(DIGESTS), DIGESTS[:5]),
        (f"x.{DIGESTS[1]}.{DIGESTS[2][1:]}.{DIGESTS[3].replace('0', '٠')}", DIGESTS[1:2]),
    ],
)
def test_what_a_browser_says_of_earlier_sign_ins(said: str, believed: list[str]) -> None:
    """Five digests at most, and nothing else."""
    given = SimpleNamespace(cookies={"dialer_earlier": said}, secure=False)
    assert sessions.earlier_of(given) == believed  # type: ignore[arg-type]  # a cookie that aiohttp would not read


@pytest.mark.parametrize(("token", "looked_up"), [("", False), ("t", True), ("t" * 99, True), ("t" * 100, False)])
async def test_a_session_is_looked_up_by_its_token(token: str, looked_up: bool) -> None:
    """None that is too long to be one."""
    accounts = AsyncMock()
    found = await sessions.signed_in(request(headers={"Cookie": f"dialer_session={token}"}), accounts)
    assert (found is not None) is looked_up
    assert [call.args for call in accounts.signed.await_args_list] == ([(token,)] if looked_up else [])


@pytest.mark.parametrize(
    ("method", "signed", "csrf", "site", "passes"),
    [
        ("GET", SIGNED, None, "cross-site", True),
        ("POST", SIGNED, SIGNED.csrf, "same-origin", True),
        ("POST", SIGNED, SIGNED.csrf, "cross-site", False),
        ("POST", SIGNED, replace(SIGNED, token="other").csrf, "same-origin", False),
        ("POST", SIGNED, None, "same-origin", False),
        ("POST", None, None, "same-origin", True),
        ("POST", None, None, "cross-site", False),
    ],
)
def test_a_change_comes_from_one_of_our_pages(
    method: str, signed: Signed | None, csrf: str | None, site: str, passes: bool
) -> None:
    """By the browser's word, and by the token in the page of who is signed in."""
    asked = request(method, headers={"Sec-Fetch-Site": site})
    if passes:
        sessions.check_origin(asked, signed, csrf)
    else:
        with pytest.raises(sessions.ForeignRequest):
            sessions.check_origin(asked, signed, csrf)


def test_a_person_as_the_handlers_know_them() -> None:
    """By number and name, and no system."""
    caller = sessions.caller_for(SIGNED)
    assert (caller.name, caller.digest, caller.role) == ("001 王", "d" * 64, "agent")
    assert (caller.is_system, caller.local) == (False, False)
