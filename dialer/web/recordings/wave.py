"""A waveform as SVG: both sides one above the other, with a time axis. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 100
"""Of one side, in the drawing's own units."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_MOST_TICKS = 10
_CURVE = 0.6
"""Speech is far below full scale most of the time; a power under 1 lifts what is quiet."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Paths by side, ``columns`` units wide and :data:`HEIGHT` high each.

    ``ticks`` are labels of the axis: where, in percent of the width, and how many seconds that is.
    """

    columns: int
    paths: tuple[str, ...]
    ticks: tuple[tuple[float, int], ...]


def draw(sides: Sequence[bytes], duration_s: float) -> Wave:
    """The drawing of amplitudes (0 to 255); the loudest moment of all sides fills the height."""
    loudest = max((max(side, default=0) for side in sides), default=0) or 1
    heights = [round((value / loudest) ** _CURVE * (HEIGHT / 2 - 2), 1) for value in range(loudest + 1)]
    middle = HEIGHT // 2
    return Wave(
        columns=max((len(side) for side in sides), default=1),
        paths=tuple(
            "".join(f"M{x}.5 {middle - heights[v]:g}V{middle + heights[v]:g}" for x, v in enumerate(side) if v)
            for side in sides
        ),
        ticks=tuple(_ticks(duration_s)),
    )


def _ticks(duration_s: float) -> list[tuple[float, int]]:
    if duration_s <= 0:
        return []
    step = next((step for step in _STEPS if duration_s / step <= _MOST_TICKS), _STEPS[-1])
    return [(round(100 * at / duration_s, 3), at) for at in range(0, int(duration_s) + 1, step)]
