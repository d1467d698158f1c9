"""Who is let go for taking too little, and who is not."""

from __future__ import annotations

import asyncio
import struct
from typing import cast

from dialer.web.kit.http.patience import Patience, cut_off_the_slow

MIB = 1 << 20


class Line:
    """A connection with so much waiting, of which the client has taken so much."""

    def __init__(self, waiting: int, taken: int | None = 0) -> None:
        self.waiting, self.taken, self.aborted = waiting, taken, asyncio.Event()

    def get_write_buffer_size(self) -> int:
        """As a transport has it."""
        return self.waiting

    def get_extra_info(self, _name: str) -> Line | None:
        """Its socket."""
        return None if self.taken is None else self

    def getsockopt(self, _level: int, _option: int, length: int) -> bytes:
        """What Linux says of a TCP connection."""
        return struct.pack("120xQ", self.taken)[:length]

    def setsockopt(self, *_: object) -> None:
        """The socket was closed in this moment."""
        raise OSError(9, "Bad file descriptor")

    def abort(self) -> None:
        """Let go."""
        self.aborted.set()

    @property
    def transport(self) -> Line:
        """As aiohttp's request handlers have it."""
        return self


def cut_after(line: Line, each: int, *, most: int = 400) -> int | None:
    """After how many seconds a client is let go that takes ``each`` bytes a second; None: not within ``most``."""
    patience, transport = Patience(4.0), cast(asyncio.Transport, line)
    for second in range(most):
        if patience.look([transport], float(second)):
            return second
        if line.taken is not None:
            line.taken += each
    return None


def test_a_long_file_over_a_slow_line_arrives() -> None:
    """As much waits as before, or more: there is always more of a long file. What counts is what was taken."""
    assert cut_after(Line(300_000), 64_000) is None


def test_who_takes_nothing_or_next_to_nothing_is_let_go() -> None:
    """Nothing for the time that is set, or drop by drop for ten times as long."""
    assert cut_after(Line(300_000), 0) == 4
    assert cut_after(Line(300_000), 1) == 40
    assert cut_after(Line(0), 0) is None


def test_where_nobody_can_say_what_was_taken() -> None:
    """Then what waits must become less."""
    assert cut_after(Line(300_000, None), 0) == 4
    line, patience = Line(1000, None), Patience(4.0)
    for second in range(40):
        assert not patience.look([cast(asyncio.Transport, line)], float(second))
        line.waiting -= 1
    assert patience.look([cast(asyncio.Transport, line)], 40.0)


async def test_what_is_asked_of_a_real_connection() -> None:
    """The bytes that the other side has, as the system counts them."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * (32 * MIB))
        opened.set_result(writer)
        await reader.read()

    opened: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, client = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    transport = cast(asyncio.Transport, (await opened).transport)
    patience = Patience(4.0)
    for second in range(0, 60, 5):  # each time too late, had nothing been taken
        assert not patience.look([transport], float(second))
        await reader.readexactly(MIB)
    transport.abort()
    client.close()
    server.close()
    await server.wait_closed()


async def test_a_connection_that_goes_by_itself_ends_nothing() -> None:
    """The look-out goes on with the others."""
    line = Line(1000)
    async with asyncio.timeout(60):
        task = asyncio.create_task(cut_off_the_slow(lambda: [line, object()], 0.02))
        for _ in range(2):
            await line.aborted.wait()
            line.aborted.clear()
    assert not task.done()
    task.cancel()
    await asyncio.wait((task,))
