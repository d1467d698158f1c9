"""A SIP user agent on a port of 127.0.0.1, whose part in each call a test writes as a coroutine."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Self, cast

from tests.kit.sip import message
from tests.kit.sip.dialog import Address, Dialog
from tests.kit.sip.message import Header, Message
from tests.kit.sip.tones import Side

Part = Callable[[Dialog], Awaitable[object]]


class Party(asyncio.DatagramProtocol):
    """``async with Party(play) as party``: ``play`` is awaited with each call that comes in.

    ``side`` is the voice that it speaks with. ``calls`` has every dialog. What ``play`` raises is raised at the end.
    """

    def __init__(self, play: Part, *, side: Side = "agent") -> None:
        self.play = play
        self.side = side
        self.calls: list[Dialog] = []
        self._dialogs: dict[str, Dialog] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failed: list[BaseException] = []
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def open(self) -> None:
        """Listen, on a port that is free."""
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for call in self.calls:
            call.over()
        assert self._transport is not None
        self._transport.close()
        if self._failed:
            raise self._failed[0]

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def dial_string(self, user: str, endpoint: str = "carrier") -> str:
        """What an Asterisk dials to reach it, through an endpoint of its own."""
        return f"PJSIP/{endpoint}/sip:{user}@127.0.0.1:{self.port}"

    async def dial(self, user: str, at: Address, caller: str) -> Dialog:
        """Call ``user`` at an address as ``caller``; wait for ``answered`` or ``ended`` of what it gives."""
        headers = [
            self.via(),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{caller}@127.0.0.1:{self.port}>;tag={secrets.token_hex(4)}"),
            ("To", f"<sip:{user}@{at[0]}:{at[1]}>"),
            ("Call-ID", secrets.token_hex(8)),
            ("CSeq", "1 INVITE"),
            ("Contact", f"<sip:{caller}@127.0.0.1:{self.port}>"),
            ("Supported", "replaces"),
        ]
        start = f"INVITE sip:{user}@{at[0]}:{at[1]} SIP/2.0"
        call = Dialog(self, message.read(message.write(start, headers)), at, outgoing=True)
        voice = await call.open_voice()
        self._remember(call)
        self.send(message.write(start, headers, message.audio(voice.port, "sendrecv")), at)
        return call

    def via(self) -> Header:
        """A Via for a new transaction."""
        return "Via", f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def send(self, data: bytes, to: Address) -> None:
        """Put a message on the wire."""
        assert self._transport is not None
        self._transport.sendto(data, to)

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Run something that belongs to this party, until it is done or the party leaves."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """A message, or a keep-alive, which is passed over."""
        if not data.strip():
            return
        said = message.read(data)
        call = self._dialogs.get(said.get("Call-ID"))
        if said.status:
            if call is not None:
                call.take_response(said)
        elif call is None:
            self._begin(said, addr)
        elif (said.method, said.cseq) != (call.invite.method, call.invite.cseq):  # else the INVITE once more
            self.spawn(call.take_request(said))

    def _begin(self, said: Message, addr: Address) -> None:
        call = Dialog(self, said, addr)
        if said.method == "INVITE":
            self._remember(call)
            self.spawn(self._play(call))
        elif said.method != "ACK":
            call.reply(200 if said.method == "OPTIONS" else 481, to=said)

    async def _play(self, call: Dialog) -> None:
        await self.play(call)

    def _remember(self, call: Dialog) -> None:
        self._dialogs[call.invite.get("Call-ID")] = call
        self.calls.append(call)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed.append(error)
