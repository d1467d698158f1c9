"""What an administrator installs: the service, the commands and the demonstration, and none of our own tools."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from dialer import __version__

ROOT = Path(__file__).parent.parent


def test_the_wheel_has_the_package_and_no_tools() -> None:
    """Everything below ``dialer/`` with the demonstration's lists, and nothing from anywhere else."""
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {Path(name).parts[0] for name in packed} == {"dialer"}
    assert {"dialer/py.typed", "dialer/demo/visits.csv", "dialer/demo/agents.csv", "dialer/demo/rig/rig.py"} <= packed
    assert {"dialer/web/kit/icons/sprite.svg", "dialer/web/kit/icons/LICENSE"} <= packed, "make setup fetches the icons"
    assert {"bench", "faults", "virtual", "pictures", "rehearsal"}.isdisjoint(Path(name).parts[1] for name in packed)


def version_told(folder: Path) -> str:
    """What `dialer version` prints for the package in ``folder``."""
    command = (sys.executable, "-m", "dialer", "--lang", "en", "version")
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_an_installed_dialer_knows_its_commit_and_nothing_of_the_machine(tmp_path: Path) -> None:
    """The wheel names what it was built from; what runs from the repository is whatever is there."""
    git = ("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12")
    try:
        commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy has no history")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("dialer/BUILD").decode() == commit
        archive.extractall(tmp_path)
    assert version_told(tmp_path) == f"dialer {__version__} {commit.strip()}"
    assert version_told(ROOT) == f"dialer {__version__}"
