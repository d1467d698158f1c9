"""The simulated PBX behind the async port, on the real clock: it speaks when it has something to say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from dialer.callid import is_test
from dialer.campaign.changes import Place
from dialer.campaign.messages import OwnerTold
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.ports import PbxSink
from dialer.clock import Clock
from tests.virtual.fates import World
from tests.virtual.simulated import SimulatedPbx
from tests.virtual.simulated_port import route


class LivePbx:
    """:class:`~dialer.campaign.ports.Pbx` over a :class:`SimulatedPbx`."""

    def __init__(self, world: World, clock: Clock, sink: PbxSink) -> None:
        self.simulated = SimulatedPbx(world, clock.now())
        self._clock = clock
        self._sink = sink
        self._tests: PbxSink | None = None
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._do(lambda: self.simulated.restore(self._clock.now()))
        self._task = asyncio.create_task(self._run(), name="simulated-pbx")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def originate(self, order: Place) -> None:
        self._do(lambda: self.simulated.place(order, self._clock.now()))

    async def hang_up(self, attempt: str) -> None:
        scope = self.simulated.phones if is_test(attempt) else self.simulated
        self._do(lambda: scope.hang_up(attempt, self._clock.now()))

    def take_over(self) -> None:
        self._sink(OwnerTold(self._clock.now(), ours=True))

    async def follow_phones(self, devices: Sequence[str]) -> None:
        self._do(lambda: self.simulated.phones.follow(devices, self._clock.now()))

    def hear_tests(self, sink: PbxSink) -> None:
        self._tests = sink

    async def phone(self, extension: str) -> PhoneState:
        return self.simulated.phones.state(extension)

    async def ring(self, test: str, extension: str, timeout_s: float) -> None:
        self._do(lambda: self.simulated.phones.ring(test, extension, timeout_s, self._clock.now()))

    async def survey(self) -> None:
        self._do(lambda: self.simulated.survey(self._clock.now()))

    def cut(self) -> None:
        """Lose the link."""
        self._do(lambda: self.simulated.cut(self._clock.now()))

    def _do(self, what: Callable[[], None]) -> None:
        try:
            what()
        finally:
            self._asked.set()

    async def _run(self) -> None:
        while True:
            self._asked.clear()
            now = self._clock.now()
            for message in self.simulated.advance(now):
                route(message, self._sink, self._tests)
            due = self.simulated.next_time()
            try:
                async with asyncio.timeout(None if due is None else max((due - now).total_seconds(), 0.0)):
                    await self._asked.wait()
            except TimeoutError:
                pass  # something is due
