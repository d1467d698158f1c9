"""The faults of the rig, one function each: it begins, lasts a while that luck decides, and ends before it returns."""

from __future__ import annotations

import asyncio
import random
import resource
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dialer.faults.rig_check import Audit
from dialer.faults.rig_clock import Hand
from dialer.faults.rig_line import Line
from dialer.faults.rig_people import Desk, NotNow, People
from dialer.faults.rig_platform import Mood, Platform
from dialer.faults.rig_service import RunningDialer
from dialer.rehearsal.rig.process import PrivateAsterisk
from dialer.rehearsal.rig.rig import Rig

HOUR_S = 3600.0
_WAIT_S = 30.0
# FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_IMMUTABLE_FL of linux/fs.h
_MARK = """
import fcntl, os, struct, sys
for name in sys.argv[2:]:
    handle = os.open(name, os.O_RDONLY)
    (flags,) = struct.unpack("l", fcntl.ioctl(handle, 0x80086601, struct.pack("l", 0)))
    wanted = flags | 0x10 if sys.argv[1] == "1" else flags & ~0x10
    if wanted != flags:
        fcntl.ioctl(handle, 0x40086602, struct.pack("l", wanted))
"""


@dataclass(slots=True)
class Scene:
    """Everything that can be broken, and those who notice."""

    rig: Rig
    dialer: RunningDialer
    line: Line
    platform: Platform
    desk: Desk
    people: People
    hand: Hand
    audit: Audit
    skipped: set[str] = field(default_factory=set)
    """Faults that this machine does not let us make, with why."""


Fault = Callable[[Scene, random.Random], Awaitable[None]]


async def _for(luck: random.Random, least: float, most: float) -> None:
    """Let it last."""
    await asyncio.sleep(luck.uniform(least, most))


async def _until(condition: Callable[[], bool], what: str, timeout_s: float = _WAIT_S) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            while not condition():  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError(f"{what}: not within {timeout_s:g} s") from None


# -- processes -----------------------------------------------------------------------------------


async def dialer_killed(s: Scene, luck: random.Random) -> None:
    """kill -9 of the dialer, and a new one."""
    await s.dialer.kill()
    await _for(luck, 0.0, 2.0)
    await s.dialer.start(60)


async def dialer_killed_again_and_again(s: Scene, luck: random.Random) -> None:
    """It dies three times, also while it is still starting."""
    for _ in range(3):
        await s.dialer.kill()
        await s.dialer.spawn()
        await _for(luck, 0.05, 1.5)
    await s.dialer.kill()
    await s.dialer.start(60)


async def office_killed(s: Scene, luck: random.Random) -> None:
    """kill -9 of the office's Asterisk, and a new one."""
    await s.rig.office.kill()
    await _for(luck, 0.0, 3.0)
    await s.rig.office.start(60)


async def office_stands_still(s: Scene, luck: random.Random) -> None:
    """SIGSTOP of the office's Asterisk."""
    await _frozen(s.rig.office, luck)


async def carrier_killed(s: Scene, luck: random.Random) -> None:
    """kill -9 of the carrier: every phone is dead at once, and its records of the calls that were up are lost."""
    s.audit.carrier_died.append(time.time())
    await s.rig.carrier.kill()
    await _for(luck, 0.0, 3.0)
    await s.rig.carrier.start(60)


async def carrier_stands_still(s: Scene, luck: random.Random) -> None:
    """SIGSTOP of the carrier: dead silence on the trunk."""
    since = time.time()
    await _frozen(s.rig.carrier, luck)
    s.audit.carrier_stood_still.append((since, time.time()))


async def _frozen(asterisk: PrivateAsterisk, luck: random.Random) -> None:
    asterisk.freeze()
    try:
        await _for(luck, 2.0, 5.0)
    finally:
        asterisk.thaw()


# -- the line to the PBX -------------------------------------------------------------------------


async def line_cut(s: Scene, luck: random.Random) -> None:
    """The connection is reset, new ones are refused for a while."""
    s.line.cut()
    await _for(luck, 0.0, 4.0)
    await s.line.mend()


async def line_stalled(s: Scene, luck: random.Random) -> None:
    """Nothing passes for a while; then all of it comes at once, late."""
    s.line.stall()
    try:
        await _for(luck, 0.5, 6.0)
    finally:
        s.line.flow()


async def line_half_open(s: Scene, luck: random.Random) -> None:  # noqa: ARG001 - it lasts until it is noticed
    """What the PBX says is lost and what the dialer says is not, until the dialer notices and connects anew."""
    before = s.line.connections
    s.line.go_deaf()
    await _until(lambda: bool(s.line.connections - before), "the dialer connects anew")


async def line_closed_on_one_side(s: Scene, luck: random.Random) -> None:  # noqa: ARG001 - likewise
    """The PBX's side is closed; what the dialer says would still go through."""
    before = s.line.connections
    s.line.half_close()
    await _until(lambda: bool(s.line.connections - before), "the dialer connects anew")


async def line_cut_between_two_bytes(s: Scene, luck: random.Random) -> None:
    """The line breaks behind any byte of an action or an event."""
    s.line.cut_after(luck.randrange(1, 900), from_pbx=luck.random() < 0.5)
    try:
        async with asyncio.timeout(_WAIT_S):
            await s.line.broken.wait()
    except TimeoutError:
        s.line.cut()
    await _for(luck, 0.0, 1.0)
    await s.line.mend()


async def line_cut_in_an_originate(s: Scene, luck: random.Random) -> None:
    """The line breaks at any byte of an Originate."""
    s.line.cut_at(1, luck.choice((luck.randrange(1, 250), luck.randrange(-60, 0), None)))
    try:
        async with asyncio.timeout(_WAIT_S):
            await s.line.broken.wait()
    except TimeoutError:
        s.line.cut()
    await _for(luck, 0.0, 1.0)
    await s.line.mend()


# -- the disk ------------------------------------------------------------------------------------


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    """Another program holds the database."""
    with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


async def database_locked(s: Scene, luck: random.Random) -> None:
    """Another program writes to the database and takes its time."""
    with _locked(s.dialer.settings.database):
        await _for(luck, 1.0, 9.0)


async def slow_disk(s: Scene, luck: random.Random) -> None:
    """Every write waits."""
    ends = time.monotonic() + luck.uniform(3.0, 6.0)
    while time.monotonic() < ends:
        with _locked(s.dialer.settings.database):
            await _for(luck, 0.2, 0.6)
        await _for(luck, 0.02, 0.2)


async def disk_full(s: Scene, luck: random.Random) -> None:
    """No file of the dialer's can grow, and nothing can be written behind its first page."""
    if s.dialer.process is None:
        return
    pid = s.dialer.process.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, most))
    try:
        await _for(luck, 2.0, 6.0)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


async def database_read_only(s: Scene, luck: random.Random) -> None:
    """Neither database nor journal can be written, whoever has them open (needs root and a file system like ext4)."""
    files = [Path(f"{s.dialer.settings.database}{end}") for end in ("", "-wal")]
    try:
        if why := await _immutable(files, True):
            s.skipped.add(f"database made read-only: {why}")
        await _for(luck, 2.0, 6.0)
    finally:
        await _immutable(files, False)


async def _immutable(files: Sequence[Path], wanted: bool) -> str:
    """Set or clear the file system's own mark, which holds for root and for open files too; "" or why it cannot be.

    In a process of its own: whoever closes a file loses all locks on it, and SQLite's in this process with them
    (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", _MARK, str(int(wanted)), *map(str, files),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    return said.decode().strip().rpartition("\n")[2] if process.returncode else ""


async def recordings_vanish(s: Scene, luck: random.Random) -> None:
    """The PBX's recording folders are gone, as when their disk is not mounted, and come back."""
    folder = s.rig.recordings.spool.parent
    away = folder.with_name("recordings-away")
    folder.rename(away)
    try:
        await _for(luck, 2.0, 6.0)
    finally:
        _back(folder, away)


def _back(folder: Path, away: Path) -> None:
    """What the PBX has written meanwhile into folders that it made itself is put with the rest."""
    if folder.exists():
        meanwhile = folder.with_name("recordings-meanwhile")
        folder.rename(meanwhile)
        away.rename(folder)
        for file in (f for f in meanwhile.rglob("*") if f.is_file()):
            file.replace(folder / file.relative_to(meanwhile))
        for rest in sorted(meanwhile.rglob("*"), reverse=True):
            rest.rmdir()
        meanwhile.rmdir()
    else:
        away.rename(folder)


# -- the clock -----------------------------------------------------------------------------------


async def clock_forward(s: Scene, luck: random.Random) -> None:
    """The dialer's clock is set an hour ahead, and right again later."""
    await _stepped(s, luck, HOUR_S)


async def clock_back(s: Scene, luck: random.Random) -> None:
    """The dialer's clock is set back by an hour, and right again later."""
    await _stepped(s, luck, -HOUR_S)


async def _stepped(s: Scene, luck: random.Random, offset_s: float) -> None:
    s.hand.step(offset_s)
    try:
        await _for(luck, 4.0, 12.0)
    finally:
        s.hand.step(0.0)


# -- the outside world ---------------------------------------------------------------------------


async def trunk_refuses_all(s: Scene, luck: random.Random) -> None:
    """The carrier refuses every call."""
    await s.rig.refuse_calls(luck.choice((503, 500, 403)))
    try:
        await _for(luck, 4.0, 8.0)
    finally:
        await s.rig.refuse_calls(None)


async def phone_never_answers(s: Scene, luck: random.Random) -> None:
    """An agent's phone rings and rings; the agent is paused, and comes back when the phone is mended.

    When no customer of theirs is due meanwhile, nothing happens.
    """
    number = luck.choice(sorted(s.people.agents))
    s.people.hands_off.add(number)
    try:
        await _phone(s, number, s.rig.dead_extension)
        ends = time.monotonic() + _WAIT_S
        while time.monotonic() < ends and (await _presence(s, number)) != "paused":  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.3)
    finally:
        await _phone(s, number, s.people.agents[number])
        s.people.hands_off.discard(number)


async def _phone(s: Scene, agent: str, extension: str) -> None:
    body = {"extension": extension, "name": agent, "team": "一组"}
    async with asyncio.timeout(_WAIT_S):
        while True:
            try:
                await s.desk.send("PUT", f"agents/{agent}", body)
            except NotNow:
                await asyncio.sleep(0.5)
            else:
                return


async def _presence(s: Scene, agent: str) -> str:
    try:
        return str((await s.desk.get(f"agents/{agent}/presence"))["presence"])
    except NotNow:
        return ""


async def platform_killed(s: Scene, luck: random.Random) -> None:
    """The info platform dies and comes back."""
    await s.platform.die()
    await _for(luck, 1.0, 6.0)
    await s.platform.start()


def _platform_is(mood: Mood) -> Fault:
    async def platform_is(s: Scene, luck: random.Random) -> None:
        s.platform.mood = mood
        try:
            await _for(luck, 3.0, 8.0)
        finally:
            s.platform.mood = Mood.WELL
        await s.people.resend_notices()

    return platform_is


FAULTS: dict[str, Fault] = {
    "dialer killed": dialer_killed,
    "dialer killed while starting": dialer_killed_again_and_again,
    "office Asterisk killed": office_killed,
    "office Asterisk stands still": office_stands_still,
    "carrier killed": carrier_killed,
    "carrier stands still": carrier_stands_still,
    "platform killed": platform_killed,
    "AMI line cut": line_cut,
    "AMI line stalled": line_stalled,
    "AMI line half open": line_half_open,
    "AMI line closed on one side": line_closed_on_one_side,
    "AMI line cut between two bytes": line_cut_between_two_bytes,
    "AMI line cut in an Originate": line_cut_in_an_originate,
    "database locked": database_locked,
    "disk slow": slow_disk,
    "disk full": disk_full,
    "database made read-only": database_read_only,
    "recording folder vanishes": recordings_vanish,
    "clock an hour ahead and right again": clock_forward,
    "clock an hour back and right again": clock_back,
    "trunk refuses everything": trunk_refuses_all,
    "an agent's phone never answers": phone_never_answers,
    "platform slow": _platform_is(Mood.SLOW),
    "platform answers garbage": _platform_is(Mood.GARBAGE),
    "platform redirects": _platform_is(Mood.REDIRECTS),
    "platform does not acknowledge": _platform_is(Mood.SILENT),
    "platform broken (500)": _platform_is(Mood.BROKEN),
}
"""By the name in the report."""
