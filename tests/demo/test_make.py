"""`make demo` as people call it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("keep", "kept"), [("KEEP=1", True), ("KEEP=yes", True), ("KEEP=0", False), ("KEEP=", False)])
def test_a_demonstration_stays_only_when_that_is_asked_for(keep: str, kept: bool) -> None:
    """`KEEP=0` says no, although it says something."""
    ran = subprocess.run(["make", "-n", "demo", keep], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert ("--keep" in ran.stdout.split()) is kept
