"""Fuzzed requests to a dialer at work: everybody reads all that there is, and changes only what they may not.

What is changed by chance in a day under other faults would look like their doing. So a request that changes something
is sent here by those alone whose role does not allow it, or who have not signed in.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from yarl import URL

from dialer.demo.client import ApiError, Client
from dialer.people.staff import Role
from dialer.web.kit.api.routes import Route
from dialer.web.kit.page.screen import PageRoute
from dialer.web.parts import PAGES, ROUTES
from tests.faults.requests.grammar import Grammar
from tests.faults.requests.sender import Sender, answered

_PASSWORD = "correct horse battery"  # noqa: S105 - of a made-up department
_ROLES = {"x01": Role.AGENT, "x90": Role.TEAM_LEADER, "x91": Role.SUPERVISOR, "x99": Role.ADMINISTRATOR}
_NOBODY = ""
_READS = ("GET", "HEAD")
_PAUSE_S = 0.05
_AWAY_S = 1.0
_LOOK_EVERY = 20
_LONGEST = re.compile(r"^dialer_loop_lag_longest_seconds (\S+)$", re.MULTILINE)


@dataclass
class Beside:
    """Strangers and colleagues in front of the dialer whose data folder is ``data``.

    ``longest_stall_s``: of its event loop, as it measures it itself; the faults beside this stall it as well.
    """

    client: Client
    data: Path
    luck: random.Random
    sender: Sender = field(init=False)
    longest_stall_s: float = 0.0
    _browsers: dict[str, aiohttp.ClientSession] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sender = Sender("", self.luck)

    async def work(self) -> None:
        """Go on until cancelled, whatever the service does."""
        grammar = Grammar(self.luck, {"number": "001", "agent": "001", "code": "K000100", "customer": "K000100"})
        try:
            while True:
                try:
                    await self._sign_in()
                    while True:
                        await self._send(grammar)
                        await asyncio.sleep(_PAUSE_S)
                except (ApiError, aiohttp.ClientError, OSError):  # it is down, which is another fault's doing
                    await asyncio.sleep(_AWAY_S)
        finally:
            await self._leave()

    def said(self) -> str:
        """What was sent, in one line."""
        sent, stall = self.sender, self.longest_stall_s * 1000
        return f"{sent.sent:,} made-up requests beside it ({answered(sent.statuses)}), the longest stall {stall:.0f} ms"

    async def _sign_in(self) -> None:
        await self._leave()
        told = json.loads((self.data / "service.json").read_text(encoding="utf-8"))
        self.sender.url = str(told["url"])
        self._browsers[_NOBODY] = aiohttp.ClientSession()
        for number, role in _ROLES.items():
            body = {"number": number, "name": number, "role": role, "password": _PASSWORD, "must_change": False}
            try:
                await self.client.send("POST", "staff", body)
            except ApiError as error:
                if error.status != 409:  # there from before
                    raise
            self._browsers[number] = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
            await self._sign_in_as(number)

    async def _sign_in_as(self, number: str) -> None:
        browser, form = self._browsers[number], {"number": number, "password": _PASSWORD}
        async with browser.post(URL(self.sender.url) / "sign-in", data=form) as answer:
            page = await answer.text()
        browser.headers["X-CSRF-Token"] = page.partition('name="csrf-token" content="')[2].partition('"')[0]

    async def _send(self, grammar: Grammar) -> None:
        targets: Sequence[Route | PageRoute] = (*ROUTES, *PAGES)
        target = self.luck.choice(targets)
        may = target.policy.roles if target.policy is not None else frozenset(Role)
        who = [each for each, role in _ROLES.items() if target.method in _READS or role not in may]
        made = grammar.request(target)
        if made.method not in _READS and target.method in _READS:
            return
        number = self.luck.choice([*who, _NOBODY])
        status = await self.sender.send(self._browsers[number], target, made, made.headers)
        if self.sender.sent % _LOOK_EVERY == 0:
            await self.sender.send_outside_http()
            await self._look()
        if status == 401 and number != _NOBODY:
            await self._sign_in_as(number)

    async def _look(self) -> None:
        async with self._browsers[_NOBODY].get(URL(self.sender.url) / "metrics") as answer:
            found = _LONGEST.search(await answer.text())
        if found is not None:
            self.longest_stall_s = max(self.longest_stall_s, float(found[1]))

    async def _leave(self) -> None:
        for browser in self._browsers.values():
            await browser.close()
        self._browsers.clear()
