"""One person of each role in front of a running dialer, each with a browser's worth of cookies."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from dialer.people.staff import Role
from dialer.web.kit.access.sessions import COOKIE
from tests.web.system import Json, System, open_system

PASSWORD = "correct horse battery"
PEOPLE: Mapping[str, tuple[str, Role, str | None, bool]] = {
    "agent": ("001", Role.AGENT, None, False),
    "other": ("002", Role.AGENT, None, False),
    "leader": ("900", Role.TEAM_LEADER, None, False),
    "team_leader": ("901", Role.TEAM_LEADER, "A", False),
    "supervisor": ("910", Role.SUPERVISOR, None, False),
    "administrator": ("990", Role.ADMINISTRATOR, None, False),
    "hearing_administrator": ("991", Role.ADMINISTRATOR, None, True),
}
"""name -> (staff number, role, team, may hear recordings); "leader" leads every team, "team_leader" team A."""


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]
    url: str


@dataclass
class People:
    """Everybody, signed in. ``system`` is the dialer, with its engine, books and tokens."""

    system: System
    browsers: dict[str, aiohttp.ClientSession]
    csrf: dict[str, str]

    async def ask(
        self, who: str, method: str, path: str, *, data: Json = None, json: Json = None, csrf: bool = True,
        headers: Mapping[str, str] | None = None, follow: bool = True,
    ) -> Answer:  # fmt: skip
        """Any request by ``who``; the token of their page goes with it unless said otherwise."""
        sent = dict(headers or {})
        if csrf and method not in ("GET", "HEAD"):
            sent["X-CSRF-Token"] = self.csrf[who]
        async with self.browsers[who].request(
            method, path, data=data, json=json, headers=sent, allow_redirects=follow
        ) as response:
            return Answer(
                response.status,
                (await response.read()).decode(errors="replace"),
                response.headers,
                response.url.path_qs,
            )

    async def get(self, who: str, path: str, status: int = 200) -> str:
        """A page or fragment as text; AssertionError when the status differs."""
        answer = await self.ask(who, "GET", path)
        assert answer.status == status, f"{who} GET {path}: {answer.status} {answer.text[:500]}"
        return answer.text

    async def api(self, who: str, method: str, path: str, json: Json = None, status: int = 200) -> str:
        """A call to /api/v1 as the page's scripts make it."""
        answer = await self.ask(who, method, f"/api/v1{path}", json=json)
        assert answer.status == status, f"{who} {method} {path}: {answer.status} {answer.text[:500]}"
        return answer.text

    async def again(self, who: str) -> None:
        """Sign in once more."""
        self.csrf[who] = await sign_in(self.browsers[who], PEOPLE[who][0])

    async def speak(self, who: str, language: str) -> None:
        """Switch the language of somebody's pages."""
        answer = await self.ask(who, "POST", "/language", data={"language": language})
        assert answer.status == 200


@asynccontextmanager
async def open_people(folder: Path, **options: Json) -> AsyncIterator[People]:
    """A dialer in ``folder`` with agents 001 (team A) and 002 (team B), and everybody of :data:`PEOPLE` signed in."""
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(open_system(folder, **options))
        await system.agent("001", ready=False, team="A")
        await system.agent("002", ready=False, team="B")
        people = People(system, {}, {})
        for name, (number, role, team, recordings) in PEOPLE.items():
            await system.services.accounts.add(
                number, f"{name} 王", role, PASSWORD, team=team, recordings=recordings, must_change=False
            )
            signed = await system.services.accounts.sign_in(number, PASSWORD, "127.0.0.1", "")
            people.browsers[name] = await stack.enter_async_context(browser(system))
            people.browsers[name].cookie_jar.update_cookies({COOKIE: signed.token}, URL(system.url))
            people.csrf[name] = signed.csrf
        yield people


def browser(system: System) -> aiohttp.ClientSession:
    """Cookies of its own, nobody signed in."""
    return aiohttp.ClientSession(
        system.url, cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(120)
    )


async def sign_in(session: aiohttp.ClientSession, number: str, password: str = PASSWORD) -> str:
    """Sign in; the token that the pages have."""
    async with session.post("/sign-in", data={"number": number, "password": password}) as response:
        text = await response.text()
        assert response.status == 200, text
    return token_in(text)


def token_in(text: str) -> str:
    """The token in a page."""
    found = re.search(r'name="csrf-token" content="([0-9a-f]+)"', text)
    assert found is not None, text[:500]
    return found[1]
