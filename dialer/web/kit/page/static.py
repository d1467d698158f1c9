"""What lies beside the code of each part: style sheets, scripts and icon, read once, asked after by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

from dialer.web.kit.http.ranges import matches

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".webp": "image/webp"}


def of_parts(folder: str) -> Iterator[Traversable]:
    """What lies in the folder of this name of every part; a name is given once only, whichever part it is of."""
    for part in files("dialer.web").iterdir():
        if part.joinpath(folder).is_dir():
            yield from part.joinpath(folder).iterdir()


class Static:
    """What lies in the parts' folders ``static``."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str, str]] = {}
        for each in of_parts("static"):
            kind = _KINDS.get("." + each.name.rpartition(".")[2])
            if kind is not None:
                data = each.read_bytes()
                self._files[each.name] = (data, kind, f'"{hashlib.sha256(data).hexdigest()[:32]}"')

    async def serve(self, request: web.Request) -> web.Response:
        """One file; the browser asks each time whether it has changed."""
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        data, kind, etag = found
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if matches(request.headers.get("If-None-Match"), etag):
            return web.Response(status=304, headers=headers)
        return web.Response(body=data, content_type=kind, charset="utf-8", headers=headers)
