"""SIP messages (RFC 3261, section 7) as text, taken apart and put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Header = tuple[str, str]

_COMPACT = {"f": "from", "t": "to", "i": "call-id", "v": "via", "m": "contact", "l": "content-length"}


@dataclass(frozen=True, slots=True)
class Message:
    """A request (``status`` is 0) or a response (``method`` and ``uri`` are empty)."""

    method: str
    uri: str
    status: int
    headers: tuple[Header, ...]
    body: str

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The first value of a header, "" when there is none."""
        return next(iter(self.all(name)), "")

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of the transaction."""
        number, method = self.get("CSeq").split()
        return int(number), method

    @property
    def user(self) -> str:
        """The user part of the request's URI."""
        found = re.match(r"sips?:([^@;>]*)@", self.uri)
        return found[1] if found else ""

    @property
    def media(self) -> tuple[str, int] | None:
        """Where the sender of this SDP wants its sound; None without an audio line."""
        address = re.search(r"^c=IN IP4 (\S+)", self.body, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", self.body, re.MULTILINE)
        return (address[1], int(port[1])) if address and port else None


def read(data: bytes) -> Message:
    """A datagram as a message. Raises ``ValueError`` for what is none."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        headers.append((_COMPACT.get(name.strip().lower(), name.strip()), value.strip()))
    words = first.split()
    if words[0] == "SIP/2.0":
        return Message("", "", int(words[1]), tuple(headers), body)
    return Message(words[0], words[1], 0, tuple(headers), body)


def write(first: str, headers: Sequence[Header], body: str = "", kind: str = "application/sdp") -> bytes:
    """A message on the wire."""
    kinds = [("Content-Type", kind)] if body else []
    lines = [*headers, *kinds, ("Content-Length", str(len(body.encode())))]
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in lines), "", body]).encode()


def uri_in(text: str) -> str:
    """The URI of a Contact, From or To header."""
    found = re.search(r"<([^>]+)>", text)
    return found[1] if found else text.split(";", maxsplit=1)[0].strip()


def tag_in(text: str) -> str:
    """The tag of a From or To header, "" before there is one."""
    found = re.search(r";tag=([^;>]+)", text)
    return found[1] if found else ""


def audio(port: int, direction: str) -> str:
    """SDP (RFC 4566) for A-law on this port of 127.0.0.1."""
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na={direction}\r\n"
    )
