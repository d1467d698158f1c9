"""Recordings over HTTP: Range, HEAD, entity tags, and the record of who listened."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from dialer.errors import RecordingError
from dialer.web.kit.config import WebConfig
from dialer.web.kit.http.ranges import matches, parse_range
from dialer.web.recordings.playback import _opened
from tests.web.system import System, open_system


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-0", range(1)),
        ("bytes=10-", range(10, 100)),
        ("bytes=10-1000", range(10, 100)),
        ("bytes=-10", range(90, 100)),
        ("bytes=-1000", range(100)),
        ("BYTES=5-6", range(5, 7)),
        ("bytes=7-6", None),  # not a range at all
        ("bytes=0-1,5-6", None),  # several: the whole file is a fair answer
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_ranges_are_read_as_the_rfc_says(header: str | None, span: range | None) -> None:
    """One range is understood; what is none is ignored."""
    assert parse_range(header, 100) == span


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_ranges_outside_the_file(header: str, size: int) -> None:
    """No byte in the range: 416, never an empty 206."""
    assert parse_range(header, size) == range(0)


def test_entity_tags() -> None:
    """Lists, weak tags and the star."""
    assert matches('"a", W/"b"', '"b"')
    assert matches("*", '"b"')
    assert not matches("*", '"b"', weak=False)
    assert not matches('W/"b"', '"b"', weak=False)
    assert not matches(None, '"b"')


async def listen(
    system: System, attempt: str, method: str = "GET", form: str = "", **headers: str
) -> tuple[int, bytes, Mapping[str, str]]:
    """Ask for the sound; status, bytes, headers."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    names["Authorization"] = f"Bearer {system.tokens['recordings']}"
    url = f"/api/v1/recordings/{attempt}/audio" + (f"?format={form}" if form else "")
    async with system.http.request(method, url, headers=names) as response:
        return response.status, await response.read(), response.headers


async def accesses(system: System, attempt: str) -> list[str]:
    """What is on record, oldest first."""
    rows = await system.ask("GET", f"/recordings/{attempt}/accesses")
    return [f"{row['who']}: {row['what']}" for row in reversed(rows)]


async def test_listening(system: System) -> None:
    """Whole, in parts, from the end, as a HEAD: right bytes, right headers, and each access on record."""
    attempt = await system.conversation()
    data = await system.record(attempt)
    status, body, headers = await listen(system, attempt)
    assert (status, body) == (200, data)
    assert headers["Content-Type"] == "audio/wav"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Cache-Control"] == "private, no-store"
    etag = headers["ETag"]
    status, body, headers = await listen(system, attempt, Range="bytes=100-199")
    assert (status, body) == (206, data[100:200])
    assert headers["Content-Range"] == f"bytes 100-199/{len(data)}"
    status, body, _ = await listen(system, attempt, Range="bytes=-50", If_Range=etag)
    assert (status, body) == (206, data[-50:])
    status, body, _ = await listen(system, attempt, Range="bytes=-50", If_Range='"other"')
    assert (status, body) == (200, data)
    before = await accesses(system, attempt)
    assert before == [
        "recordings: play",
        "recordings: play 100-199",
        f"recordings: play {len(data) - 50}-{len(data) - 1}",
        "recordings: play",
    ]
    status, body, headers = await listen(system, attempt, "HEAD", Range="bytes=0-1")
    assert (status, body, headers["Content-Length"]) == (200, b"", str(len(data)))
    status, _, headers = await listen(system, attempt, Range=f"bytes={len(data)}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(data)}")
    assert await accesses(system, attempt) == before
    status, body, _ = await listen(system, attempt, If_None_Match=etag)
    assert (status, body) == (304, b"")
    assert (await accesses(system, attempt))[-1] == "recordings: play again"


async def test_a_download_is_on_record_as_one(system: System) -> None:
    """A download is called so, by the person for whom a system asks."""
    attempt = await system.conversation()
    await system.record(attempt, 0.1)
    headers = {"Authorization": f"Bearer {system.tokens['recordings']}", "Dialer-On-Behalf-Of": "007"}
    url = f"/api/v1/recordings/{attempt}/audio?download=true"
    async with system.http.get(url, headers=headers) as response:
        assert response.headers["Content-Disposition"] == f'attachment; filename="{attempt}.wav"'
    assert await accesses(system, attempt) == ["recordings for 007: download"]


async def test_what_browsers_do_not_play_is_converted(system: System) -> None:
    """GSM goes out as WAV, or as what was asked for, with parts answered 206 under a tag of its own; as on record."""
    attempt = await system.conversation()
    await system.record_coded(attempt, "gsm", 4)
    status, whole, headers = await listen(system, attempt)
    assert (status, headers["Content-Type"], whole[:4]) == (200, "audio/wav", b"RIFF")
    status, part, headers = await listen(system, attempt, Range="bytes=1000-1999", If_Range=headers["ETag"])
    assert (status, part) == (206, whole[1000:2000])
    assert headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    status, small, headers = await listen(system, attempt, form="mp3", Range="bytes=0-")
    assert (status, headers["Content-Type"]) == (206, "audio/mpeg")
    assert len(small) < len(whole)
    status, original, headers = await listen(system, attempt, form="original")
    assert headers["Content-Disposition"].endswith('.gsm"')
    assert len(original) == 33 * 200
    assert (await accesses(system, attempt))[2:] == [
        f"recordings: play mp3 0-{len(small) - 1}",
        "recordings: play original",
    ]
    await system.ask("GET", f"/recordings/{attempt}/audio?format=aac", status=422)


async def test_what_cannot_be_converted_is_said(system: System) -> None:
    """Not an error of the server: the recording is there, and can be had as it is."""
    attempt = await system.conversation()
    await system.record_coded(attempt, "g722", 4)
    refused = await system.ask("GET", f"/recordings/{attempt}/audio", status=409)
    assert refused["error"] == "not-convertible"
    assert "format=original" in refused["message"]
    assert (await listen(system, attempt, form="original"))[0] == 200
    assert await accesses(system, attempt) == ["recordings: play original"]


async def test_what_cannot_be_played(system: System) -> None:
    """No recording is 404; a file that somebody changed is an error, and nobody gets it."""
    attempt = await system.conversation()
    await system.ask("GET", f"/recordings/{attempt}/audio", status=404)
    await system.ask("GET", "/recordings/..%2F..%2Fetc%2Fpasswd/audio", status=404)
    await system.record(attempt)
    (file,) = system.library.rglob("*.wav")
    file.write_bytes(b"shorter")
    broken = await system.ask("GET", f"/recordings/{attempt}/audio", status=500)
    assert broken["error"] == "recording"
    assert await accesses(system, attempt) == []


async def test_nobody_listens_off_the_record(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the access cannot be written down, no byte goes out."""
    from dialer.errors import StoreUnavailable
    from dialer.store.records.recordings import SqlRecordingStore

    async def full(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    attempt = await system.conversation()
    await system.record(attempt)
    monkeypatch.setattr(SqlRecordingStore, "log_access", full)
    status, body, _ = await listen(system, attempt)
    assert status == 503
    assert b"the disk is full" in body


async def test_who_does_not_read_is_let_go(folder: Path) -> None:
    """A player that takes nothing for a while loses its connection instead of holding a file open for ever."""
    async with open_system(folder, conf=WebConfig(write_s=0.2)) as system:
        attempt = await system.conversation()
        data = await system.record(attempt, 1500)
        reader, writer = await asyncio.open_connection("127.0.0.1", system.port, limit=1024)
        token = system.tokens["all"]
        head = f"GET /api/v1/recordings/{attempt}/audio HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}"
        writer.write(f"{head}\r\n\r\n".encode())
        async with asyncio.timeout(30):
            while not await accesses(system, attempt):
                pass
            await asyncio.sleep(0.5)  # the time in which nothing is read is what is tested
            got = 0
            with suppress(ConnectionError):
                while piece := await reader.read(1 << 20):
                    got += len(piece)
        writer.close()
        assert got < len(data)


async def test_a_file_that_shrinks_cuts_the_connection(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than was announced is never passed off as the whole."""
    attempt = await system.conversation()
    await system.record(attempt)
    monkeypatch.setattr("dialer.web.recordings.playback._opened", lambda _path, _at: io.BytesIO(b"short"))
    with pytest.raises(aiohttp.ClientError):
        await listen(system, attempt)


async def test_a_file_that_cannot_be_opened(system: System) -> None:
    """A file that goes away between two looks is an error in JSON, and nothing is on record as heard."""
    with pytest.raises(RecordingError, match="cannot be read"):
        _opened(system.library / "none.wav", 0)


async def test_finding_and_holding(system: System) -> None:
    """By customer, number as people write it, agent, order and day; a hold needs a reason."""
    attempt = await system.conversation()
    await system.record(attempt)
    await system.ask("POST", "/orders", json={"number": "A-1", "attempt": attempt})
    for params in (
        {"customer": "C0001"},
        {"number": "+86 139-0470-0000"},
        {"agent": "001", "day": system.today.isoformat()},
        {"order": "A-1", "recorded": "true"},
    ):
        found = await system.ask("GET", "/recordings", params=params)
        assert [call["attempt"]["id"] for call in found] == [attempt], params
    for params in ({"customer": "C0002"}, {"number": "x"}, {"recorded": "false"}, {"disposition": "busy"}):
        assert await system.ask("GET", "/recordings", params=params) == [], params
    detail = await system.ask("GET", f"/recordings/{attempt}")
    assert detail["recording"]["state"] == "kept"
    assert [order["number"] for order in detail["orders"]] == ["A-1"]
    await system.ask("GET", "/recordings/none", status=404)
    await system.ask("PUT", f"/recordings/{attempt}/hold", json={"hold": True}, status=422)
    held = await system.ask("PUT", f"/recordings/{attempt}/hold", json={"hold": True, "reason": "complaint"})
    assert (held["hold"], held["hold_reason"]) == (True, "complaint")
    assert (await system.ask("PUT", f"/recordings/{attempt}/hold", json={"hold": False}))["hold"] is False
    assert await accesses(system, attempt) == ["all: hold", "all: release"]


async def test_the_day_is_reconciled(system: System) -> None:
    """A conversation whose order is unknown and a clean day, as lists."""
    attempt = await system.conversation()
    await system.record(attempt)
    await system.ask("POST", "/orders", json={"number": "A-1", "customer": "C0009"})
    day = await system.ask("GET", "/reconciliation", params={"day": system.today.isoformat()})
    assert day["clean"] is False
    assert [line["number"] for line in day["orders_without_call"]] == ["A-1"]
    assert day["calls_without_recording"] == []
