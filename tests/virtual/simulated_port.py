"""The simulated PBX on the real clock, behind the port that the engine uses: a rehearsal without any Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress

from dialer.ami.lease import Lease, Owner
from dialer.ami.protocol import Fields
from dialer.callid import is_test
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent, LinkLost, OwnerTold, PbxMessage, named
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.ports import PbxSink
from dialer.clock import Clock
from dialer.errors import LinkDown
from tests.virtual.simulated import SimulatedPbx


class SimulatedPort:
    """:class:`~dialer.campaign.ports.Pbx` and ``PhoneTester`` over ``simulated``, which nobody else may advance.

    Messages go to ``sink`` from one task, in order, when their time has come by ``clock``. ``cut`` and
    ``restore`` are the faults of the link; those of the PBX are asked of ``simulated`` within :meth:`fault`.
    Several dialers may be at it, each with an ``owner``: then they share the link, and hear all of the same.
    """

    def __init__(
        self,
        simulated: SimulatedPbx,
        sink: PbxSink,
        clock: Clock,
        owner: Owner | None = None,
        others: list[SimulatedPort] | None = None,
    ) -> None:
        self.simulated = simulated
        self._all = [] if others is None else others
        self._lease = Lease("dialer", owner, self._owned) if owner else None
        self._keeping: asyncio.Task[None] | None = None
        self._taking: asyncio.Task[None] | None = None
        self._sink = sink
        self._tests: PbxSink | None = None
        self._clock = clock
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect: the first look is told as soon as the loop gets to it."""
        if self._lease is not None:
            await self._lease.look(self)
            self._keeping = asyncio.create_task(self._lease.keep(self), name="simulated-lease")
        self._all.append(self)
        self._task = asyncio.create_task(self._run(), name="simulated-pbx")
        if self.simulated.linked:
            await self.survey()
        else:
            self.restore()

    async def stop(self) -> None:
        """Say nothing any more. Calls go on in nobody's hearing."""
        for task in filter(None, (self._task, self._keeping, self._taking)):
            task.cancel()
            await asyncio.wait({task})
        if self._task is not None:
            self._all.remove(self)
        self._task = self._keeping = None

    async def originate(self, order: Place) -> None:
        """Place a call. Raises :class:`~dialer.errors.LinkDown`."""
        with self._acting():
            self.simulated.place(order, self._clock.now())

    async def hang_up(self, attempt: str) -> None:
        """End a call, if there is one. Raises :class:`~dialer.errors.LinkDown`."""
        with self._acting():
            (self.simulated.phones if is_test(attempt) else self.simulated).hang_up(attempt, self._clock.now())

    def take_over(self) -> None:
        """Own the PBX; nothing else than that is told where there is no other dialer."""
        if self._lease is None:
            self._sink(OwnerTold(self._clock.now(), ours=True))
        else:
            self._taking = asyncio.create_task(self._lease.take_over(self), name="simulated-take-over")

    async def ask(self, *headers: tuple[str, str]) -> Sequence[Fields]:
        """What a lease asks: a global variable, or that it be set."""
        asked = dict(headers)
        if "Value" in asked:
            self.simulated.variables[asked["Variable"]] = asked["Value"]
        return [{"Value": self.simulated.variables.get(asked["Variable"], "")}]

    def _owned(self, ours: bool, sign: str) -> None:
        self._sink(named(OwnerTold(self._clock.now(), ours, sign.partition(" ")[2], sign=sign), self.simulated.name))

    def _acting(self) -> AbstractContextManager[SimulatedPbx]:
        if self._lease is not None and not self._lease.ours:
            raise LinkDown(f"the dialer on {self._lease.machine} owns the PBX")
        return self.fault()

    async def follow_phones(self, devices: Sequence[str]) -> None:
        """Say how these phones are, and what becomes of them. Raises :class:`~dialer.errors.LinkDown`."""
        with self.fault():
            self.simulated.phones.follow(devices, self._clock.now())

    def hear_tests(self, sink: PbxSink) -> None:
        """Tell ``sink`` of test calls."""
        self._tests = sink

    async def phone(self, extension: str) -> PhoneState:
        """What is known of a phone. Raises :class:`~dialer.errors.LinkDown`."""
        return self.simulated.phones.state(extension)

    async def ring(self, test: str, extension: str, timeout_s: float) -> None:
        """Ring a phone for a test. Raises :class:`~dialer.errors.LinkDown`."""
        with self._acting():
            self.simulated.phones.ring(test, extension, timeout_s, self._clock.now())

    async def survey(self) -> None:
        """Ask which calls there are. Raises :class:`~dialer.errors.LinkDown`."""
        with self.fault():
            self.simulated.survey(self._clock.now())

    def cut(self) -> None:
        """Lose the link; calls go on."""
        with self.fault():
            self.simulated.cut(self._clock.now())

    def restore(self) -> None:
        """Let the link come back."""
        with self.fault():
            self.simulated.restore(self._clock.now())

    @contextmanager
    def fault(self) -> Iterator[SimulatedPbx]:
        """Do something to the PBX; what is due before that happens first, what it says of it is told afterwards."""
        self.tell()
        try:
            yield self.simulated
        finally:
            self._asked.set()

    def tell(self) -> None:
        """Say what has happened up to now."""
        for message in self.simulated.advance(self._clock.now()):
            for port in self._all or [self]:  # who was not started is asked for it all the same
                route(message, port._sink, port._tests)

    async def _run(self) -> None:
        while True:
            self._asked.clear()
            self.tell()
            due = self.simulated.next_time()
            wait = None if due is None else max((due - self._clock.now()).total_seconds(), 0.0)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._asked.wait()


def route(message: PbxMessage, calls: PbxSink, tests: PbxSink | None) -> None:
    """What is said of test calls goes to those who hear of them and to nobody else; a lost link to both."""
    tested = isinstance(message, CallEvent) and is_test(message.attempt)
    if not tested:
        calls(message)
    if tests is not None and (tested or isinstance(message, LinkLost)):
        tests(message)
