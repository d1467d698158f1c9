"""A place where the dialer is set up well, and what a check of it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dialer.demo.config import write_settings
from dialer.demo.rig.rig import ANNOUNCEMENT, Rig
from tests.cli.conftest import run_command


@dataclass
class Place:
    """Settings and folders of one dialer; ``patch`` puts everything back. ``rig`` is there for rows that want one."""

    folder: Path
    patch: pytest.MonkeyPatch
    rig: Rig | None = None
    sections: dict[str, dict[str, object]] = field(default_factory=dict)

    def set(self, section: str, **values: object) -> None:
        """Settings; None takes one out."""
        self.sections.setdefault(section, {}).update(values)

    def named(self) -> dict[str, tuple[str, str, str]]:
        """What a check names: by the check's name (verdict, text, remedy)."""
        path = self.folder / "dialer.toml"
        if not path.exists():
            write_settings(path, self.sections)
        checks = run_command("--config", str(path), "--lang", "en", "check", "--json").json()["checks"]
        return {c["name"]: (c["verdict"], c["text"], c["todo"]) for c in checks if c["verdict"] != "ok"}


def well(folder: Path, patch: pytest.MonkeyPatch, rig: Rig | None = None) -> Place:
    """A place with nothing wrong in it, but that without a rig no PBX answers."""
    for name in ("spool", "done"):
        (folder / name).mkdir(mode=0o750)
    secret = folder / "ami.secret"
    secret.write_text(rig.ami.secret if rig else "made-up-secret", encoding="utf-8")
    secret.chmod(0o600)
    place = Place(folder, patch, rig)
    place.set("trunks", name="t", template="PJSIP/{number}@carrier")
    place.set("pbx", secret_file=str(secret), port=rig.ami.port if rig else 1, username="dialer")
    place.set("recordings", spool=str(folder / "spool"), done=str(folder / "done"))
    place.set("web", port=0)
    if rig:
        place.set("pbx", announcement=ANNOUNCEMENT)
        place.set("recordings", spool=str(rig.recordings.spool), done=str(rig.recordings.done))
        place.set("dialling", agent_timeout_s=3)
    return place


@dataclass(frozen=True)
class Mistake:
    """``make`` makes it; the check of this ``name`` says ``says`` and what to do about it, ``todo``.

    ``also`` are checks that name another side of it.
    """

    what: str
    make: Callable[[Place], object]
    name: str
    says: str
    todo: str
    verdict: str = "fail"
    also: frozenset[str] = frozenset()
