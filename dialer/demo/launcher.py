"""The dialer as a process of its own, with a settings file of its own: started, watched and ended from outside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dialer.demo.rig.process import with_parent
from dialer.errors import DialerError

RUN = ("-m", "dialer", "run")
START_S = 180.0
_STOP_S = 15.0
_LOOK_S = 0.01


@dataclass(slots=True)
class Launched:
    """One service and its settings file. Its output is in ``dialer.log`` beside that, its data in ``data``.

    ``command`` is what Python runs; ``env`` is added to its environment, out of which whatever begins with one of
    ``hidden`` is left. ``began`` is ``time.time()`` just before the process was made.
    """

    config: Path
    command: tuple[str, ...] = RUN
    env: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ("DIALER_",)
    began: float = 0.0
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.config.parent / "data"

    @property
    def log(self) -> Path:
        """What it said."""
        return self.config.parent / "dialer.log"

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(json.loads((self.data / "service.json").read_text(encoding="utf-8"))["url"])

    def spawn(self) -> None:
        """Begin to start it. It ends with us, where the host has setpriv."""
        (self.data / "service.json").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.began = time.time()
            self._process = subprocess.Popen(
                [*with_parent("TERM"), sys.executable, *self.command],
                env=environment(self.config, self.hidden) | dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.starts += 1

    async def start(self, timeout_s: float = START_S) -> None:
        """Start it, and wait until it says where it listens. Raises ``DialerError``, with the end of its log.

        One that does not get so far is ended.
        """
        self.spawn()
        try:
            await self.announced(timeout_s)
        except BaseException:
            await self.kill()
            raise

    async def announced(self, timeout_s: float = START_S) -> None:
        """Wait until it says where it listens. Raises ``DialerError``, with the end of its log."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (self.data / "service.json").exists():
                    self.alive()
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            raise DialerError(f"the dialer did not start within {timeout_s:g} s:\n{self.last_words()}") from None

    @property
    def exit_code(self) -> int | None:
        """That of the last start; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def alive(self) -> None:
        """Raises ``DialerError``, with the end of its log, when it has ended."""
        if self.exit_code is not None:
            raise DialerError(f"the dialer has ended:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    async def ended(self, timeout_s: float = _STOP_S) -> int:
        """Wait until it has ended; its exit code. Raises ``TimeoutError``."""
        async with asyncio.timeout(timeout_s):
            while (code := self.exit_code) is None:  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(_LOOK_S)
        return code

    async def stop(self, timeout_s: float = _STOP_S) -> int:
        """SIGTERM, and SIGKILL when that does not do in time; its exit code."""
        self._signal(signal.SIGTERM)
        try:
            return await self.ended(timeout_s)
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """kill -9."""
        self._signal(signal.SIGKILL)
        return await self.ended()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    @asynccontextmanager
    async def running(self, timeout_s: float = START_S) -> AsyncIterator[None]:
        """It listens while inside."""
        self.spawn()
        try:
            await self.announced(timeout_s)
            yield
        finally:
            await self.stop()


def environment(config: Path, hidden: tuple[str, ...] = ("DIALER_",)) -> dict[str, str]:
    """The environment of a `dialer` command with these settings, and with none of our own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return kept | {"DIALER_CONFIG": str(config), "PYTHONUNBUFFERED": "1"}
