"""Sends what the grammar makes up, as everybody in turn, and looks at every answer and at the books afterwards."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import aiohttp
from yarl import URL

from dialer.campaign.model.attempt import Attempt
from dialer.people.staff import Staff
from dialer.web.kit.access.sessions import COOKIE
from dialer.web.kit.api.routes import Route
from dialer.web.kit.page.screen import PageRoute
from dialer.web.parts import PAGES, ROUTES
from tests.faults.requests.grammar import Grammar, Made
from tests.kit.books import Books, opened
from tests.web.busy import busy_day
from tests.web.people import PASSWORD, PEOPLE, People

NOBODY, TOKEN = "nobody", "token"
_PATIENCE = aiohttp.ClientTimeout(60)
_EXPECTED = (503, 504)
"""What may be answered above 499: just now it cannot be done. 500 is a defect, and 501 and 502 are nobody's here."""
_OUTSIDE_HTTP = (
    b"\x16\x03\x01\x00\xa5\x01\x00", b"GET / HTTP/1.1\r\n\r\n", b"GET  HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"GET /\xff\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n x: y\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET " + b"/" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/visits HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 5000, b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
)  # fmt: skip


@dataclass
class Fuzzer:
    """Requests to one dialer. ``wrong`` has the first request of each kind of wrong answer, and how it was wrong."""

    people: People
    luck: random.Random
    wrong: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    sent: int = 0
    _accounts: dict[str, Staff] = field(default_factory=dict)

    async def run(self, count: int) -> None:
        """Send ``count`` requests, then look at the dialer and its books."""
        system = self.people.system
        known = await busy_day(system)
        self._accounts = {staff.number: staff for staff in await system.services.accounts.store.everybody()}
        grammar = Grammar(self.luck, known)
        targets: Sequence[Route | PageRoute] = (*ROUTES, *PAGES)
        for _ in range(count):
            target = self.luck.choice(targets)
            who = self._who(target)
            await self._send(who, target, grammar.request(target))
            if self.luck.random() < 0.01:
                await self._send_outside_http(self.luck.choice(_OUTSIDE_HTTP))
        await self._look()

    def _who(self, target: Route | PageRoute) -> str:
        """Mostly somebody who may; the others get no further than the door."""
        everybody = (*PEOPLE, TOKEN, NOBODY)
        if target.policy is None or self.luck.random() < 0.25:
            return self.luck.choice(everybody)
        may = [who for who, (_, role, _, _) in PEOPLE.items() if role in target.policy.roles]
        return self.luck.choice([*may, TOKEN] if isinstance(target, Route) else may)

    async def _send(self, who: str, target: Route | PageRoute, made: Made) -> None:
        self.sent += 1
        browser = self.people.browsers.get(who, self.people.system.http)
        headers = list(made.headers)
        if who == TOKEN:
            headers.append(("Authorization", f"Bearer {self.people.system.tokens['all']}"))
        elif who in self.people.csrf and self.luck.random() < 0.95:
            headers.append(("X-CSRF-Token", self.people.csrf[who]))
        url = URL(self.people.system.url + made.path, encoded=True)
        try:
            async with browser.request(
                made.method,
                url,
                data=made.body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(60),
            ) as response:
                status = response.status
                if response.content_type != "text/event-stream":
                    await response.read()
        except (aiohttp.ClientError, ValueError) as error:  # the client itself cannot send it, or the server hung up
            status = 0 if isinstance(error, aiohttp.ServerDisconnectedError | ValueError) else 1
        except TimeoutError:
            self._note(target, "no answer within a minute", made)
            return
        self.statuses[status] += 1
        if status >= 500 and status not in _EXPECTED:
            self._note(target, f"answered {status}", made)
        if status == 401 and who in PEOPLE:
            await self._back(who)

    async def _send_outside_http(self, sent: bytes) -> None:
        """What is no request; the server answers 4xx or hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.people.system.port)
        writer.write(sent)
        try:
            async with asyncio.timeout(1):
                line = await reader.readline()
            if line.startswith(b"HTTP/1.1 5"):
                self.wrong.setdefault(f"{sent[:40]!r}", f"answered {line!r}")
        except TimeoutError:
            pass  # it waits for the rest, until its patience ends
        except ConnectionError:
            pass  # it hung up
        finally:
            writer.close()

    async def _back(self, who: str) -> None:
        """Put an account back as it was, and sign in anew: somebody has ended its session, or changed it."""
        accounts, number = self.people.system.services.accounts, PEOPLE[who][0]
        await accounts.store.change(number, lambda _: self._accounts[number], force=True)
        await accounts.set_password(number, PASSWORD, must_change=False)
        await accounts.clear_tries()
        signed = await accounts.sign_in(number, PASSWORD, "127.0.0.1", "")
        self.people.browsers[who].cookie_jar.clear()
        self.people.browsers[who].cookie_jar.update_cookies({COOKIE: signed.token}, URL(self.people.system.url))
        self.people.csrf[who] = signed.csrf

    def _note(self, target: Route | PageRoute, how: str, made: Made) -> None:
        self.wrong.setdefault(f"{target.method} {target.path}", f"{how}: {made}")

    async def _look(self) -> None:
        """Whether the dialer is well, and whether its books hold what the rule promises."""
        system = self.people.system
        if system.engine.trouble:
            self.wrong["engine"] = system.engine.trouble
        await system.agent("008")  # it takes commands, and commits them
        day = next(iter(system.engine.state.days.values()))
        self.wrong.update({f"day {n}": text for n, text in enumerate(_kept(list(system.attempts.values())))})
        lost = [visit.id for visit in day.visits.values() if visit.counted > 5]
        if lost:
            self.wrong["counted"] = f"more than five counted attempts: visits {lost}"
        async with opened(system.library.parent / "dialer.sqlite3") as database:
            books = await Books.of(database, system.today)
        self.wrong.update({f"books {n}": text for n, text in enumerate(_kept(books.attempts))})
        found = [text for text in replace(books, board=[n.id for n in books.outbox]).wrong() if "recording" not in text]
        self.wrong.update({f"invariant {n}": text for n, text in enumerate(found)})


def _kept(attempts: Sequence[Attempt], gap: timedelta = timedelta(seconds=300)) -> list[str]:
    """What breaks the gap of a number, or calls it twice at once."""
    found = []
    for number in {attempt.number for attempt in attempts}:
        calls = sorted((a for a in attempts if a.number == number), key=lambda each: each.placed_at)
        for before, after in pairwise(calls):
            if before.ended_at is None or after.placed_at - before.ended_at < gap:
                found.append(f"{after.id} was placed too soon after {before.id}")
    return found
