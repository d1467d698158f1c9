"""Playing a file over HTTP: Range, HEAD, entity tag. That somebody listens is on record before the first byte."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import structlog
from aiohttp import web

from dialer.errors import RecordingError, Refused, StoreError
from dialer.recording.library import Library
from dialer.web.kit.http.ranges import matches, parse_range

log = structlog.get_logger(__name__)

_CHUNK = 1 << 18

Confirm = Callable[[], Awaitable[None]]


async def play(
    request: web.Request, library: Library, attempt: str, *, who: str, confirm: Confirm, download: bool,
    write_s: float, form: str | None = None,
) -> web.StreamResponse:  # fmt: skip
    """The answer to a GET or HEAD of a recording, in the format ``form`` or in one that browsers play.

    ``confirm`` raises when whoever listens may not any more; it is asked again for each piece.

    Raises NotFound, RecordingError, StoreError, Conflict when it cannot be had in that format, and as ``confirm``.
    """
    audio = await library.open_as(attempt, form)
    await confirm()  # to make another format takes a while
    etag = f'"{audio.tag}"'
    disposition = "attachment" if download else "inline"
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'{disposition}; filename="{attempt}{audio.path.suffix}"',
        "Content-Type": audio.mime,
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }
    what, address = "download" if download else "play", request.remote or ""
    if form is not None:
        what = f"{what} {form}"
    if matches(request.headers.get("If-None-Match"), etag):
        if request.method == "GET":  # what the client kept is heard once more
            await library.note(attempt, who=who, what=f"{what} again", address=address)
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    if_range = request.headers.get("If-Range")
    wanted = request.headers.get("Range") if if_range is None or matches(if_range, etag, weak=False) else None
    span = parse_range(wanted, audio.size) if request.method == "GET" else None
    if span is not None and not span:
        return web.Response(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{audio.size}", "Cache-Control": "no-store"},
        )
    response = web.StreamResponse(status=HTTPStatus.OK, headers=headers)
    if span is not None:
        response.set_status(HTTPStatus.PARTIAL_CONTENT)
        response.headers["Content-Range"] = f"bytes {span[0]}-{span[-1]}/{audio.size}"
        what = f"{what} {span[0]}-{span[-1]}"
    span = span or range(audio.size)
    response.content_length = len(span)
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    with await asyncio.to_thread(_opened, audio.path, span.start) as file:
        await library.note(attempt, who=who, what=what, address=address)
        await response.prepare(request)
        await _send(request, response, file, len(span), write_s, confirm)
    return response


async def _send(
    request: web.Request, response: web.StreamResponse, file: BinaryIO, left: int, write_s: float, confirm: Confirm
) -> None:
    """Send ``left`` bytes. What goes wrong now can only be shown by cutting the connection."""
    try:
        while left:
            piece = await asyncio.to_thread(file.read, min(left, _CHUNK))
            if not piece:
                raise RecordingError("the file became shorter while it was played")
            await confirm()
            async with asyncio.timeout(write_s):
                await response.write(piece)
            left -= len(piece)
        await response.write_eof()
    except (OSError, TimeoutError, RecordingError, StoreError, Refused) as error:
        if not isinstance(error, ConnectionError):
            log.warning("playback was cut short", action="web.playback_cut", error=str(error) or "client too slow")
        if request.transport is not None:
            request.transport.abort()


def _opened(path: Path, at: int) -> BinaryIO:
    try:
        file = path.open("rb")
        file.seek(at)
    except OSError as error:
        raise RecordingError(f"the recording {path.name} cannot be read: {error.strerror}") from error
    return file
