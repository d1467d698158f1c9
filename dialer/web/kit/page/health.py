"""How a part of the system is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dialer.language import N_, Language
from dialer.web.kit.services import Health

PARTS: Mapping[str, str] = {
    "engine": N_("Campaign"),
    "pbx": N_("PBX link"),
    "database": N_("Database"),
    "disk": N_("Disk"),
    "recordings": N_("Recordings"),
    "notices": N_("Notices to the info platform"),
    "backup": N_("Backup"),
}
LEVELS: Mapping[str, tuple[str, str]] = {
    "ok": (N_("OK"), "good"),
    "degraded": (N_("Degraded"), "warn"),
    "failed": (N_("Failed"), "bad"),
}


class Part(NamedTuple):
    """A part; ``name`` and ``level`` are to be translated, ``kind`` is the badge."""

    name: str
    level: str
    kind: str
    state: str
    advice: str


def shown(part: Health, language: Language) -> Part:
    """A part in the person's language; an error's own words stay as they are."""
    level, kind = LEVELS[part.level]
    state, advice = part.words(language)
    return Part(PARTS.get(part.part, part.part), level, kind, state, advice)
