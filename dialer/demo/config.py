"""Settings files for dialers beside a private PBX."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from dialer.demo.rig.rig import Rig

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Sections = Mapping[str, Mapping[str, object]]
"""Section -> setting -> value; ``trunks`` is the one trunk."""


def beside(rig: Rig, template: str = "direct") -> Sections:
    """What every dialer beside this rig has: its way to the PBX, the recordings, hours round the clock, any port."""
    ami, recordings = rig.ami, rig.recordings
    return {
        "pbx": {
            "host": ami.host, "port": ami.port, "username": ami.username, "secret": ami.secret,
            "reconnect_first_s": 0.2,
        },
        "trunks": {"name": template, "template": rig.trunk_templates.get(template, template)},
        "hours": {**all_week("00:00-24:00"), "chinese_calendar": False},
        "recordings": {"spool": str(recordings.spool), "done": str(recordings.done)},
        "web": {"port": 0},
    }  # fmt: skip


def all_week(window: str) -> dict[str, list[str]]:
    """The same hours on every day."""
    return {day: [window] for day in WEEK}


def write_settings(path: Path, *layers: Sections) -> Path:
    """Write a settings file, with the data folder beside it.

    Of each setting the last layer that has it counts; None takes it out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sections: dict[str, dict[str, object]] = {}
    for layer in layers:
        for name, values in layer.items():
            sections.setdefault(name, {}).update(values)
    lines = [f"data = {json.dumps(str(path.parent / 'data'))}"]
    for name, values in sections.items():
        lines.append("[[trunks]]" if name == "trunks" else f"[{name}]")
        lines += [f"{key} = {json.dumps(v, ensure_ascii=False)}" for key, v in values.items() if v is not None]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
