"""Test calls under way: places them, follows them, and lets go of a phone that is wanted for work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from dialer import callid
from dialer.campaign.calls.events import gather
from dialer.campaign.changes import Changes
from dialer.campaign.engine import Engine
from dialer.campaign.messages import CallEvent, LinkLost, PbxMessage
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.phone import phones_in
from dialer.clock import Clock
from dialer.errors import LinkDown, NotFound
from dialer.phonetests import model
from dialer.phonetests.model import Finding, PhoneInUse, PhoneTest, PhoneTested
from dialer.phonetests.ports import PhoneTester

RING_S = 20.0
KEPT = 50
MOST_AT_ONCE = 3

Hearer = Callable[[PhoneTest], None]


@dataclass(slots=True)
class _Live:
    test: PhoneTest
    evidence: Evidence = field(default_factory=Evidence)
    settle: asyncio.TimerHandle | None = None
    limit: asyncio.TimerHandle | None = None


class PhoneTests:
    """Every test call since the start, the last :data:`KEPT` of them.

    ``settle_s``: how long one event of the end waits for the other one, which may come before or after it. ``limit_s``:
    how long after its ringing time a test call of which nothing is heard counts as lost.
    """

    def __init__(
        self,
        engine: Engine,
        pbx: PhoneTester,
        clock: Clock,
        *,
        ring_s: float = RING_S,
        settle_s: float = 2.0,
        limit_s: float = 20.0,
    ) -> None:
        self._engine = engine
        self._pbx = pbx
        self._clock = clock
        self._ring_s, self._settle_s, self._limit_s = ring_s, settle_s, limit_s
        self._tests: dict[str, PhoneTest] = {}
        self._live: dict[str, _Live] = {}
        self._hearers: list[Hearer] = []
        self._stopping: set[asyncio.Task[None]] = set()
        pbx.hear_tests(self._hear)
        engine.on_committed(self._committed)

    def on_change(self, hearer: Hearer) -> None:
        """Call ``hearer`` with every test call that begins or changes."""
        self._hearers.append(hearer)

    def recent(self) -> list[PhoneTest]:
        """Newest first."""
        return list(reversed(self._tests.values()))

    def test(self, name: str) -> PhoneTest:
        """One of them as it stands. Raises ``NotFound``."""
        try:
            return self._tests[name]
        except KeyError:
            raise NotFound(f"there is no test call {name}; those of before a restart are forgotten") from None

    async def begin(self, extension: str, by: str) -> PhoneTest:
        """Ring ``extension``, a whole dial string.

        Raises ``PhoneInUse`` when somebody is on it or may be at any moment, ``PhoneOutside`` and ``PhoneTested`` (all
        are a ``Conflict``), and ``LinkDown`` without a PBX.
        """
        self._may(extension)
        phone = await self._pbx.phone(extension)
        if phone.in_use:
            raise PhoneInUse(f"{extension} is in use just now; test it when nobody talks on it.")
        agents = self._may(extension)  # the PBX took a moment to answer
        owner = agents[0].number if agents else None
        test = PhoneTest(callid.for_test(), extension, by, self._clock.now(), agent=owner, phone=phone)
        live = self._live[test.id] = _Live(test)
        self._tests[test.id] = test
        live.limit = asyncio.get_running_loop().call_later(self._ring_s + self._limit_s, self._end, live)
        try:
            await self._pbx.ring(test.id, extension, self._ring_s)
        except BaseException:
            live.limit.cancel()
            del self._live[test.id], self._tests[test.id]
            raise
        self._say(live.test)
        return live.test

    async def stop(self, name: str) -> PhoneTest:
        """Hang it up; one that is over stays as it is. Raises ``NotFound`` and ``LinkDown``."""
        test = self.test(name)
        live = self._live.get(name)
        if live is not None:
            await self._pbx.hang_up(name)
            live.evidence.cancelled = not live.evidence.answered
        return test

    def _may(self, extension: str) -> list[Agent]:
        wanted = phones_in(extension)
        if any(wanted & phones_in(each.test.extension) for each in self._live.values()):
            raise PhoneTested(f"{extension} is being tested already.")
        if len(self._live) >= MOST_AT_ONCE:
            raise PhoneTested(f"{MOST_AT_ONCE} test calls are under way; wait until one of them is over.")
        state = self._engine.state
        return model.refuse(extension, state.agents.values(), state.config.phones)

    def _hear(self, message: PbxMessage) -> None:
        if isinstance(message, LinkLost):
            for live in list(self._live.values()):
                self._end(live, Finding.LOST)
        elif isinstance(message, CallEvent) and (tested := self._live.get(message.attempt)) is not None:
            self._take(tested, message)

    def _take(self, live: _Live, event: CallEvent) -> None:
        gather(live.evidence, event)
        e, test = live.evidence, live.test
        changed = replace(
            test,
            ringing_at=test.ringing_at or (event.at if e.ringing else None),
            answered_at=test.answered_at or (event.at if e.answered else None),
            cause=e.cause,
            sip=e.sip,
            text=test.text or event.text,
        )
        if changed != test:
            live.test = changed
            self._say(changed)
        if e.complete:
            self._end(live)
        elif live.settle is None and e.settling:
            live.settle = asyncio.get_running_loop().call_later(self._settle_s, self._end, live)

    def _end(self, live: _Live, finding: Finding | None = None) -> None:
        for timer in (live.settle, live.limit):
            if timer is not None:
                timer.cancel()
        del self._live[live.test.id]
        found = finding or model.judge(live.evidence, live.test.phone)
        live.test = replace(live.test, ended_at=self._clock.now(), finding=found)
        self._say(live.test)

    def _say(self, test: PhoneTest) -> None:
        self._tests[test.id] = test
        while len(self._tests) > KEPT:
            del self._tests[next(iter(self._tests))]
        for hearer in self._hearers:
            hearer(test)

    def _committed(self, changes: Changes, _now: datetime) -> None:
        """An agent begins to work: their phone is let go."""
        if not self._live:
            return
        for agent in changes.agents:
            if model.is_free(agent):
                continue
            for live in self._live.values():
                if phones_in(live.test.extension) & phones_in(agent.extension):
                    task = asyncio.create_task(self._let_go(live.test.id), name="phone-test-stop")
                    self._stopping.add(task)
                    task.add_done_callback(self._stopping.discard)

    async def _let_go(self, name: str) -> None:
        with contextlib.suppress(LinkDown):  # then the call ends by itself, and no customer can be called either
            await self.stop(name)
