"""Sends what the grammar makes up, as everybody in turn, and looks at every answer and at the books afterwards."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

from yarl import URL

from dialer.campaign.model.attempt import Attempt
from dialer.people.staff import Staff
from dialer.web.kit.access.sessions import COOKIE
from dialer.web.kit.api.routes import Route
from dialer.web.kit.page.screen import PageRoute
from dialer.web.parts import PAGES, ROUTES
from tests.faults.requests.grammar import Grammar, Made
from tests.faults.requests.sender import Sender
from tests.kit.books import Books, opened
from tests.web.busy import busy_day
from tests.web.people import PASSWORD, PEOPLE, People

NOBODY, TOKEN = "nobody", "token"


@dataclass
class Fuzzer:
    """Everybody in front of one dialer."""

    people: People
    luck: random.Random
    sender: Sender = field(init=False)
    _accounts: dict[str, Staff] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sender = Sender(self.people.system.url, self.luck)

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
                await self.sender.send_outside_http()
        await self._look()

    def _who(self, target: Route | PageRoute) -> str:
        """Mostly somebody who may; the others get no further than the door."""
        everybody = (*PEOPLE, TOKEN, NOBODY)
        if target.policy is None or self.luck.random() < 0.25:
            return self.luck.choice(everybody)
        may = [who for who, (_, role, _, _) in PEOPLE.items() if role in target.policy.roles]
        return self.luck.choice([*may, TOKEN] if isinstance(target, Route) else may)

    async def _send(self, who: str, target: Route | PageRoute, made: Made) -> None:
        browser = self.people.browsers.get(who, self.people.system.http)
        headers = list(made.headers)
        if who == TOKEN:
            headers.append(("Authorization", f"Bearer {self.people.system.tokens['all']}"))
        elif who in self.people.csrf and self.luck.random() < 0.95:
            headers.append(("X-CSRF-Token", self.people.csrf[who]))
        if await self.sender.send(browser, target, made, headers) == 401 and who in PEOPLE:
            await self._back(who)

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

    async def _look(self) -> None:
        """Whether the dialer is well, and whether its books hold what the rule promises."""
        system = self.people.system
        if system.engine.trouble:
            self.sender.wrong["engine"] = system.engine.trouble
        await system.agent("008")  # it takes commands, and commits them
        day = next(iter(system.engine.state.days.values()))
        self.sender.wrong.update({f"day {n}": text for n, text in enumerate(_kept(list(system.attempts.values())))})
        lost = [visit.id for visit in day.visits.values() if visit.counted > 5]
        if lost:
            self.sender.wrong["counted"] = f"more than five counted attempts: visits {lost}"
        async with opened(system.library.parent / "dialer.sqlite3") as database:
            books = await Books.of(database, system.today)
        self.sender.wrong.update({f"books {n}": text for n, text in enumerate(_kept(books.attempts))})
        found = [text for text in replace(books, board=[n.id for n in books.outbox]).wrong() if "recording" not in text]
        self.sender.wrong.update({f"invariant {n}": text for n, text in enumerate(found)})


def _kept(attempts: Sequence[Attempt], gap: timedelta = timedelta(seconds=300)) -> list[str]:
    """What breaks the gap of a number, or calls it twice at once."""
    found = []
    for number in {attempt.number for attempt in attempts}:
        calls = sorted((a for a in attempts if a.number == number), key=lambda each: each.placed_at)
        for before, after in pairwise(calls):
            if before.ended_at is None or after.placed_at - before.ended_at < gap:
                found.append(f"{after.id} was placed too soon after {before.id}")
    return found
