"""Faults of the rig around the dialer's files: its database, its disk, the recordings, and the machine's clock."""

from __future__ import annotations

import asyncio
import random
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from tests.faults.rig.scene import Scene, Skipped, last

_HOUR_S = 3600.0
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
        await last(luck, 1.0, 9.0)


async def slow_disk(s: Scene, luck: random.Random) -> None:
    """Every write waits."""
    ends = time.monotonic() + luck.uniform(3.0, 6.0)
    while time.monotonic() < ends:
        with _locked(s.dialer.settings.database):
            await last(luck, 0.2, 0.6)
        await last(luck, 0.02, 0.2)


async def disk_full(s: Scene, luck: random.Random) -> None:
    """No file of the dialer's can grow, and nothing can be written behind its first page."""
    pid = s.dialer.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, most))
    try:
        await last(luck, 2.0, 6.0)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


async def database_read_only(s: Scene, luck: random.Random) -> None:
    """Neither database nor journal can be written, whoever has them open (needs root and a file system like ext4)."""
    files = [Path(f"{s.dialer.settings.database}{end}") for end in ("", "-wal")]
    try:
        if why := await _immutable(files, True):
            raise Skipped(f"database made read-only: {why}")
        await last(luck, 2.0, 6.0)
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
        await last(luck, 2.0, 6.0)
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


async def clock_forward(s: Scene, luck: random.Random) -> None:
    """The dialer's clock is set an hour ahead, and right again later."""
    await _stepped(s, luck, _HOUR_S)


async def clock_back(s: Scene, luck: random.Random) -> None:
    """The dialer's clock is set back by an hour, and right again later."""
    await _stepped(s, luck, -_HOUR_S)


async def _stepped(s: Scene, luck: random.Random, offset_s: float) -> None:
    s.hand.step(offset_s)
    try:
        await last(luck, 4.0, 12.0)
    finally:
        s.hand.step(0.0)
