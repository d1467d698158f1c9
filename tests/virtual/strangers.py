"""Calls that a PBX makes by itself out of one of ours: part of the simulated PBX, on its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count

from dialer.campaign.messages import Stranger


class Strangers:
    """Those that are up. Each says that it was answered, as the dialplan would."""

    def __init__(self, tell: Callable[[Stranger], None]) -> None:
        self.up: list[str] = []
        self._tell = tell
        self._numbers = count(1)

    def answer(self, at: datetime) -> None:
        """Somebody answers who was called past the dialer."""
        channel = f"sim-{int(at.timestamp())}.{next(self._numbers)}"
        self.up.append(channel)
        self._tell(Stranger(channel, at))

    def hang_up(self, channel: str, at: datetime) -> None:
        """End one, if it is up; the end of the last is told."""
        if channel in self.up:
            self.up.remove(channel)
            if not self.up:
                self._tell(Stranger(channel, at, up=False))
