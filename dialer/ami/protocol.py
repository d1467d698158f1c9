"""Reading the manager interface: bytes in, plain dicts out, fast.

panoramisk decodes each chunk as it comes from the socket, builds a rich object of every event and matches it against
patterns; that loses a character that is split between two chunks and costs ten times what is needed. Here whole
messages are cut out of the bytes first, events that nobody wants are dropped by their name before they are decoded,
and an error in whoever listens never reaches the transport.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

log = structlog.get_logger(__name__)

Fields = dict[str, str]
"""One message: header name to value, both as sent; of a repeated header the first."""

END = b"\r\n\r\n"
LONGEST_MESSAGE = 1 << 20
"""No message of Asterisk comes near this many bytes: beyond it the other side does not speak AMI."""
MOST_MESSAGES = 100_000
"""No list of Asterisk comes near this many: the answer to an action has no more."""
LONGEST_VALUE = 512
"""Bytes of a header of an event: none that is read has more than a line."""

_GREETING = b"Asterisk Call Manager/"
_EVENT = b"Event: "


def parse(raw: bytes) -> Fields:
    """The headers of one message. Bytes that are not UTF-8 become U+FFFD, never an error."""
    fields: Fields = {}
    for line in raw.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon and name not in fields:
            fields[name] = value.removeprefix(" ")
    return fields


Wanted = Mapping[str, Sequence[str]]
"""The events to pass on, and of each the headers that somebody reads."""

_Needles = tuple[tuple[str, bytes], ...]


def pick(raw: bytes, needles: _Needles) -> Fields:
    """Only these headers of one message; three times as fast as taking it all apart."""
    fields: Fields = {}
    for name, needle in needles:
        begin = raw.find(needle)
        if begin >= 0:
            begin += len(needle)
            end = raw.find(b"\r\n", begin, begin + LONGEST_VALUE)
            fields[name] = raw[begin : end if end >= 0 else begin + LONGEST_VALUE].decode("utf-8", "replace")
    return fields


class Splitter:
    """Cuts a byte stream into whole messages, wherever it was split; extra line ends between them do no harm."""

    __slots__ = ("_greeted", "_rest")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._greeted = False

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes. Raises ``ValueError`` when a message never ends."""
        looked_at = max(len(self._rest) - len(END) + 1, 0)
        self._rest += data
        last = self._rest.rfind(END, looked_at)
        messages: list[bytes] = []
        if last >= 0:
            messages = bytes(self._rest[:last]).split(END)
            del self._rest[: last + len(END)]
        if len(self._rest) > LONGEST_MESSAGE:
            raise ValueError(f"a message is longer than {LONGEST_MESSAGE} bytes")
        if messages and not self._greeted:
            # The greeting ends with one line end only, so it sticks to the first message.
            self._greeted = True
            first = messages[0].lstrip(b"\r\n")
            messages[0] = first.partition(b"\r\n")[2] if first.startswith(_GREETING) else first
        return messages


class AmiProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol with its own way of reading.

    Of the events only those ``wanted`` are passed on, of UserEvents only those whose own name starts with
    ``user_events``. Messages that belong to a pending action go to that action, whole and whatever their name; a
    response that none waits for is passed on, too. ``on_lost`` is told once that the connection is gone.
    """

    def __init__(
        self,
        on_message: Callable[[Fields], None],
        on_lost: Callable[[Exception | None], None],
        wanted: Wanted,
        user_events: str,
    ) -> None:
        self._on_message = on_message
        self._on_lost = on_lost
        self._wanted: dict[bytes, tuple[str, _Needles]] = {
            event.encode(): (event, tuple((header, f"\r\n{header}: ".encode()) for header in headers))
            for event, headers in wanted.items()
        }
        self._user_event = f"\r\nUserEvent: {user_events}".encode()
        self._splitter = Splitter()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        self.encoding = "utf8"

    def data_received(self, data: bytes) -> None:
        """Called by asyncio. Never raises: an exception here would cost the link."""
        if self.lost:
            return
        try:
            messages = self._splitter.feed(data)
        except ValueError as error:
            log.error("not a manager interface", action="ami.garbage", error=str(error))
            self.transport.abort()
            return
        for raw in messages:
            try:
                self._take(raw)
            except Exception:
                log.exception("a message could not be handled", action="ami.message_failed", message=raw[:2000])

    def _take(self, raw: bytes) -> None:
        if raw[:2] == b"\r\n":
            raw = raw.lstrip(b"\r\n")
        if raw.startswith(_EVENT):
            end = raw.find(b"\r\n")
            name = raw[7:] if end < 0 else raw[7:end]
            wanted = self._wanted.get(name)
            if wanted is None:
                if self.responses and b"\r\nActionID: " in raw:
                    self._answer(parse(raw))
                return
            if name == b"UserEvent" and self._user_event not in raw:
                return
            fields = pick(raw, wanted[1])
            fields["Event"] = wanted[0]
            self._on_message(fields)
        elif raw:
            fields = parse(raw)
            if not self._answer(fields) and "Response" in fields:
                self._on_message(fields)

    def _answer(self, fields: Fields) -> bool:
        """Hand a message to the action that waits for it, if one does."""
        action_id = fields.get("ActionID", "")
        action = self.responses.get(action_id)
        if action is None:
            return False
        if len(action.responses) >= MOST_MESSAGES:
            log.error("an answer without end", action="ami.garbage", error=f"more than {MOST_MESSAGES} messages")
            self.transport.abort()
        if action.add_message(Message(fields)):
            self.responses.pop(action_id, None)
        return True

    def connection_lost(self, reason: Exception | None) -> None:
        """Called by asyncio, once."""
        if not self.lost:
            self.lost = True
            self._on_lost(reason)

    def close(self) -> None:
        """Nothing waits for a later connection (panoramisk would queue pending actions and send them again)."""
        self.transport.close()
