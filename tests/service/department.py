"""An order department at work on the rig: the whole service in this process, with its agents and its list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from dialer.app import Service, service
from dialer.audit.cdr import CdrCall
from dialer.campaign.messages import Command, ImportList, SaveAgent, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer, ListRow, VisitList
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.visit import Visit
from dialer.campaign.state import State
from dialer.campaign.views.lookup import VisitDetail
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.notices.outbox import Notice
from dialer.settings import Settings, load
from tests.kit.books import Books, audited, carrier_calls
from tests.kit.settings import quick_settings

TEAM = "一组"


@dataclass(frozen=True, slots=True)
class Row:
    """A customer on the list; dealt to the team unless an agent is named."""

    code: str
    number: str
    agent: str | None = None


@dataclass(slots=True)
class Department:
    """The running service and what a test does with it."""

    rig: Rig
    settings: Settings
    service: Service
    tasks: Sequence[asyncio.Task[None]]
    visits: dict[str, int] = field(default_factory=dict)

    # -- doing -----------------------------------------------------------------------------------

    async def ask(self, command: Command) -> object:
        """Have a command carried out."""
        return await self.service.parts.engine.ask(command)

    async def agents(self, *extensions: str, first: int = 1) -> list[str]:
        """Ready agents with these phones, in the team; their staff numbers."""
        numbers = [f"{n:03}" for n in range(first, first + len(extensions))]
        for number, extension in zip(numbers, extensions, strict=True):
            await self.ask(SaveAgent(by="test", number=number, name="", extension=extension, team=TEAM))
            await self.ready(number)
        return numbers

    async def ready(self, agent: str) -> None:
        """The agent says that they are ready."""
        await self.ask(SetPresence(by="test", agent=agent, presence=Presence.READY))

    async def call_list(self, rows: Iterable[Row]) -> None:
        """Today's list."""
        entries = tuple(
            ListRow(
                n + 2,
                Customer(row.code, shop_name=f"店{row.code}", department="一部", account_manager="王"),
                row.number,
                n,
                agent=row.agent,
                team=None if row.agent else TEAM,
            )
            for n, row in enumerate(rows)
        )
        await self.ask(ImportList(by="test", day=self.today, visits=VisitList("main", entries)))
        day = self.state.days[self.today]
        self.visits = dict(day.by_customer)

    # -- looking ---------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The engine's state."""
        return self.service.parts.engine.state

    @property
    def today(self) -> date:
        """The department's date."""
        return self.settings.campaign().hours.day_of(datetime.now(UTC))

    def visit(self, code: str) -> Visit:
        """The customer's visit as it is now."""
        return self.state.visit(self.visits[code])

    def live(self, code: str) -> Attempt | None:
        """The call that is under way to the customer."""
        return self.state.attempts.get(self.visit(code).attempt or "")

    def ended(self, code: str) -> list[Attempt]:
        """The customer's calls that are over, in order."""
        visit = self.visits[code]
        return sorted((a for a in self.state.ended.values() if a.visit == visit), key=lambda a: a.seq)

    def outcomes(self, code: str) -> list[Disposition | None]:
        """How the customer's calls ended, in order."""
        return [a.disposition for a in self.ended(code)]

    async def until(self, condition: Callable[[], object], what: str, timeout_s: float = 120.0) -> None:
        """Wait for something that the state shows."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    for task in self.tasks:
                        assert not task.done(), f"{task.get_name()} died: {task}"
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"waited {timeout_s} s in vain until {what}\n{self._shown()}") from None

    def _shown(self) -> str:
        """The state, for a person who wonders what went wrong."""
        state = self.state
        days = [repr(v) for day in state.days.values() for v in day.visits.values() if v.open]
        more = [*map(repr, state.attempts.values()), *map(repr, state.agents.values())]
        return "\n".join([*days, *more, f"alarms {[*state.alarms]}, link {state.link_up}, flags {state.flags}"])

    async def until_linked(self) -> None:
        """Wait for the PBX."""
        await self.until(lambda: self.state.link_up, "the link is up")

    async def first_ended(self, code: str, timeout_s: float = 120.0) -> Attempt:
        """The customer's first call, once it is over."""
        await self.until(lambda: self.ended(code), f"the first call to {code} is over", timeout_s)
        return self.ended(code)[0]

    async def until_over(self, timeout_s: float = 120.0) -> Books:
        """Wait until nobody is left to be called, every recording is in and every notice is delivered."""
        day = self.state.days[self.today]
        await self.until(
            lambda: not self.state.attempts and not any(v.open for v in day.visits.values()), "all is done", timeout_s
        )
        return await self.settled()

    async def settled(self, timeout_s: float = 120.0) -> Books:
        """Wait until every recording of a conversation is in and every notice is delivered."""
        async with asyncio.timeout(timeout_s):
            while True:
                books = await self.books()
                kept = all(a.id in books.recordings for a in books.conversations)
                if kept and all(n.state == "delivered" for n in books.outbox):
                    return books
                await asyncio.sleep(0.1)

    async def recording(self, attempt: str, timeout_s: float = 90.0) -> Recording:
        """The recording of a call, once it is in."""
        async with asyncio.timeout(timeout_s):
            while True:
                row = await self.service.parts.recording_store.recording(attempt)
                if row is not None:
                    return row
                await asyncio.sleep(0.05)

    async def detail(self, code: str) -> VisitDetail:
        """Everything that the books know of the customer's visit."""
        return await self.service.parts.call_store.detail(self.visits[code])

    async def books(self) -> Books:
        """What the books say now."""
        return await Books.of(self.service.parts.database, self.today)

    async def notices(self, code: str) -> list[Notice]:
        """Those about the customer, oldest first."""
        visit = self.visits[code]
        found = [n for n in (await self.books()).outbox if n.body["data"].get("visit") == visit]
        return sorted(found, key=lambda n: n.created_at)

    def carrier_calls(self, number: str) -> list[CdrCall]:
        """The carrier's own records of the calls to a number, oldest first."""
        return carrier_calls(self.rig, number)

    async def audited(self, timeout_s: float = 120.0) -> list[str]:
        """What differs between our books and the carrier's, once the carrier has no calls any more."""
        await self.rig.carrier.idle(timeout_s)
        ours = {v.number for d in self.state.days.values() for v in d.visits.values()}
        return audited(self.rig, self.settings, (await self.books()).attempts, *ours)


def configured(rig: Rig, folder: Path, trunk: str = "direct", **changes: dict[str, object]) -> Settings:
    """The rehearsal's settings with ``changes``, by section and name."""
    return load(quick_settings(folder / "dialer.toml", rig, template=trunk, **changes))


@asynccontextmanager
async def at_work(rig: Rig, settings: Settings) -> AsyncIterator[Department]:
    """The service, running and linked to the PBX; at the end no part of it may have died."""
    async with service(settings, SystemClock()) as (running, tasks):
        department = Department(rig, settings, running, tasks)
        await department.until_linked()
        yield department
        assert [task.get_name() for task in tasks if task.done()] == []
        assert running.supervisor.died() == {}


@asynccontextmanager
async def department(
    rig: Rig, folder: Path, trunk: str = "direct", **changes: dict[str, object]
) -> AsyncIterator[Department]:
    """The service with the rehearsal's settings and ``changes``, at work."""
    async with at_work(rig, configured(rig, folder, trunk, **changes)) as running:
        yield running
