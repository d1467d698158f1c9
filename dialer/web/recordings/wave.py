"""A waveform as SVG: both sides one above the other, with a time axis. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialer.campaign.views.recording_words import Absence

HEIGHT = 100
"""Of one side, in the drawing's own units."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_MOST_TICKS = 10
_SIDES = ("agent", "customer")
_CURVE = 0.6
"""Speech is far below full scale most of the time; a power under 1 lifts what is quiet."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Paths by side, ``columns`` units wide and :data:`HEIGHT` high each.

    ``ticks`` are labels of the axis: where, in percent of the width, and how many seconds that is. ``gaps`` are by side
    where it is not heard: from where, and how wide, in the drawing's units.
    """

    columns: int
    paths: tuple[str, ...]
    ticks: tuple[tuple[float, int], ...]
    gaps: tuple[tuple[tuple[float, float], ...], ...]


def draw(sides: Sequence[bytes], duration_s: float, absent: Iterable[Absence] = ()) -> Wave:
    """The drawing of amplitudes (0 to 255), of two sides the agent's first; the loudest moment fills the height."""
    loudest = max((max(side, default=0) for side in sides), default=0) or 1
    heights = [round((value / loudest) ** _CURVE * (HEIGHT / 2 - 2), 1) for value in range(loudest + 1)]
    middle = HEIGHT // 2
    columns = max((len(side) for side in sides), default=1)
    absent = [each for each in absent if each.since_s < duration_s]
    unit = columns / duration_s if absent else 0
    return Wave(
        columns=columns,
        paths=tuple(
            "".join(f"M{x}.5 {middle - heights[v]:g}V{middle + heights[v]:g}" for x, v in enumerate(side) if v)
            for side in sides
        ),
        ticks=tuple(_ticks(duration_s)),
        gaps=tuple(
            tuple(
                (round(e.since_s * unit, 1), round(e.length_s(duration_s) * unit, 1)) for e in absent if e.side == name
            )
            for name, _ in zip(_SIDES, sides, strict=False)
        ),
    )


def _ticks(duration_s: float) -> list[tuple[float, int]]:
    if duration_s <= 0:
        return []
    step = next((step for step in _STEPS if duration_s / step <= _MOST_TICKS), _STEPS[-1])
    return [(round(100 * at / duration_s, 3), at) for at in range(0, int(duration_s) + 1, step)]
