"""A small HTTP client: a few connections that stay open, JSON in and out, nothing that would cost time of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from dialer.errors import DialerError

_BAD = 400


@dataclass(slots=True)
class Http:
    """Requests to one service."""

    where: tuple[str, int]
    token: str
    _free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]

    async def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """One request under /api/v1; its answer. Raises ``DialerError`` when it is refused."""
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        reader, writer = await self._free.get()
        try:
            writer.write(head.encode() + data)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                (int(line[15:]) for line in answer.split("\r\n") if line.lower().startswith("content-length:")), 0
            )
            content = await reader.readexactly(length)
        finally:
            self._free.put_nowait((reader, writer))
        if int(answer.split(" ", 2)[1]) >= _BAD:
            raise DialerError(f"{method} {path}: {content.decode(errors='replace')}")
        return json.loads(content) if content else None

    async def presence(self, agent: str, presence: str) -> None:
        """What an agent says of themselves."""
        await self.send("PUT", f"agents/{agent}/presence", {"presence": presence, "reason": ""})


@asynccontextmanager
async def http(where: tuple[str, int], token: str, connections: int = 4) -> AsyncIterator[Http]:
    """A client, closed after it."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    opened = [await asyncio.open_connection(*where) for _ in range(connections)]
    for each in opened:
        free.put_nowait(each)
    try:
        yield Http(where, token, free)
    finally:
        for _, writer in opened:
            writer.close()
