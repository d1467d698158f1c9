"""The links to the PBXs. A trunk, an agent's phone and a call each belong to a PBX, by its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAIN_PBX = "main"
"""The PBX of the settings, and of everything that was stored before PBXs had names."""


def owner_flag(pbx: str) -> str:
    """The flag of the records that says whose the PBX was last: who runs on a copy of them knows by it."""
    return f"owner:{pbx}"


@dataclass(slots=True)
class Link:
    """The link to one PBX; ``since`` is when it came or went."""

    up: bool
    since: datetime


def link_alarm(pbx: str) -> str:
    """The key of the alarm that the link to a PBX is lost."""
    return "link" if pbx == MAIN_PBX else f"link:{pbx}"
