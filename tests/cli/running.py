"""A `dialer run` of its own process, for commands to talk to."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def until(condition: Callable[[], object], what: str, timeout: float = 40.0) -> None:
    """Wait for a condition. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout} s in vain for {what}"
        time.sleep(0.02)


@contextlib.contextmanager
def service(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The service, up inside; ended as systemd ends it."""
    log = config.parent / "service.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dialer", "--config", str(config), "run"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONWARNINGS": ""},
        )
    announced = config.parent / "data" / "service.json"

    def up() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        return announced.exists()

    try:
        until(up, "the service to come up")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
