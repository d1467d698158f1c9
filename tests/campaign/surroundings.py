"""An engine with its surroundings: a store that says when it commits, and a PBX that writes down what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.campaign.changes import Changes, Place
from dialer.campaign.clock_watch import ClockWatch
from dialer.campaign.config import CampaignConfig
from dialer.campaign.engine import Engine
from dialer.campaign.messages import (
    ImportList,
    LinkRestored,
    OwnerTold,
    PhoneTold,
    SaveAgent,
    SetPresence,
)
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import ListRow, VisitList
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.phone import PhoneState
from dialer.errors import GuardFailed
from tests.campaign.days import MONDAY, TRUNK, at, config
from tests.virtual.day import VirtualClock
from tests.virtual.memory_store import MemoryStore


@dataclass
class FakePbx:
    """Writes down what it is asked for, in one log with the store; fails on demand."""

    log: list[str] = field(default_factory=list)
    placed: list[Place] = field(default_factory=list)
    fails: Exception | None = None
    surveys: int = 0
    post: Callable[[Any], None] = print
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(at(8)))

    async def start(self) -> None:
        self.log.append("start")
        self.post(LinkRestored(self.clock.now(), (), final=False))

    async def stop(self) -> None:
        self.log.append("stop")

    async def originate(self, order: Place) -> None:
        if self.fails is not None:
            raise self.fails
        self.log.append(f"originate {order.attempt}")
        self.placed.append(order)

    async def hang_up(self, attempt: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.log.append(f"hang up {attempt}")

    async def follow_phones(self, devices: Sequence[str]) -> None:
        for device in devices:
            self.post(PhoneTold(self.clock.now(), device, PhoneState.UNSAID))

    def take_over(self) -> None:
        self.log.append("take over")
        self.post(OwnerTold(self.clock.now(), ours=True))

    async def survey(self) -> None:
        self.surveys += 1
        self.log.append("survey")
        if self.fails is not None:
            raise self.fails


class LoggedStore(MemoryStore):
    """Says when it commits; takes its time on demand."""

    def __init__(self, log: list[str]) -> None:
        super().__init__("dx")
        self.log = log
        self.before: Callable[[], None] = lambda: None
        self.loads: list[object] = []

    async def commit(self, changes: Changes) -> None:
        self.before()
        await super().commit(changes)
        self.log.append(f"commit {len(changes.placed)}")

    async def load(self, day: Any, ends_since: datetime) -> Any:
        self.loads.append(day)
        return await super().load(day, ends_since)


@dataclass
class House:
    """An engine with its surroundings, running."""

    engine: Engine
    store: LoggedStore
    pbx: FakePbx
    clock: VirtualClock
    task: asyncio.Task[None]

    async def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        """Wait for a condition; fail when it does not come or the engine dies."""
        async with asyncio.timeout(seconds):
            while not condition():
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0.001)

    async def ask(self, *commands: Any) -> list[Any]:
        """Commands in one batch."""
        asked: list[Awaitable[object]] = [self.engine.ask(each) for each in commands]
        return await asyncio.gather(*asked)

    def jump(self, when: datetime) -> None:
        """Set the clock; the engine looks up."""
        self.clock.at = when
        self.engine._arrived.set()

    @property
    def live(self) -> str:
        (attempt,) = self.engine.state.attempts
        return attempt


def quick() -> CampaignConfig:
    plain = config()
    trunks = (*plain.trunks, *(replace(TRUNK, name=f"trunk of {pbx}", pbx=pbx) for pbx in ("branch", "nowhere")))
    return CampaignConfig(
        hours=plain.hours,
        trunks=trunks,
        settle=timedelta(seconds=0.2),
        calls_per_second=None,
        phone_templates=plain.phone_templates,
    )


@asynccontextmanager
async def house(
    now: datetime | None = None,
    store: LoggedStore | None = None,
    *,
    linked: bool = True,
    held: bool = False,
    watch: ClockWatch | None = None,
    others: Mapping[str, FakePbx] | None = None,
) -> AsyncIterator[House]:
    pbx = FakePbx()
    store = store or LoggedStore(pbx.log)
    store.log = pbx.log
    pbx.clock = clock = VirtualClock(now or at(8))
    engine = Engine(quick(), store, clock, watch)
    if held:
        engine.hold()
    pbx.post = engine.post if linked else lambda _: None
    task = asyncio.create_task(engine.run({MAIN_PBX: pbx, **(others or {})}))
    made = House(engine, store, pbx, clock, task)
    await engine.ready()
    try:
        yield made
    finally:
        task.cancel()
        with pytest.raises((asyncio.CancelledError, GuardFailed, RuntimeError)):
            await task


def agent(number: str = "001") -> SaveAgent:
    return SaveAgent(by="test", number=number, name="", extension=f"PJSIP/{number}")


def ready(number: str = "001") -> SetPresence:
    return SetPresence(by=number, agent=number, presence=Presence.READY)


def listing(*rows: ListRow, day: Any = MONDAY) -> ImportList:
    return ImportList(by="test", day=day, visits=VisitList("main", rows))
