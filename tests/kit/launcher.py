"""A dialer as a process of its own beside a rig, to be killed and started again."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from functools import cached_property

from dialer.app import offline
from dialer.campaign.messages import ImportList, SaveAgent, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer, ListRow, VisitList
from dialer.demo.launcher import Launched
from dialer.demo.rig.rig import Rig
from dialer.settings import Settings, load
from tests.kit.books import Books, audited, opened

UNMEASURED = ("DIALER_", "COVERAGE_")
"""Hidden from a dialer whose coverage does not count: what is killed with -9 leaves none, and starts slower."""


class RunningDialer(Launched):
    """One dialer, its settings, and its books."""

    @cached_property
    def settings(self) -> Settings:
        """As its file has them."""
        return load(self.config)

    async def prepare(self, numbers: list[str], agents: list[str]) -> None:
        """Write a list (one customer for each number, in turn) and ready agents (by phone) into its books."""
        async with offline(self.settings) as parts:
            for n, extension in enumerate(agents):
                number = f"{n:03}"
                await parts.engine.ask(SaveAgent(by="test", number=number, name="", extension=extension))
                await parts.engine.ask(SetPresence(by="test", agent=number, presence=Presence.READY))
            rows = tuple(
                ListRow(
                    n + 2, Customer(f"C{n:03}", department="一部", account_manager="王"), number, n,
                    agent=f"{n % len(agents):03}",
                )
                for n, number in enumerate(numbers)
            )  # fmt: skip
            await parts.engine.ask(ImportList(by="test", day=self.today(), visits=VisitList("main", rows)))

    def today(self) -> date:
        """The department's date."""
        return self.settings.campaign().hours.day_of(datetime.now(UTC))

    async def books(self) -> Books:
        """What the books say now, whether it runs or not."""
        async with opened(self.settings.database) as database:
            return await Books.of(database, self.today())

    async def until_done(self, timeout_s: float) -> Books:
        """Wait until nobody is left to be called, every recording is in and every notice is delivered."""
        async with asyncio.timeout(timeout_s):
            while not (books := await self.books()).settled:
                self.alive()
                await asyncio.sleep(0.5)
        return books

    def audit(self, rig: Rig, attempts: list[Attempt]) -> list[str]:
        """Differences between our books and the carrier's own records."""
        return audited(rig, self.settings, attempts)
