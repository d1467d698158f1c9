"""A bare counterpart as a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dialer.demo.rig.rig import AmiAccess
from dialer.errors import DialerError


@asynccontextmanager
async def counterpart(name: str, ami: AmiAccess, *arguments: str) -> AsyncIterator[Process]:
    """``tests.bench.bare.<name>``, for whom the PBX is at ``ami``; ended after it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.bench.bare.{name}", ami.host, str(ami.port), ami.username, *arguments,
        env={**os.environ, "BARE_SECRET": ami.secret}, stdin=PIPE, stdout=PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def told(process: Process) -> float:
    """The next number that it says. Raises ``DialerError`` when it has ended."""
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise DialerError("the bare counterpart ended without a word")
    return float(line)
