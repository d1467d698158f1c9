"""No name, id or address leads out of the folders that are meant: nothing but recordings and our own static files is
ever sent. What the library's `resolve` makes of links and odd paths is in tests/recording/test_library.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from dialer.errors import RecordingError
from dialer.recording.config import RecordingConfig
from dialer.recording.folder import scan
from dialer.recording.library import resolve
from tests.web.people import People
from tests.web.system import System

SECRET = b"root:x:0:0:a-secret-of-the-machine"
CLIMBS = (
    "../secret", "..%2Fsecret", "%2e%2e%2fsecret", "%2e%2e/secret", "..%252fsecret", "%252e%252e%252fsecret",
    "..\\secret", "..%5csecret", "/etc/passwd", "//etc/passwd", "%2Fetc%2Fpasswd", "....//secret", "..;/secret",
    "%c0%ae%c0%ae/secret", "%u002e%u002e/secret", "secret%00", "secret%00.wav", "..%00/secret", "%ff", "~root",
    "file:///etc/passwd", "a" * 4000, ".", "..", "%2e%2e", "secret%0d%0aX-Injected:%201", "app.css%00", "app.css/..",
    "..%2ftemplates%2fbase.html", "../server.py", "..%2f..%2fdialer.sqlite3",
)  # fmt: skip
PLACES = (
    "/static/{}", "/api/v1/recordings/{}", "/api/v1/recordings/{}/audio", "/api/v1/recordings/{}/audio?download=true",
    "/api/v1/recordings/{}/marks", "/recordings/{}", "/pages/recordings/{}/marks", "/reports/{}",
    "/reports/{}/xlsx", "/api/v1/attempts/{}", "/admin/staff/{}", "/admin/backups/{}", "/{}",
)  # fmt: skip


async def raw(system: System, target: str, header: str) -> bytes:
    """The answer to exactly these bytes: a client of ours would tidy the path up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n".encode())
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(60):
            answer = await reader.read()
    writer.transport.abort()
    return answer


async def test_no_address_leads_out(people: People) -> None:
    """Every way up, encoded once, twice or not at all, at every place that takes a name: no file, no defect."""
    system = people.system
    (system.library.parent / "secret").write_bytes(SECRET)
    (system.library.parent / "secret.wav").write_bytes(SECRET)
    bearer = f"Authorization: Bearer {system.tokens['all']}"
    cookie = "; ".join(f"{each.key}={each.value}" for each in people.browsers["supervisor"].cookie_jar)
    for place in PLACES:
        header = bearer if place.startswith("/api") else f"Cookie: {cookie}"
        for climb in CLIMBS:
            answer = await raw(system, place.format(climb), header)
            head, _, body = answer.partition(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            assert SECRET not in body
            assert b"root:" not in body
            assert b"SQLite format" not in body
            assert b"X-Injected" not in head
            least = 300 if "audio" in place or "static" in place else 200
            assert least <= status < 500, (place, climb, status, body[:200])


async def test_what_the_books_say_does_not_lead_out(system: System) -> None:
    """Not even a path in the database: a link in the library, or a way up, is an error and never sound."""
    from dataclasses import replace

    attempt = await system.conversation()
    await system.record(attempt)
    outside = system.library.parent / "outside.wav"
    outside.write_bytes(SECRET)
    (system.library / "link.wav").symlink_to(outside)
    (system.library / "folder").symlink_to(system.library.parent)
    known = await system.services.recordings.recording(attempt)
    assert known is not None
    for path in (
        "link.wav",
        "folder/outside.wav",
        "../outside.wav",
        str(outside),
        "2026/../../outside.wav",
        "x\0y",
        ".",
    ):
        await system.services.recordings.save_recording(replace(known, path=path, size=len(SECRET)))
        header = f"Authorization: Bearer {system.tokens['all']}"
        for place in ("audio", "audio?download=true"):
            answer = await raw(system, f"/api/v1/recordings/{attempt}/{place}", header)
            assert SECRET not in answer
            assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), (path, answer[:200])


def test_links_in_the_pbxs_folder_are_not_followed(tmp_path: Path) -> None:
    """A link under an attempt's name is somebody else's file and not taken in; so is a pipe."""
    config = RecordingConfig(spool=tmp_path / "spool", done=tmp_path / "done", library=tmp_path / "library")
    config.done.mkdir()
    (tmp_path / "secret").write_bytes(SECRET)
    (config.done / "t1-7-1-abc.wav").symlink_to(tmp_path / "secret")
    (config.done / "t1-7-2-abc.raw").symlink_to("/dev/zero")
    os.mkfifo(config.done / "t1-7-3-abc.raw")
    (config.done / "..t1-7-4-abc.raw").write_bytes(b"x")
    assert [found.attempt for found in scan(config.done)] == ["", "", ""]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "x\0", "", ".", "link", "a\n"])
def test_resolve_stays_inside(tmp_path: Path, path: str) -> None:
    """The one function that turns a name into a file."""
    root = tmp_path / "library"
    root.mkdir()
    (tmp_path / "x").write_bytes(SECRET)
    (root / "link").symlink_to(tmp_path / "x")
    with pytest.raises(RecordingError):
        resolve(root, path)
