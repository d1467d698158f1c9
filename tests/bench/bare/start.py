"""The counterpart of figure 5 as a process: read the rows, log in, place one call, ask what calls there are."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from contextlib import closing

from dialer.demo.rig.rig import AmiAccess
from tests.bench.bare.process import given, tell


async def main(access: AmiAccess, database: str) -> None:
    """Print when the call left and when the calls were known; stay until stdin is closed."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as books:
        rows = {table: books.execute(f"SELECT * FROM {table}").fetchall() for table in ("visits", "agents")}  # noqa: S608 - two names of ours
        live = {row[0] for row in books.execute("SELECT id FROM attempts WHERE state <> 'ended'")}
    reader, writer = await asyncio.open_connection(access.host, access.port, limit=1 << 24)
    writer.write(f"Action: Login\r\nUsername: {access.username}\r\nSecret: {access.secret}\r\n\r\n".encode())
    await reader.readuntil(b"Authentication accepted")
    call = f"bare-start-1-{time.time_ns():x}"
    writer.write(f"Action: Originate\r\nActionID: {call}\r\nChannelId: {call}\r\nAsync: true\r\n".encode())
    writer.write(b"Channel: Local/1390@bench-brief/n\r\nContext: dialer-connect\r\nExten: s\r\nPriority: 1\r\n\r\n")
    tell(time.time())
    writer.write(b"Action: CoreShowChannels\r\nActionID: list\r\n\r\n")
    listed = await reader.readuntil(b"Event: CoreShowChannelsComplete")
    there = {
        line.removeprefix(b"Uniqueid: ").decode() for line in listed.split(b"\r\n") if line.startswith(b"Uniqueid: ")
    }
    unknown = live - there
    tell(time.time())
    await asyncio.to_thread(sys.stdin.read)
    del rows, unknown  # until here they count as memory
    writer.close()


if __name__ == "__main__":
    asyncio.run(main(*given()))
