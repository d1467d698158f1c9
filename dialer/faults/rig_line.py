"""The line between the dialer and the PBX's manager interface, to be broken in every way a line can break."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

ORIGINATE = b"Action: Originate"
QUEUED = b"Originate successfully queued"
_END = b"\r\n\r\n"


@dataclass(slots=True)
class Session:
    """One connection of the dialer, and ours on to the PBX."""

    dialer: asyncio.StreamWriter
    pbx: asyncio.StreamWriter
    deaf: bool = False


class Line:
    """A TCP relay to the manager interface on ``target``; ``port`` is where the dialer connects.

    While it is cut, connections are refused.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self.queued = 0
        """How many Originates the PBX has accepted without the dialer hearing of it."""
        self.broken = asyncio.Event()
        """Set by the cut that :meth:`cut_at` armed."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._sessions: list[Session] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._armed: tuple[int, int | None] | None = None
        self._deafen = False

    async def mend(self) -> None:
        """Take connections."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Reset the dialer's connections and refuse new ones. What it has written still arrives at the PBX."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for session in self._sessions:
            session.dialer.transport.abort()
            session.pbx.close()
        self._sessions.clear()

    def deafen(self) -> None:
        """From the next Originate on, nothing that the PBX says gets through; :attr:`queued` counts its answers."""
        self._deafen, self.queued = True, 0

    def half_close(self) -> None:
        """Tell the dialer that the PBX says no more; what the dialer says still goes through."""
        for session in self._sessions:
            session.deaf = True
            session.dialer.write_eof()

    def cut_at(self, originate: int, after: int | None = None) -> None:
        """Cut when the dialer sends the ``originate``-th Originate from now (1 is the next one).

        ``after`` bytes of it still arrive at the PBX: negative ones count from its end, None is all of it.
        """
        self.broken.clear()
        self._armed = (originate, after)

    async def close(self) -> None:
        """End it."""
        self.cut()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            pbx_reader, pbx_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the PBX is down
            writer.transport.abort()
            return
        session = Session(writer, pbx_writer)
        self._sessions.append(session)
        back = asyncio.create_task(self._back(pbx_reader, session), name="line-back")
        try:
            await self._forth(reader, session)
        finally:
            back.cancel()
            await asyncio.wait({back})
            if session in self._sessions:
                self._sessions.remove(session)
            for each in (writer, pbx_writer):
                each.close()

    async def _forth(self, reader: asyncio.StreamReader, session: Session) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                end = self._cut_in(data)
                if self._deafen and ORIGINATE in data:
                    self._deafen, session.deaf = False, True
                session.pbx.write(data if end is None else data[:end])
                await session.pbx.drain()
                if end is not None:
                    self.cut()
                    self.broken.set()
                    return

    def _cut_in(self, data: bytes) -> int | None:
        """Where in ``data`` the armed cut is; None when it is not in there."""
        if self._armed is None:
            return None
        left, after = self._armed
        at = data.find(ORIGINATE)
        while at >= 0:
            left -= 1
            if left == 0:
                self._armed = None
                end = data.index(_END, at) + len(_END)
                return end if after is None else at + after if after >= 0 else end + after
            at = data.find(ORIGINATE, at + 1)
        self._armed = (left, after)
        return None

    async def _back(self, reader: asyncio.StreamReader, session: Session) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if session.deaf:
                    self.queued += data.count(QUEUED)
                    continue
                session.dialer.write(data)
                await session.dialer.drain()
        session.dialer.close()


@contextlib.asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    """A whole line to that port."""
    line = Line(port)
    await line.mend()
    try:
        yield line
    finally:
        await line.close()
