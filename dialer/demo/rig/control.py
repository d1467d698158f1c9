"""The rig's own small AMI client, for readiness and for questions of tests. The dialer's link is another thing."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from dialer.demo.rig.build import RigError

Message = dict[str, str]
"""Header name -> value; of a header that comes several times, the last."""
Header = str | int | tuple[str, ...]
"""A value to send; several make several lines, as `Variable` wants them."""


class AmiControl:
    """One AMI session on 127.0.0.1; an async context manager. Events that come meanwhile are kept in `events`."""

    def __init__(self, port: int, username: str, secret: str) -> None:
        self.port = port
        self.username = username
        self.secret = secret
        self.events: deque[Message] = deque(maxlen=100_000)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._number = 0

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await self._reader.readline()  # the banner
            answer = await self.action("Login", Username=self.username, Secret=self.secret)
        except BaseException:
            await self.close()
            raise
        if answer.get("Response") != "Success":
            await self.close()
            raise RigError(f"AMI login of {self.username} on port {self.port}: {answer.get('Message')}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the session."""
        if self._writer is not None:
            self._writer.close()
            with suppress(ConnectionError):  # the other side was killed: it is closed all the same
                await self._writer.wait_closed()
            self._writer = None

    async def action(self, name: str, *, timeout: float = 5, **headers: Header) -> Message:
        """Send an action and give its response. Raises TimeoutError, or ConnectionError when the session is lost."""
        if self._writer is None:
            raise ConnectionError("not connected")
        self._number += 1
        action_id = f"rig-{self._number}"
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        for key, value in headers.items():
            lines += [f"{key}: {each}" for each in (value if isinstance(value, tuple) else (value,))]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(timeout):
            return await self._next(lambda m: m.get("ActionID") == action_id and "Response" in m and "Event" not in m)

    async def listed(self, name: str, *, timeout: float = 5, **headers: Header) -> list[Message]:
        """The events of an action that answers with a list; empty when it answers with an error."""
        answer = await self.action(name, timeout=timeout, **headers)
        if answer.get("EventList") != "start":
            return []
        rows: list[Message] = []
        async with asyncio.timeout(timeout):
            while True:
                message = await self._next(lambda m: m.get("ActionID") == answer["ActionID"])
                if message.get("EventList") == "Complete":
                    return rows
                rows.append(message)

    async def until(self, wanted: Callable[[Message], bool], *, timeout: float = 10) -> Message:
        """The first event, kept or to come, that is wanted. Raises TimeoutError."""
        for message in self.events:
            if wanted(message):
                return message
        async with asyncio.timeout(timeout):
            message = await self._next(wanted)
        self.events.append(message)
        return message

    async def _next(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is wanted; what comes before it is kept."""
        while not wanted(message := await self._read()):
            self.events.append(message)
        return message

    async def _read(self) -> Message:
        assert self._reader is not None
        message: Message = {}
        while True:
            line = await self._reader.readline()
            if not line:
                raise ConnectionError("Asterisk closed the AMI session")
            text = line.decode("utf-8", errors="replace").rstrip("\r\n")
            if text:
                key, _, value = text.partition(":")
                message[key] = value.strip()
            elif message:
                return message
