"""What can be measured in the sound of a recording, block by block: how loud, where nothing, and whether it is whole.

Pure over samples. Sources of the limits: A-law has no zero, its quietest code decodes to 8 (ITU-T G.711), and Asterisk
fills in zeros for packets that did not come.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # see dialer.recording.audio
    import numpy as np
    from numpy.typing import NDArray

SILENCE = -96.0
"""The level of digital silence in dBFS: below the smallest step of 16 bits."""
QUIET_DBFS = -50.0
"""A fifth of a second that is no louder is no speech."""

_WINDOW_S = 0.2
_PACKET_S = 0.02
_FULL = 32768
_QUIET = _FULL * 10 ** (QUIET_DBFS / 20)


@dataclass(frozen=True, slots=True)
class _Hush:
    """A kind of silence of one side: no sample above ``peak`` for so long; ``other``: while the other side speaks."""

    peak: float
    at_least_s: float
    other: bool


_HUSHES = (
    _Hush(0, 1, other=False),  # no packets
    _Hush(8, 20, other=True),  # a mute sender
    _Hush(_QUIET, 60, other=True),  # a person who listens says a word now and then, and a room has a noise
)
_SPEAKS = 0.2
"""Share of a silence in which the other side must be loud to be speaking."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a recording, in seconds from its start."""

    since_s: float
    until_s: float

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.until_s - self.since_s


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured in the audio, by channel in the order in which it was written.

    ``levels`` is the RMS over the whole length, ``loudest`` that of the loudest fifth of a second, both in dBFS
    (0 is a square wave at full scale, a full-scale sine is -3). ``silences`` are the parts in which a side of two
    was not heard though it should have been, to a fifth of a second. ``jumps`` is how much more the sound bends
    at the border of two packets of 20 ms than within one: about 1 where it goes on as it should.
    """

    frames: int
    rate: int
    levels: tuple[float, ...]
    loudest: tuple[float, ...]
    repaired: bool = False
    silences: tuple[tuple[Span, ...], ...] = ()
    jumps: tuple[float, ...] = ()

    @property
    def channels(self) -> int:
        """1 or 2."""
        return len(self.levels)

    @property
    def duration_s(self) -> float:
        """Length in seconds, to the millisecond."""
        return round(self.frames / self.rate, 3)


def window(rate: int) -> int:
    """Frames in a fifth of a second, the smallest part that is measured."""
    return max(1, round(rate * _WINDOW_S))


class Meter:
    """Gathers :class:`Facts` from blocks of samples (frames, channels), each but the last a whole number of windows."""

    def __init__(self, rate: int, channels: int) -> None:
        import numpy as np

        self._rate = rate
        self._frames = 0
        self._energy = np.zeros(channels)
        self._loudest = np.zeros(channels)
        self._peaks: list[NDArray[np.int32]] = []
        self._bends = np.zeros((max(3, round(rate * _PACKET_S)), channels))

    def add(self, block: NDArray[np.int16]) -> None:
        """Measure the next block."""
        import numpy as np

        signal = block.astype(np.float32) * np.float32(1 / _FULL)
        size = window(self._rate)
        whole = len(block) - len(block) % size
        # What is left over counts as if silence followed, so that a click is no sound.
        for part in (signal[:whole].reshape(-1, size, block.shape[1]), signal[whole:][np.newaxis]):
            energies = np.einsum("wfc,wfc->wc", part, part).astype(np.float64)
            self._energy += energies.sum(axis=0)
            self._loudest = np.maximum(self._loudest, energies.max(axis=0, initial=0.0) / size)
        # int16's lowest value has no positive twin; a wider type does.
        loud = np.abs(block[:whole].astype(np.int32))
        self._peaks.append(loud.reshape(-1, size, block.shape[1]).max(axis=1))
        # How much the sound bends at each place of a packet; where there is no sound it begins or ends.
        bends = np.diff(signal[:whole], n=2, axis=0, prepend=signal[[0, 0]]) ** 2 if whole else signal[:0]
        bends *= (signal[:whole] != 0) & (np.roll(signal[:whole], 1, axis=0) != 0)
        bends = bends[: whole - whole % len(self._bends)]
        self._bends += bends.reshape(-1, *self._bends.shape).sum(axis=0)
        self._frames += len(block)

    def facts(self, *, repaired: bool) -> Facts:
        """All that was found."""
        import numpy as np

        mean = self._energy / max(self._frames, 1)
        peaks = np.concatenate([np.zeros((0, len(mean)), np.int32), *self._peaks])
        within = self._bends[2:].mean(axis=0)
        jumps = np.divide(self._bends[0], within, out=np.ones_like(within), where=within > 0)
        return Facts(
            self._frames,
            self._rate,
            tuple(map(_dbfs, mean)),
            tuple(map(_dbfs, self._loudest)),
            repaired=repaired,
            silences=tuple(_silences(peaks[:, side], peaks[:, 1 - side]) for side in (0, 1)) if len(mean) == 2 else (),
            jumps=tuple(map(float, jumps)),
        )


def _silences(side: NDArray[np.int32], other: NDArray[np.int32]) -> tuple[Span, ...]:
    """The parts in which a side was silent in one of the ways of ``_HUSHES``, joined where they touch."""
    import numpy as np

    lost = np.zeros(len(side), bool)
    for hush in _HUSHES:
        for since, until in _runs(side <= hush.peak):
            spoken = float((other[since:until] > _QUIET).mean()) >= _SPEAKS
            if (until - since) * _WINDOW_S >= hush.at_least_s and (spoken or not hush.other):
                lost[since:until] = True
    return tuple(Span(round(since * _WINDOW_S, 1), round(until * _WINDOW_S, 1)) for since, until in _runs(lost))


def _runs(holds: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where it holds, as (first, one behind the last)."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    return zip(map(int, edges[::2]), map(int, edges[1::2]), strict=True)


def _dbfs(power: float) -> float:
    return max(SILENCE, round(10 * math.log10(power), 1)) if power > 0 else SILENCE
