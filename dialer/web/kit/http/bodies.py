"""Reading what a client sends, with a limit on its size and on its time.

The only place that does: what a request says of its own encoding is compared, never believed. Forms and JSON are UTF-8,
files are bytes, nothing is unpacked. aiohttp's own readers decode by whatever codec the client names, and some of
Python's codecs take minutes over some hundred kilobytes; even ``request.content_type`` looks one up (RFC 2231).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from dialer.errors import BadInput
from dialer.web.kit.http.refusals import Malformed, TooLarge, TooSlow, WrongMedia

T = TypeVar("T")

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_UNSAID = "application/octet-stream"
"""What a client means that does not say what it sends."""
_PARAMETER = re.compile(r';\s*(\w+)(\*[\d*]*)?\s*=\s*"?([^";\s]*)')
_UTF8 = ("utf-8", "utf8", "us-ascii")
_MOST_FIELDS = 5000
_MOST_PARTS = 10
_LONGEST_HEAD = 8190


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, whole; ``filename`` is "" when the body does not name it."""

    data: bytes
    filename: str = ""


async def read_form(request: web.Request, limit: int, seconds: float) -> dict[str, str]:
    """The fields of a page's form, of a name sent twice the last; none when there is no body.

    Raises WrongMedia, TooLarge, TooSlow, Malformed.
    """
    data = await _read(request, limit, seconds, (FORM,))
    try:
        fields = parse_qsl(data.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Malformed(f"the form cannot be read ({type(error).__name__})") from None  # it may have a password in it
    return dict(fields)


async def read_json(request: web.Request, limit: int, seconds: float) -> bytes:
    """The bytes of a JSON body; raises WrongMedia, TooLarge, TooSlow."""
    return await _read(request, limit, seconds, (JSON, _UNSAID))


async def read_upload(request: web.Request, limit: int, seconds: float) -> Upload:
    """A file, as the whole body or as the one file of a form; raises WrongMedia, TooLarge, TooSlow, Malformed."""
    data = await _read(request, limit, seconds)
    kind, parameters = _media(request)
    if kind.startswith("multipart/"):
        return _file_of(data, parameters.get("boundary", ""))
    disposition = Message()
    disposition["Content-Disposition"] = _clean(request.headers.get("Content-Disposition", ""))
    return Upload(data, _parameter(disposition, "filename"))


async def _read(request: web.Request, limit: int, seconds: float, media: tuple[str, ...] = ()) -> bytes:
    """All of the body. ``media``: its type must be one of these, in UTF-8; without any, all are taken as they are."""
    if (request.content_length or 0) > limit:
        raise TooLarge(f"the body has {request.content_length} bytes; at most {limit} are taken")
    if (coding := request.headers.get("Content-Encoding", "identity").strip().lower()) != "identity":
        raise WrongMedia(f"the body must be sent as it is, not compressed ({coding})")
    kind, parameters = _media(request)
    if media and request.body_exists:
        if kind not in media:
            raise WrongMedia(f"the body must be {media[0]}, not {kind}")
        if parameters.get("charset", _UTF8[0]).lower() not in _UTF8:
            raise WrongMedia(f"the body must be UTF-8, not {parameters['charset']}")
    return await _within(_all(request, limit), seconds)


def _media(request: web.Request) -> tuple[str, dict[str, str]]:
    """Type and parameters of the body, of those sent twice the last; an encoded one (RFC 2231) has no fit value."""
    kind, _, _ = (header := _clean(request.headers.get("Content-Type", _UNSAID))).partition(";")
    found = {name.lower(): value if not star else f"?{star}" for name, star, value in _PARAMETER.findall(header)}
    return kind.strip().lower(), found


async def _within(reading: Awaitable[T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {seconds:g} s") from None
    except (HttpProcessingError, ValueError, web.RequestPayloadError) as error:
        raise Malformed(f"the body cannot be read: {error}") from error


async def _all(request: web.Request, limit: int) -> bytes:
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > limit:
            raise TooLarge(f"the body has more than the {limit} bytes that are taken")
    return bytes(data)


def _file_of(form: bytes, boundary: str) -> Upload:
    """The one file of a form (RFC 7578)."""
    if not boundary:
        raise Malformed("the form does not name its boundary")
    between = b"\r\n--" + boundary.encode()
    _, *parts = (b"\r\n" + form).split(between, _MOST_PARTS + 1)
    if len(parts) > _MOST_PARTS:
        raise Malformed(f"a form of more than {_MOST_PARTS} parts is not taken")
    if not parts or not parts[-1].startswith(b"--"):
        raise Malformed("the form is not complete: its last boundary is missing")
    files = []
    for part in parts[:-1]:
        head, blank, data = part.partition(b"\r\n\r\n")
        if not blank or len(head) > _LONGEST_HEAD:
            raise Malformed("a part of the form has no head, or one that is too long")
        said = HeaderParser().parsestr(_clean(head.decode(errors="replace")).lstrip())
        name = _parameter(said, "filename")
        if name or _parameter(said, "name") == "file":
            files.append(Upload(data, name))
    if len(files) != 1:
        raise BadInput(f"send exactly one file, in a part named 'file'; there are {len(files)}")
    return files[0]


def _parameter(head: Message, name: str) -> str:
    """A parameter of Content-Disposition, "" without; an encoded one (RFC 2231) counts when it is UTF-8."""
    value = head.get_param(name, header="content-disposition")
    if isinstance(value, tuple):  # (charset, language, its bytes as Latin-1)
        charset, _, text = value
        return text.encode("latin-1", "replace").decode(errors="replace") if (charset or "").lower() in _UTF8 else ""
    return value or ""


def _clean(header: str) -> str:
    """A header whose bytes were no UTF-8, as text that can be printed and kept."""
    return header.encode(errors="surrogateescape").decode(errors="replace")
