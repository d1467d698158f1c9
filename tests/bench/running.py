"""The dialer as a process of its own: started, watched from outside, ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dialer.errors import DialerError
from tests.bench.ground import Place

RUN = ("-m", "dialer", "run")
_START_S = 60.0
_QUIET_S = 0.03  # of processor time in half a second
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Running:
    """A service that runs. ``began`` is ``time.time()`` just before its process was made."""

    place: Place
    process: asyncio.subprocess.Process
    began: float

    @property
    def url(self) -> tuple[str, int]:
        """Host and port of its HTTP API."""
        told = json.loads((self.place.settings.data / "service.json").read_text(encoding="utf-8"))
        host, _, port = str(told["url"]).removeprefix("http://").rpartition(":")
        return host, int(port)

    @property
    def token(self) -> str:
        """The token of the command line."""
        return (self.place.settings.data / "cli.token").read_text(encoding="utf-8").strip()

    def cpu_s(self) -> float:
        """Processor time so far, in seconds, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self, what: str = "VmRSS") -> float:
        """Resident memory in MB (10^6 bytes): "VmRSS" now, "VmHWM" the most so far."""
        return memory_mb(self.process.pid, what)

    def alive(self) -> None:
        """Raises ``DialerError`` when it has ended."""
        if self.process.returncode is not None:
            raise DialerError(f"the service ended by itself:\n{last_words(self.place)}")

    async def announced(self) -> None:
        """Wait until it listens."""
        where = self.place.settings.data / "service.json"
        async with asyncio.timeout(_START_S):
            while not where.exists():
                self.alive()
                await asyncio.sleep(0.01)

    async def settled(self) -> None:
        """Wait until it has done what a start leaves for later. Raises ``TimeoutError``."""
        async with asyncio.timeout(_START_S):
            before, used = self.cpu_s(), _QUIET_S
            while used >= _QUIET_S:
                self.alive()
                await asyncio.sleep(0.5)
                before, used = self.cpu_s(), self.cpu_s() - before

    async def kill(self) -> None:
        """kill -9."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """A line of ``/proc/<pid>/status``, which counts in KiB, as MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise DialerError(f"/proc/{pid}/status has no line {what}")


def last_words(place: Place) -> str:
    """The end of its log."""
    return (place.folder / "dialer.log").read_text(encoding="utf-8", errors="replace")[-2000:]


async def launch(place: Place, command: tuple[str, ...] = RUN) -> Running:
    """Start it; returns at once."""
    (place.settings.data / "service.json").unlink(missing_ok=True)
    with (place.folder / "dialer.log").open("ab") as log:
        began = time.time()
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env={**os.environ, "DIALER_CONFIG": str(place.config)}, stdout=log, stderr=log
        )
    return Running(place, process, began)


@asynccontextmanager
async def running(place: Place, command: tuple[str, ...] = RUN) -> AsyncIterator[Running]:
    """A service that listens; ended in order after it."""
    it = await launch(place, command)
    try:
        await it.announced()
        yield it
    finally:
        await end(it)


async def end(it: Running) -> None:
    """SIGTERM, and SIGKILL when that does not do."""
    if it.process.returncode is None:
        it.process.terminate()
        try:
            async with asyncio.timeout(15):
                await it.process.wait()
        except TimeoutError:
            await it.kill()
