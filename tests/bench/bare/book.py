"""The counterpart of figure 3 as a process: an answered event comes in, a row is committed, and that is all."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from pathlib import Path

from dialer.demo.rig.rig import AmiAccess
from tests.bench.bare.client import BareClient
from tests.bench.bare.process import given

_ANSWERED = b"\r\nUserEvent: DialerAnswered"
_STAMP = b"\r\nTimestamp: "


async def main(access: AmiAccess, out: Path) -> None:
    """Book until told to stop."""
    books = sqlite3.connect(out.with_suffix(".sqlite3"), isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        books.execute(f"PRAGMA {pragma}")
    books.execute("CREATE TABLE answers (message TEXT)")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with out.open("w", encoding="utf-8") as file:

        def heard(message: bytes) -> None:
            if _ANSWERED in message:
                books.execute("INSERT INTO answers VALUES (?)", (message.decode(),))
                at = message.partition(_STAMP)[2].partition(b"\r\n")[0].decode()
                file.write(f"event\t-\tanswered\t{at}\t{time.time():.6f}\n")

        client = await BareClient.connected(access)
        client.heard = heard
        await stop.wait()
        client.close()
    books.close()


if __name__ == "__main__":
    ami, out_file = given()
    asyncio.run(main(ami, Path(out_file)))
