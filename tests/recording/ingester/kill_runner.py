"""Kills an ingester at the n-th line that it executes, for many n, and tells what is left after the next one has run.

Run as ``python -m tests.recording.ingester.kill_runner FOLDER POINTS``; prints one JSON list. Every step is a
forked process of its own, so that each kill is a real one and imports are paid once.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import FrameType
from typing import Any

from dialer.recording import ingester as ingester_module
from dialer.recording.config import RecordingConfig
from dialer.recording.folder import sha256
from dialer.recording.ingester import Ingester
from dialer.store.database import Database
from tests.recording.real_records import real_records
from tests.recording.sounds import Alarms, Clock, call, talk, tone, wav

ROOM = str(Path(ingester_module.__file__).parent)
RAW, WAV, CUT, NONE = (f"abc123-{number}-1-k3" for number in range(1, 5))


def config(root: Path) -> RecordingConfig:
    return RecordingConfig(spool=root / "spool", done=root / "done", library=root / "library")


async def begin(root: Path) -> None:
    """A folder as an evening leaves it: two complete files, one cut short, and a call without any."""
    made = config(root)
    for place in (made.spool, made.done, made.library):
        place.mkdir(parents=True, exist_ok=True)
    database = await Database.open(root / "dialer.sqlite3")
    records = real_records(database)
    for number, name in enumerate((RAW, WAV, CUT, NONE)):
        await records.add(call(name, ended_s_ago=300, number=f"1390470000{number}", agent=f"10{number}"))
    (root / "done" / f"{RAW}.raw").write_bytes(talk(4))
    (root / "done" / f"{WAV}.wav").write_bytes(wav(tone(4, 440).tobytes(), 1))
    (root / "spool" / f"{CUT}.raw").write_bytes(talk(3))
    await database.close()


async def keep(root: Path) -> None:
    """What the service does, over an hour and a half."""
    database = await Database.open(root / "dialer.sqlite3")
    records, clock = real_records(database), Clock()
    ingester = Ingester(records.recordings, records.calls, config(root), clock, Alarms())
    for seconds in (0, 61, 61, 3700, 61):
        clock.turn(seconds)
        await ingester.sweep()
    await database.close()


async def tell(root: Path) -> None:
    """Write down what there is."""
    database = await Database.open(root / "dialer.sqlite3")
    records = real_records(database)
    rows = {name: await records.recordings.recording(name) for name in (RAW, WAV, CUT, NONE)}
    await database.close()
    library = root / "library"
    report = {
        "rows": {
            name: row and [row.state.value, row.path, row.duration_s, list(row.faults)] for name, row in rows.items()
        },
        "true": [
            row is not None and (not row.path or sha256(library / row.path) == row.sha256) for row in rows.values()
        ],
        "files": sorted(str(path.relative_to(library)) for path in library.rglob("*") if path.is_file()),
        "left": sorted(path.name for part in ("spool", "done") for path in (root / part).iterdir()),
    }
    (root / "report.json").write_text(json.dumps(report), encoding="utf-8")


def kill_at(point: int, count: Path | None) -> None:
    """Trace the room's lines in every thread; at the ``point``-th there is no more. Or only count them."""
    lines = 0
    lock = threading.Lock()

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        if not frame.f_code.co_filename.startswith(ROOM):
            return None
        if event == "line":
            with lock:
                lines += 1
                if count is not None:
                    count.write_text(str(lines), encoding="utf-8")
                elif lines == point:
                    os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)


def forked(work: Callable[[], Coroutine[Any, Any, None]], before: Callable[[], None] = lambda: None) -> int:
    """Run ``work`` in a process of its own; its wait status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            before()
            asyncio.run(work())
            code = 0
        finally:
            sys.settrace(None)
            os._exit(code)
    return os.waitpid(child, 0)[1]


def main(folder: Path, points: int) -> None:
    """Count the lines of an undisturbed run, then be killed at ``points`` of them, evenly spread."""
    template, counted = folder / "template", folder / "lines"
    assert forked(lambda: begin(template)) == 0
    whole = folder / "whole"
    shutil.copytree(template, whole)
    assert forked(lambda: keep(whole), lambda: kill_at(0, counted)) == 0
    lines = int(counted.read_text(encoding="utf-8"))
    reports = []
    for number in range(points):
        point = 1 + number * (lines - 1) // points
        root = folder / f"killed-{point}"
        shutil.copytree(template, root)
        status = forked(lambda root=root: keep(root), lambda point=point: kill_at(point, None))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        assert forked(lambda root=root: keep(root)) == 0  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        assert forked(lambda root=root: tell(root)) == 0  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        report = json.loads((root / "report.json").read_text(encoding="utf-8"))
        reports.append({"point": point, "killed": os.WIFSIGNALED(status), **report})
        shutil.rmtree(root)
    sys.stdout.write(json.dumps(reports))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
