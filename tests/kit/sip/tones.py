"""Tones that tell who spoke and in which second: what was sent can be found again in a recording."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Side = Literal["customer", "agent"]

RATE = 8000
SECONDS = 20
"""After so many the tones repeat."""
_LOWEST = {"customer": 400, "agent": 1500}
_STEP = 50
"""Hertz between two seconds: a whole number of waves fits into every packet of 20 ms."""
_WINDOW = RATE // 10
_AUDIBLE = 300


def hertz(side: Side, second: int) -> int:
    """The tone of a side in that second since it began to speak."""
    return _LOWEST[side] + _STEP * (second % SECONDS)


@cache
def packet(frequency: int) -> bytes:
    """20 ms of a tone as A-law (ITU-T G.711)."""
    samples = 9000 * np.sin(2 * np.pi * frequency * np.arange(RATE // 50) / RATE)
    return bytes(_alaw(int(sample)) for sample in samples)


def _alaw(sample: int) -> int:
    """One sample of 16 bits as A-law: sign, segment and four bits of what is left, every other bit turned over."""
    size = min(abs(sample) >> 4, 0x7FF)
    segment = max(0, size.bit_length() - 4)
    low = size >> max(0, segment - 1) & 0x0F
    return (0x80 if sample >= 0 else 0) ^ (segment << 4 | low) ^ 0x55


def heard(sound: NDArray[np.int16], side: Side, seconds: int) -> tuple[float, ...]:
    """How much of each of the ``seconds`` that a side spoke is in one channel of a recording: 0 to about 1.

    ``sound`` has 8,000 samples a second. A tenth of a second counts for the second whose tone is the loudest in it.
    """
    whole = sound[: len(sound) // _WINDOW * _WINDOW].reshape(-1, _WINDOW).astype(float)
    loud = np.sqrt((whole**2).mean(axis=1)) > _AUDIBLE
    spectra = np.abs(np.fft.rfft(whole * np.hanning(_WINDOW), axis=1))
    strongest = spectra.argmax(axis=1) * RATE / _WINDOW
    wanted = [hertz(side, second) for second in range(seconds)]
    return tuple(float(np.sum(loud & (np.abs(strongest - each) < _STEP / 2))) / 10 for each in wanted)
