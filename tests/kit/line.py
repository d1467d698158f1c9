"""The line between the dialer and the PBX's manager interface, to be broken in every way a line can break."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

ORIGINATE = b"Action: Originate"
QUEUED = b"Originate successfully queued"
_END = b"\r\n\r\n"
_CHANNEL = re.compile(rb"^ChannelId: (\S+)\r$", re.MULTILINE)


@dataclass(slots=True)
class Session:
    """One connection of the dialer, and ours on to the PBX."""

    number: int
    """No other connection of this line has had it."""
    dialer: asyncio.StreamWriter
    pbx: asyncio.StreamWriter
    deaf: bool = False
    said: bytes = b""
    """What the dialer has begun to say and not ended yet."""


class Line:
    """A TCP relay to the manager interface on ``target``; ``port`` is where the dialer connects.

    While it is cut, connections are refused. ``without`` names a header that the dialer never gets to see, as from an
    Asterisk that does not have it.
    """

    def __init__(self, target: int, *, without: str = "") -> None:
        self.port = 0
        self.queued = 0
        """How many Originates the PBX has accepted without the dialer hearing of it."""
        self.broken = asyncio.Event()
        """Set by the cut that :meth:`cut_at` or :meth:`cut_after` armed."""
        self.on_originate: Callable[[str], None] | None = None
        """Told the attempt's id of each whole Originate, before it goes on to the PBX."""
        self._target = target
        self._without = re.compile(rb"^%b: .*\n" % without.encode(), re.MULTILINE) if without else None
        self._server: asyncio.Server | None = None
        self._sessions: list[Session] = []
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._armed: tuple[int, int | None] | None = None
        self._bytes_left: dict[bool, int] = {}
        self._deafen = False
        self._flows = asyncio.Event()
        self._flows.set()

    async def mend(self) -> None:
        """Take connections."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Reset the dialer's connections and refuse new ones. What it has written still arrives at the PBX.

        A cut that was armed and has not come is not to come any more.
        """
        self._armed = None
        self._bytes_left.clear()
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

    def go_deaf(self) -> None:
        """Half open: nothing that the PBX says gets through on the present connections; what the dialer says does."""
        for session in self._sessions:
            session.deaf = True

    def stall(self) -> None:
        """Hold back everything, on present and new connections, until :meth:`flow`; nothing is lost."""
        self._flows.clear()

    def flow(self) -> None:
        """Let go of everything that was held back, also of what came over connections given up since."""
        self._flows.set()

    @property
    def connections(self) -> frozenset[int]:
        """What tells the present connections from others."""
        return frozenset(session.number for session in self._sessions)

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

    def cut_after(self, count: int, *, from_pbx: bool) -> None:
        """Cut when exactly ``count`` more bytes have passed in that direction, wherever in a message that is."""
        self.broken.clear()
        self._bytes_left[from_pbx] = count

    async def close(self) -> None:
        """End it."""
        self.flow()
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
        session = Session(next(self._numbers), writer, pbx_writer)
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
        held = b""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                data, held = self._whole(held + data)
                end = self._end_of_line(data, from_pbx=False)
                if end is None:
                    end = self._cut_in(data)
                if self._deafen and ORIGINATE in data:
                    self._deafen, session.deaf = False, True
                passing = data if end is None else data[:end]
                self._listen(session, passing)
                session.pbx.write(passing)
                await session.pbx.drain()
                if end is not None:
                    self.cut()
                    self.broken.set()
                    return

    def _whole(self, data: bytes) -> tuple[bytes, bytes]:
        """What may pass now, and what waits for its end: whoever waits for an Originate needs to see all of it."""
        if self._armed is None and not self._deafen:
            return data, b""
        end = data.rfind(_END)
        end = 0 if end < 0 else end + len(_END)
        return data[:end], data[end:]

    def _listen(self, session: Session, data: bytes) -> None:
        """Tell of each whole Originate in what the dialer says."""
        *whole, session.said = (session.said + data).split(_END)
        if self.on_originate is not None:
            for action in whole:
                if ORIGINATE in action and (found := _CHANNEL.search(action + b"\r\n")):
                    self.on_originate(found[1].decode())

    def _end_of_line(self, data: bytes, *, from_pbx: bool) -> int | None:
        """Where in ``data`` the line ends for good, when :meth:`cut_after` said so; None when it goes on."""
        left = self._bytes_left.get(from_pbx)
        if left is None:
            return None
        if left > len(data):
            self._bytes_left[from_pbx] = left - len(data)
            return None
        self._bytes_left.clear()
        return left

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
            while data := await self._said(reader):
                await self._flows.wait()
                if session.deaf:
                    self.queued += data.count(QUEUED)
                    continue
                end = self._end_of_line(data, from_pbx=True)
                session.dialer.write(data if end is None else data[:end])
                await session.dialer.drain()
                if end is not None:
                    session.dialer.close()  # in order, so that the last byte arrives
                    self.cut()
                    self.broken.set()
        session.dialer.close()

    async def _said(self, reader: asyncio.StreamReader) -> bytes:
        """What the PBX says next, without the header that is not to be seen; empty at its end."""
        data = await reader.read(65536)
        if self._without is None or not data:
            return data
        if not data.endswith(b"\n"):
            data += await reader.readline()
        return self._without.sub(b"", data)


@contextlib.asynccontextmanager
async def line_to(port: int, *, without: str = "") -> AsyncIterator[Line]:
    """A whole line to that port."""
    line = Line(port, without=without)
    await line.mend()
    try:
        yield line
    finally:
        await line.close()
