"""A ingester with everything around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from dialer.campaign.model.recording import Recording
from dialer.recording.ingester import Ingester
from tests.recording.records import MemoryRecords
from tests.recording.sounds import Alarms, Clock, config

A = "abc123-1-1-k3"


class Room:
    """A ingester with its folders, records, clock and alarms."""

    def __init__(self, root: Path, **settings: object) -> None:
        self.config = config(root, **settings)
        self.records = MemoryRecords()
        self.clock = Clock()
        self.alarms = Alarms()
        self.ingester = self.another_ingester()

    def another_ingester(self) -> Ingester:
        """As after a restart: nothing is remembered but files and records."""
        return Ingester(self.records, self.records, self.config, self.clock, self.alarms)

    def done(self, content: bytes, name: str = f"{A}.raw") -> Path:
        path = self.config.done / name
        path.write_bytes(content)
        return path

    def spool(self, content: bytes, name: str = f"{A}.raw") -> Path:
        path = self.config.spool / name
        path.write_bytes(content)
        return path

    def kept(self, name: str = A) -> Path:
        return self.config.library / "2026/11/23" / f"{name}.wav"

    def row(self) -> Recording:
        return self.records.recordings[A]

    def library(self) -> list[str]:
        """Every file of the library."""
        return sorted(str(p.relative_to(self.config.library)) for p in self.config.library.rglob("*") if p.is_file())


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition; the caller sets the deadline."""
    while not holds():  # noqa: ASYNC110 - what is waited for is a state, and nobody sends an event
        await asyncio.sleep(0.005)
