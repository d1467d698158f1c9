"""Reading what a client sends, with a limit on its size and on its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from email.message import Message
from typing import TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from dialer.errors import BadInput
from dialer.web.kit.http.refusals import Malformed, TooLarge, TooSlow, WrongMedia

T = TypeVar("T")

_MOST_PARTS = 10
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, whole; ``filename`` is "" when the body does not name it."""

    data: bytes
    filename: str = ""


async def read_json(request: web.Request, limit: int, seconds: float) -> bytes:
    """The bytes of a JSON body; raises WrongMedia, TooLarge, TooSlow."""
    if request.content_type not in ("application/json", "application/octet-stream"):  # the latter is aiohttp's default
        raise WrongMedia(f"the body must be application/json, not {request.content_type}")
    return await _within(_read(request.content.iter_any(), limit, request.content_length), seconds)


async def read_upload(request: web.Request, limit: int, seconds: float) -> Upload:
    """A file, as the whole body or as the one file of a form; raises TooLarge, TooSlow, Malformed."""
    if request.content_type.startswith("multipart/"):
        return await _within(_from_form(request, limit), seconds)
    data = await _within(_read(request.content.iter_any(), limit, request.content_length), seconds)
    return Upload(data, _named(request.headers.get("Content-Disposition", "")))


async def _within(reading: Awaitable[T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {seconds:g} s") from None
    except (HttpProcessingError, ValueError, web.RequestPayloadError) as error:
        raise Malformed(f"the body cannot be read: {error}") from error


async def _read(chunks: AsyncIterator[bytes], limit: int, announced: int | None = None) -> bytes:
    if announced is not None and announced > limit:
        raise TooLarge(f"the body has {announced} bytes; at most {limit} are taken")
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > limit:
            raise TooLarge(f"the body has more than the {limit} bytes that are taken")
    return bytes(data)


async def _from_form(request: web.Request, limit: int) -> Upload:
    form = await request.multipart()
    files: list[Upload] = []
    room = limit
    for _ in range(_MOST_PARTS):
        part = await form.next()
        if part is None:
            break
        if isinstance(part, MultipartReader):
            raise Malformed("a form inside a form is not taken")
        data = await _read(_chunks(part), room)
        room -= len(data)
        if part.filename or part.name == "file":
            files.append(Upload(data, part.filename or ""))
    else:
        raise Malformed(f"a form of more than {_MOST_PARTS} parts is not taken")
    if len(files) != 1:
        raise BadInput(f"send exactly one file, in a part named 'file'; there are {len(files)}")
    return files[0]


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(_CHUNK):
        yield chunk


def _named(disposition: str) -> str:
    """The file name of a Content-Disposition header."""
    header = Message()
    header["Content-Disposition"] = disposition or "attachment"
    return header.get_filename() or ""
