"""The dialer as a process of its own, whose processor time and memory are measured from outside."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dialer.demo.launcher import RUN, START_S, Launched
from dialer.errors import DialerError
from tests.bench.ground import Place

_QUIET_S = 0.03  # of processor time in half a second
_TICKS = os.sysconf("SC_CLK_TCK")


class Running(Launched):
    """A service that is measured."""

    @property
    def database(self) -> Path:
        """Its books."""
        return self.data / "dialer.sqlite3"

    def cpu_s(self) -> float:
        """Processor time so far, in seconds, of all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self, what: str = "VmRSS") -> float:
        """Resident memory in MB (10^6 bytes): "VmRSS" now, "VmHWM" the most so far."""
        return memory_mb(self.pid, what)

    async def settled(self) -> None:
        """Wait until it has done what a start leaves for later. Raises ``TimeoutError``."""
        async with asyncio.timeout(START_S):
            before, used = self.cpu_s(), _QUIET_S
            while used >= _QUIET_S:
                self.alive()
                await asyncio.sleep(0.5)
                before, used = self.cpu_s(), self.cpu_s() - before


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """A line of ``/proc/<pid>/status``, which counts in KiB, as MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise DialerError(f"/proc/{pid}/status has no line {what}")


@asynccontextmanager
async def running(place: Place, *command: str) -> AsyncIterator[Running]:
    """A service that listens; ended in order after it. ``command``: what Python runs instead of it."""
    service = Running(place.config, command or RUN)
    async with service.running():
        yield service
