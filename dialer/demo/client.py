"""A small client of the service's HTTP API, for the demonstration and for whatever else drives a service from outside.

A few connections stay open; JSON goes in and out; nothing in it costs time of its own, so that it can measure.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from dialer.errors import DialerError

_BAD_REQUEST = 400
_PAGE = 500

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ApiError(DialerError):
    """The service does not answer, or says no; then with its status."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """Requests to one service: that of a data folder, wherever it listens just now, or one at a URL with a token."""

    def __init__(self, service: Path | tuple[str, str], *, timeout_s: float = 60.0, connections: int = 4) -> None:
        self._service = service
        self._timeout_s = timeout_s
        self._turn = asyncio.Semaphore(connections)
        self._free: list[Connection] = []
        self._token = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        while self._free:
            self._free.pop()[1].close()

    async def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON
        """What the API answers; a parameter that is None is left out. Raises ``ApiError``, as all of these do."""
        return await self.request("GET", f"/api/v1/{path}", query)

    async def send(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send a JSON body."""
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return await self.request(method, f"/api/v1/{path}", data=data)

    async def upload(self, path: str, data: bytes, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Send a CSV file."""
        return await self.request("POST", f"/api/v1/{path}", query, data=data, kind="text/csv")

    async def presence(self, agent: str, presence: str) -> None:
        """What an agent says of themselves."""
        await self.send("PUT", f"agents/{agent}/presence", {"presence": presence})

    async def all_of(self, path: str, **query: object) -> list[Any]:
        """Every page of a listing."""
        found: list[Any] = []
        while True:
            page = await self.get(path, limit=_PAGE, offset=len(found), **query)
            rows = page["visits"] if isinstance(page, dict) else page
            found += rows
            if len(rows) < _PAGE:
                return found

    async def request(
        self,
        method: str,
        path: str,
        query: dict[str, object] | None = None,
        *,
        data: bytes = b"",
        kind: str = "application/json",
        also: int = 200,
    ) -> Any:  # noqa: ANN401 - JSON
        """One request; its answer, also one of the status ``also``."""
        try:
            async with self._turn, asyncio.timeout(self._timeout_s):
                status, content = await self._exchange(method, path + _query(query or {}), data, kind)
            found = json.loads(content) if content else None
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise ApiError(f"{method} {path}: {error!r}") from error
        if status >= _BAD_REQUEST and status != also:
            message = found.get("message") if isinstance(found, dict) else None
            raise ApiError(str(message or f"{method} {path}: {status} {content[:200]!r}"), status)
        return found

    async def _exchange(self, method: str, path: str, data: bytes, kind: str) -> tuple[int, bytes]:
        reader, writer = connection = await self._connection()
        try:
            head = f"{method} {path} HTTP/1.1\r\nHost: dialer\r\nAuthorization: Bearer {self._token}\r\n"
            head += f"Content-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
            writer.write(head.encode() + data)
            status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
            fields = dict(line.split(": ", 1) for line in lines if ": " in line)
            content = await reader.readexactly(int(fields.get("content-length", "0")))
        except BaseException:
            writer.close()
            raise
        self._free.append(connection)
        return int(status.split(" ", 2)[1]), content

    async def _connection(self) -> Connection:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():  # else the service has gone, or has had enough of waiting
                return reader, writer
            writer.close()
        if isinstance(self._service, Path):
            url = json.loads((self._service / "service.json").read_text(encoding="utf-8"))["url"]
            self._token = (self._service / "cli.token").read_text(encoding="utf-8").strip()
        else:
            url, self._token = self._service
        at = urlsplit(url)
        return await asyncio.open_connection(at.hostname, at.port)


def _query(values: dict[str, object]) -> str:
    given = {name: value for name, value in values.items() if value is not None}
    return "?" + urlencode({n: str(v).lower() if isinstance(v, bool) else v for n, v in given.items()}) if given else ""
