"""The soak on the rig: real office and carrier, the dialer as a process, a department at work, one fault after another.

The seed decides which faults come in which order, when each comes and how long it lasts. What a running system makes
of it is not the same twice to the millisecond, so a replay walks the same road and not in the same footsteps.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer.demo.client import ApiError, Client
from dialer.demo.rig.acquire import acquire
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.rig import Rig
from dialer.errors import DialerError
from tests.faults.report import Goal, Injection, Outcome, Violation
from tests.faults.requests.beside import Beside
from tests.faults.rig.check import Audit, Broken, Records, Wire
from tests.faults.rig.clock import OFFSET_FILE, Hand, SteppedClock
from tests.faults.rig.faults import FAULTS
from tests.faults.rig.inflight import in_flight
from tests.faults.rig.people import People
from tests.faults.rig.platform import a_platform
from tests.faults.rig.rows import Rows
from tests.faults.rig.scene import Scene, Skipped, stopped
from tests.kit.launcher import UNMEASURED, RunningDialer
from tests.kit.line import line_to
from tests.kit.settings import quick_settings
from tests.notices.platform import SECRET

CACHE = Path("var/cache")
GAP_S = 8.0
"""Between two calls to a number; longer than any fault delays a call, so that books and records can be compared."""
AGENTS = 8
SPEED = RigSpeed(ring_s=0.3, talk_s=2.0, ring_limit_s=8.0, patience_s=9.0, phone_ring_s=0.2, phone_talk_s=3.0)
_NEXT_CALL_S = 60.0
_DRAIN_S = 240.0
_SHORTEST_WITH_GOALS = 2.0  # minutes


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault to come: its name, the seconds before it, and the seed of its own luck."""

    fault: str
    after_s: float
    seed: int


def plan(seed: int) -> Iterator[Planned]:
    """Faults without end: every kind once in random order, then again in another."""
    luck = random.Random(seed)
    while True:
        for name in luck.sample(sorted(FAULTS), len(FAULTS)):
            yield Planned(name, luck.uniform(1.0, 5.0), luck.getrandbits(32))


@dataclass(slots=True)
class Soak:
    """One run."""

    scene: Scene
    seed: int
    say: Callable[[str], None]
    injections: list[Injection] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=4))

    async def play(self, minutes: float) -> None:
        """Inject until the time is over, then let everything come to rest, and judge it all."""
        ends = time.monotonic() + minutes * 60
        for planned in plan(self.seed):
            if time.monotonic() + planned.after_s > ends:
                break
            await asyncio.sleep(planned.after_s)
            await self._whatever_happens(self._inject(planned))
        await self._whatever_happens(self._drain(_DRAIN_S if minutes >= _SHORTEST_WITH_GOALS else 0.0))
        await self._whatever_happens(self._look(final=True))

    async def _whatever_happens(self, work: Coroutine[None, None, None]) -> None:
        """An hour of findings is not thrown away because something broke that nobody thought of: that is one more."""
        try:
            await work
        except (TimeoutError, DialerError, OSError, sqlite3.Error) as error:
            self._broken(Broken("9", f"{self.last[-1] if self.last else 'at first'}: {error!r}"))

    async def _inject(self, planned: Planned) -> None:
        s, rows = self.scene, Rows(self.scene.dialer.settings.database)
        self.last.append(planned.fault)
        at, line = datetime.now(UTC), rows.last_line()
        s.begin()
        try:
            await FAULTS[planned.fault](s, random.Random(planned.seed))
        except Skipped as why:
            s.skipped.add(str(why))
            self.say(f"not injected: {why}")
            return
        except (TimeoutError, DialerError) as error:
            self._broken(Broken("9", f"{planned.fault}: {error}"))
        ended = s.over_at or time.monotonic()
        await self._alive()
        recovered = await self._next_call(planned.fault, ended, rows)
        told = (*(f"alarm: {key}" for key in dict.fromkeys(rows.alarms_since(line))), *s.people.told)
        self.injections.append(Injection(planned.fault, at, recovered, told))
        shown = "nobody was due" if recovered is None else f"next call after {recovered:.2f} s"
        self.say(f"{len(self.injections)}. {planned.fault}: {shown}; {', '.join(told) or 'nothing was told'}")
        await self._look()

    async def _next_call(self, fault: str, ended: float, rows: Rows) -> float | None:
        """Seconds from the fault's end to the next Originate on the wire."""
        deadline = time.monotonic() + _NEXT_CALL_S
        while time.monotonic() < deadline:
            if (last := self.scene.audit.wire.last) > ended:
                return last - ended
            await asyncio.sleep(0.02)
        if rows.waiting() == 0:
            return None
        try:
            progress = await self.scene.client.get("progress")
            seen = {key: progress[key] for key in ("link_up", "dialling", "paused", "trunks", "alarms", "visits")}
            seen["agents"] = [(a["number"], a["presence"], a["attempt"]) for a in progress["agents"]]
        except ApiError as error:
            seen = {"service": str(error)}
        self._broken(Broken("9", f"{fault}: no call within {_NEXT_CALL_S:g} s although customers wait: {seen}"))
        return None

    async def _alive(self) -> None:
        """Nothing may end the dialer but we; whoever watches services starts it again."""
        if (code := self.scene.dialer.exit_code) is not None:
            self._broken(Broken("9", f"the dialer ended by itself ({code}): {self.scene.dialer.last_words()[-1500:]}"))
            await self.scene.dialer.start(60)

    async def _look(self, *, final: bool = False) -> None:
        for words in stopped(self.scene.working):
            self._broken(Broken("9", f"nobody goes on with the department's work: {words}"))
        for each in await self.scene.audit.look(final=final):
            self._broken(each)

    def _broken(self, broken: Broken) -> None:
        self.violations.append(Violation(broken.invariant, broken.what, faults=tuple(self.last)))
        self.say(f"VIOLATED {broken.invariant}: {broken.what}")

    async def _drain(self, longest_s: float) -> None:
        """Call until nobody is left, or for that long; then everything must have come in and gone out."""
        s, rows = self.scene, Rows(self.scene.dialer.settings.database)
        s.people.importing = False
        self.say("no more faults: the lists are called to their ends")
        try:
            async with asyncio.timeout(longest_s):
                while rows.left() or rows.live():  # noqa: ASYNC110 - it happens in another process
                    await asyncio.sleep(0.5)
        except TimeoutError:
            if longest_s:
                self.say(f"a person withdraws who still waits after failures of our own: {rows.left()}")
                if forgotten := rows.overdue(datetime.now(UTC) - timedelta(seconds=_NEXT_CALL_S)):
                    self._broken(Broken("9", f"these visits are due and nobody calls them: {forgotten}"))
            await self._withdraw(rows)
        try:
            async with asyncio.timeout(90):
                while rows.unrecorded() or rows.unreported() or rows.live():
                    await asyncio.sleep(3)
                    await s.people.resend_notices()
        except TimeoutError:
            self._broken(Broken("8", f"not delivered when all was well again: {rows.unreported()[:20]}"))
            self._broken(
                Broken("7", f"{rows.unrecorded()} conversations without a recording or a row; {rows.live()} live")
            )
        await s.rig.carrier.idle(60)
        acknowledged, known = set(s.platform.acknowledged), rows.notices()
        for name in sorted(known - acknowledged):
            self._broken(Broken("8", f"notice {name} is delivered by the books, and the platform does not know it"))
        for name in sorted(acknowledged - known):
            self._broken(Broken("8", f"the platform has a notice {name} that is not in the books"))
        for where, how in s.beside.sender.wrong.items():
            self._broken(Broken("9", f"a request found a defect: {where} {how}"))
        for order in sorted(s.people.orders - rows.orders()):
            self._broken(Broken("9", f"order {order} was acknowledged to the order system and is lost"))
        if await s.dialer.stop() != 0:
            self._broken(Broken("9", f"the dialer did not end in order: {s.dialer.last_words()[-1500:]}"))

    async def _withdraw(self, rows: Rows) -> None:
        """Take everybody who is left off the list; who is reached in this very moment needs it no more."""
        ends = time.monotonic() + _NEXT_CALL_S
        while (left := rows.left()) and time.monotonic() < ends:
            for visit, _ in left:
                with suppress(ApiError):
                    await self.scene.client.send("POST", f"visits/{visit}/withdraw", {"reason": "the soak ends"})
            await asyncio.sleep(0.5)
        if left:
            self._broken(Broken("9", f"these could not be withdrawn: {left}"))

    def checked(self) -> tuple[str, ...]:
        """What was looked at, in words."""
        s, rows = self.scene, Rows(self.scene.dialer.settings.database)
        recordings = ", ".join(f"{n} {state}" for state, n in sorted(rows.recordings().items()))
        return (
            f"{s.audit.wire.count:,} calls on the wire to the PBX, {s.audit.attempts_seen:,} in the books",
            f"{s.audit.records.count:,} calls on the carrier's records",
            f"{s.people.lists} lists of customers, {len(s.audit.lists_over)} called to their ends",
            f"recordings: {recordings}",
            f"{len(s.platform.acknowledged):,} notices acknowledged in {len(s.platform.received):,} requests",
            f"{s.people.results:,} results and {len(s.people.orders):,} orders entered",
            s.beside.said(),
            f"the dialer was started {s.dialer.starts} times",
            *(f"not injected: {why}" for why in sorted(s.skipped)),
        )


@asynccontextmanager
async def _scene(folder: Path, build: AsteriskBuild, seed: int) -> AsyncIterator[Scene]:
    async with (
        Rig(folder / "rig", build, phones=AGENTS, speed=SPEED) as rig,
        line_to(rig.ami.port) as line,
        a_platform() as platform,
    ):
        to_platform = {
            "url": platform.url, "secret": SECRET, "retry_first_s": 0.3, "timeout_s": 2, "require_ack": True,
        }  # fmt: skip
        config = quick_settings(
            folder / "dialer.toml", rig, rule={"gap_s": GAP_S}, pbx={"port": line.port}, platform=to_platform
        )
        run = ("-m", "tests.faults.rig.clock")
        dialer = RunningDialer(config, run, env={OFFSET_FILE: str(folder / "clock")}, hidden=UNMEASURED)
        dialer.data.mkdir(parents=True)
        hand = Hand(SteppedClock(folder / "clock"))
        await dialer.start(60)
        client, wire = Client(dialer.data, timeout_s=8), Wire(dialer.settings.database)
        agents = {f"{n:03}": extension for n, extension in enumerate(rig.extensions)}
        people = People(client, agents, random.Random(seed))
        beside = Beside(client, dialer.data, random.Random(seed))
        audit = Audit(dialer.settings, Records(rig.carrier_cdr), wire, hand, people.imported)
        line.on_originate = wire.originate
        await people.prepare()
        working = {
            asyncio.create_task(each, name=f"people-{n}")
            for n, each in enumerate((people.work(), people.watch(), beside.work()))
        }
        try:
            yield Scene(rig, dialer, line, platform, client, people, beside, hand, audit, working=working)
        finally:
            for task in working:
                task.cancel()
            if working:
                await asyncio.wait(working)
            await dialer.kill()
            client.close()
            wire.close()


async def soak(minutes: float, seed: int, say: Callable[[str], None]) -> Outcome:
    """Break things for that long. Runs of two minutes and more also measure the goal with 200 calls in flight."""
    build = await asyncio.to_thread(acquire, CACHE.absolute(), say)  # noqa: ASYNC240 - a word about a path, no look at it
    replay = f"python -m tests.faults rig --minutes {minutes:g} --seed {seed}"
    with tempfile.TemporaryDirectory(prefix="dialer-soak-", ignore_cleanup_errors=True) as name:
        goals: tuple[Goal, ...] = ()
        if minutes >= _SHORTEST_WITH_GOALS:
            goals = await in_flight(Path(name) / "inflight", build, say)
        async with _scene(Path(name) / "soak", build, seed) as scene:
            run = Soak(scene, seed, say)
            try:
                await run.play(minutes)
                checked = run.checked()
            except BaseException:
                run.violations.append(Violation("9", "the soak broke off", faults=tuple(run.last)))
                raise
            finally:
                if run.violations:
                    _keep(Path(name) / "soak", say)
            return Outcome("rig", seed, replay, tuple(run.injections), tuple(run.violations), goals, checked)


def _keep(folder: Path, say: Callable[[str], None]) -> None:
    """Leave what is needed to find out: books, logs and records, without the recordings."""
    kept = Path("var") / f"soak-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("recordings", "run", "*.wav", "*.raw", "lib", "keys"))
    say(f"the books, logs and records of this run are kept in {kept}")
