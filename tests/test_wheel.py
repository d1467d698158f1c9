"""What an administrator installs: the service, the commands and the demonstration, and none of our own tools."""

from __future__ import annotations

from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent


def test_the_wheel_has_the_package_and_no_tools() -> None:
    """Everything below ``dialer/`` with the demonstration's lists, and nothing from anywhere else."""
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {Path(name).parts[0] for name in packed} == {"dialer"}
    assert {"dialer/py.typed", "dialer/demo/visits.csv", "dialer/demo/agents.csv", "dialer/demo/rig/rig.py"} <= packed
    assert {"bench", "faults", "virtual", "pictures", "rehearsal"}.isdisjoint(Path(name).parts[1] for name in packed)
