"""A bare counterpart as a process of its own: started, and from within."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
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


def given() -> tuple[AmiAccess, str]:
    """In the counterpart: where the PBX is, and the argument behind that, if there is one."""
    host, port, username, *arguments = sys.argv[1:]
    return AmiAccess(host, int(port), username, os.environ["BARE_SECRET"]), "".join(arguments)


def tell(value: float) -> None:
    """In the counterpart: say a number."""
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()


async def listen(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
    """In the counterpart: take connections on a port of its own, which it says."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    tell(server.sockets[0].getsockname()[1])
    await server.serve_forever()
