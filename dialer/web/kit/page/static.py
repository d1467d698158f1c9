"""What lies beside the code of each part: style sheets, scripts and icon, read and packed once, known by their hash."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web
from aiohttp.typedefs import Handler

from dialer.web.kit.http.ranges import matches

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".webp": "image/webp"}


def of_parts(folder: str) -> Iterator[Traversable]:
    """What lies in the folder of this name of every part; a name is given once only, whichever part it is of."""
    for part in files("dialer.web").iterdir():
        if part.joinpath(folder).is_dir():
            yield from part.joinpath(folder).iterdir()


def static() -> Handler:
    """Answers with what lies in the parts' folders ``static``; the browser asks each time whether it has changed."""
    known: dict[str, tuple[bytes, bytes, str, str]] = {}
    for each in of_parts("static"):
        kind = _KINDS.get("." + each.name.rpartition(".")[2])
        if kind is not None:
            data = each.read_bytes()
            known[each.name] = (data, gzip.compress(data, mtime=0), kind, hashlib.sha256(data).hexdigest()[:32])

    async def serve(request: web.Request) -> web.StreamResponse:
        if request.match_info["name"] not in known:
            raise web.HTTPNotFound
        data, packed, kind, digest = known[request.match_info["name"]]
        etag, headers = f'"{digest}"', {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(packed) < len(data):
            data, etag, headers = packed, f'"{digest}-gzip"', headers | {"Content-Encoding": "gzip"}
        headers["ETag"] = etag
        if matches(request.headers.get("If-None-Match"), etag):
            return web.Response(status=304, headers=headers)
        return web.Response(body=data, content_type=kind, charset="utf-8", headers=headers)

    return serve
