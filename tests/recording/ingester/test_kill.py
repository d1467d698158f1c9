"""kill -9 in the middle of taking in, at many points: nothing is lost and nothing is doubled."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording.ingester.kill_runner import CUT, NONE, RAW, WAV

ROOT = Path(__file__).parents[2]
POINTS = 30


@pytest.mark.usefixtures("untraced_processes")
def test_an_ingester_killed_at_any_line_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """After the next run records and library are what an undisturbed run leaves, hash for hash."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.recording.ingester.kill_runner", str(tmp_path), str(POINTS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    reports = json.loads(run.stdout.splitlines()[-1])
    assert len(reports) == POINTS
    paths = {name: f"2026/11/23/{name}.wav" for name in (RAW, WAV, CUT)}
    for report in reports:
        assert report["killed"], report
        assert report["rows"] == {
            RAW: ["kept", paths[RAW], 4.0, []],
            WAV: ["kept", paths[WAV], 4.0, []],
            CUT: ["faulty", paths[CUT], 3.0, ["cut_short"]],
            NONE: ["missing", "", 0.0, ["no_file: nothing came within 60 s of the call's end"]],
        }, report
        assert all(report["true"]), report
        assert report["files"] == sorted(paths.values()), report
        assert report["left"] == [], report
