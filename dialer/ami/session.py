"""One connection to the manager interface, from connecting to its end. It never comes back: a new one is made."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any

import panoramisk
from panoramisk.actions import Action

from dialer.ami.actions import Header, encode
from dialer.ami.config import AmiConfig
from dialer.ami.protocol import AmiProtocol, Fields
from dialer.ami.translate import HEADERS, USER_EVENTS
from dialer.errors import ActionRefused, LinkDown, LinkLost, LoginRefused

_RESET = struct.pack("ii", 1, 0)


class Question(Action):  # type: ignore[misc]  # panoramisk has no types
    """An action whose answer is one response, or a list when the response says so.

    panoramisk guesses this from the words of the message and takes any "successfully queued" for an Originate.
    """

    @property
    def multi(self) -> bool:
        """Whether events follow the response."""
        first = self.responses[0]
        return first.get("EventList", "").lower() == "start" or "will follow" in first.get("Message", "").lower()


class Session(panoramisk.Manager):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's manager for the life of one connection.

    Taken from it: connecting, actions and the collecting of their answers. Mended here: it would reconnect by itself,
    without end and without a word, and send again what had not been answered.

    ``on_message`` gets every wanted message in the order of the stream; ``on_lost`` is called once if the connection
    had been made. After that every pending and every later action ends with :class:`LinkLost` or :class:`LinkDown`.
    """

    def __init__(self, config: AmiConfig, on_message: Callable[[Fields], None], on_lost: Callable[[str], None]) -> None:
        super().__init__(
            host=config.host,
            port=config.port,
            loop=asyncio.get_running_loop(),
            protocol_factory=lambda: AmiProtocol(self.message, self.connection_lost, HEADERS, USER_EVENTS),
        )
        self._ami = config
        self._on_message = on_message
        self._on_lost = on_lost
        self._why = ""
        self._gone: asyncio.Future[str] = self.loop.create_future()
        self._booted = asyncio.Event()

    async def open(self) -> None:
        """Connect and log in. Raises :class:`LinkDown`, :class:`LinkLost` or :class:`LoginRefused`."""
        where = f"{self._ami.host}:{self._ami.port}"
        try:
            async with asyncio.timeout(self._ami.connect_timeout_s):
                await self.connect()
        except TimeoutError as error:
            raise LinkDown(f"{where} does not accept a connection") from error
        except OSError as error:
            raise LinkDown(f"cannot connect to {where}: {error.strerror or error}") from error
        await self._login(where)

    async def _login(self, where: str) -> None:
        user = self._ami.username
        try:
            await self.ask(
                ("Action", "Login"),
                ("Username", user),
                ("Secret", self._ami.secret.get_secret_value()),
                ("Events", "on"),
                timeout=self._ami.login_timeout_s,
            )
        except ActionRefused as error:
            self.abort(str(error))
            if "shutting down" in str(error):
                raise LinkDown(f"{where}: Asterisk is shutting down") from error
            raise LoginRefused(
                f"{where} refuses the manager user {user!r}: {error}. "
                "Check name and secret on both sides, and that manager.conf permits this machine's address."
            ) from error

    async def ready(self) -> None:
        """Wait until the PBX has loaded everything, as far as it tells us: at most ``boot_wait_s``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._ami.boot_wait_s):
                await self._booted.wait()

    def connection_made(self, f: asyncio.Future[Any]) -> None:
        """Called by panoramisk when the attempt to connect is over. A failure is for ``open`` to tell."""
        if not f.cancelled() and f.exception() is None:
            super().connection_made(f)
            # panoramisk's pings are sent and never checked; ours are.
            pinger: asyncio.TimerHandle | None = self.__dict__.pop("pinger", None)
            if pinger is not None:
                pinger.cancel()
            if self.protocol.lost:
                self.connection_lost(None)

    @property
    def usable(self) -> bool:
        """Whether something written now can still leave."""
        return self.protocol is not None and not self.protocol.lost and not self.protocol.transport.is_closing()

    def write(self, action: bytes) -> None:
        """Put an encoded action on the wire, once. Raises :class:`LinkDown` when it surely cannot leave."""
        if not self.usable:
            raise LinkDown(self._why or None)
        self.protocol.transport.write(action)

    async def ask(self, *headers: Header, timeout: float | None = None) -> list[Fields]:
        """Send an action and return its answer: the response, then the events of its list if it has one.

        Raises :class:`ActionRefused` with the PBX's words, :class:`LinkDown` when it did not leave, and
        :class:`LinkLost` when the link broke, or the answer did not come in time, which ends the connection.
        """
        encode([*headers, ("ActionID", "checked")])
        if not self.usable:
            raise LinkDown(self._why or None)
        wait = self._ami.answer_timeout_s if timeout is None else timeout
        answer = self.send_action(Question(headers))
        await asyncio.wait((answer, self._gone), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            if not self._gone.done():
                self.abort(f"no answer to {headers[0][1]} within {wait:g} s")
            raise LinkLost(self._why)
        messages = answer.result()
        got = [dict(each) for each in (messages if isinstance(messages, list) else [messages])]
        for each in got:
            each.pop("content", None)
        if got[0].get("Response") != "Success":
            raise ActionRefused(f"{headers[0][1]}: {got[0].get('Message', 'refused without a reason')}")
        return got

    async def ping(self) -> None:  # type: ignore[override,unused-ignore]  # theirs is no coroutine
        """Ask for a sign of life. Raises :class:`LinkLost` when none comes in time, which ends the connection."""
        with contextlib.suppress(ActionRefused):  # an answer all the same
            await self.ask(("Action", "Ping"), timeout=self._ami.ping_timeout_s)

    async def lost(self, within: float) -> str | None:
        """Wait for the end of the connection, at most ``within`` seconds; its reason, or None while it lives."""
        await asyncio.wait((self._gone,), timeout=within)
        return self._why if self._gone.done() else None

    def abort(self, why: str) -> None:
        """Drop the connection at once. What the kernel has not sent yet is thrown away, not delivered later."""
        if self.protocol is None or self.protocol.lost:
            return
        self._why = self._why or why
        sock = self.protocol.transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):  # it is closed already
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.protocol.transport.abort()
        self.protocol.connection_lost(None)

    async def close(self) -> None:  # type: ignore[override,unused-ignore]  # theirs is no coroutine
        """End the connection in good order, at the latest after a second."""
        if self.protocol is None or self.protocol.lost:
            return
        self._why = "closed by us"
        self.protocol.close()
        await asyncio.wait((self._gone,), timeout=1.0)
        self.abort("closed by us")

    def message(self, fields: Fields) -> None:
        """A message that no pending action waits for."""
        if fields.get("Event") == "FullyBooted":
            self._booted.set()
        self._on_message(fields)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the protocol, once; panoramisk's own would reconnect."""
        if self._gone.done():
            return
        self._why = self._why or (str(exc) if exc else "closed by the PBX")
        self._gone.set_result(self._why)
        if self.protocol is not None:
            self.protocol.responses.clear()
        self._on_lost(self._why)
