"""Synthesised calls: what the PBX would have written, and calls in the records to go with it."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialer import callid
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.recording.config import RecordingConfig

RATE = 8000
NOW = datetime(2026, 11, 23, 1, 0, 0, tzinfo=UTC)


class Clock:
    """A clock that a test turns."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def turn(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Alarms:
    """What the ingester told, and what is open."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def __call__(self, key: str, text: str) -> None:
        self.told.append((key, text))

    @property
    def open(self) -> dict[str, str]:
        found = dict(self.told)
        return {key: text for key, text in found.items() if text}


def config(root: Path, **settings: object) -> RecordingConfig:
    """Folders below ``root``, made."""
    made = RecordingConfig(spool=root / "spool", done=root / "done", library=root / "library")
    made = made.model_copy(update=settings)
    for place in (made.spool, made.done, made.library):
        place.mkdir(parents=True, exist_ok=True)
    return made


def tone(seconds: float, hertz: float, level: float = 0.3) -> NDArray[np.int16]:
    """A sine of that amplitude (1 is full scale)."""
    t = np.arange(round(seconds * RATE)) / RATE
    return np.round(level * 32767 * np.sin(2 * np.pi * hertz * t)).astype(np.int16)


def hush(seconds: float) -> NDArray[np.int16]:
    """Digital silence."""
    return np.zeros(round(seconds * RATE), np.int16)


def raw(customer: NDArray[np.int16], agent: NDArray[np.int16]) -> bytes:
    """As MixMonitor's option D writes it: interleaved, customer first."""
    return np.column_stack([customer, agent]).astype("<i2").tobytes()


def talk(seconds: float = 4.0) -> bytes:
    """A conversation with sound on both sides: customer 440 Hz, agent 880 Hz and louder."""
    return raw(tone(seconds, 440, 0.1), tone(seconds, 880, 0.4))


def wav(pcm: bytes, channels: int, *, data_length: int | None = None, rate: int = RATE, tail: bytes = b"") -> bytes:
    """A WAV file; ``data_length`` overrides what the header says."""
    length = len(pcm) if data_length is None else data_length
    head = b"RIFF" + struct.pack("<I", (36 + length + len(tail)) % 2**32) + b"WAVE"
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    return head + form + b"data" + struct.pack("<I", length) + pcm + tail


def call(name: str = "abc123-1-1-k3", seconds: float = 4.0, *, ended_s_ago: float = 5.0, **fields: object) -> Attempt:
    """A conversation that was answered ``seconds`` before it ended, ``ended_s_ago`` before NOW."""
    ended_at = NOW - timedelta(seconds=ended_s_ago)
    answered_at = ended_at - timedelta(seconds=seconds)
    known = callid.read(name)
    assert known is not None
    made = Attempt(
        id=name,
        visit=known.visit,
        day=date(2026, 11, 23),
        seq=1,
        round=1,
        customer=f"C{known.visit}",
        number="13904700001",
        trunk="carrier",
        agent="101",
        placed_at=answered_at - timedelta(seconds=8),
        state=AttemptState.ENDED,
        answered_at=answered_at,
        connected_at=answered_at + timedelta(seconds=min(0.5, seconds / 2)),
        ended_at=ended_at,
        disposition=Disposition.CONNECTED,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # fields by name, or a stand-in
