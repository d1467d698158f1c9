"""What narrows a listing: a slice of it, or the visits that somebody may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a longer listing: at most ``limit`` rows from ``offset`` on."""

    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class VisitScope:
    """Narrows a listing to visits that are dealt to ``team``, or to nobody's team and one of ``agents``."""

    team: str | None
    agents: frozenset[str]
