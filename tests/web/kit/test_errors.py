"""Bad requests: whatever comes in, the answer is JSON that says what is wrong, and never a traceback."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from dialer import errors as tree
from dialer.campaign.messages import ResumeCampaign
from dialer.campaign.state import PAUSED
from dialer.campaign.step import HANDLERS
from dialer.errors import Busy, DialerError, StoreUnavailable
from dialer.web.kit.config import WebConfig
from dialer.web.kit.http.errors import STATUS, status_of
from dialer.web.kit.localtime import instant
from dialer.web.server import Server
from tests.web.people import People
from tests.web.system import System, open_system


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("BadInput", 422),
        ("ListRefused", 422),
        ("NotFound", 404),
        ("Conflict", 409),
        ("Busy", 503),
        ("Refused", 400),
        ("StoreUnavailable", 503),
        ("GuardFailed", 500),
        ("LinkDown", 503),
        ("RecordingError", 500),
        ("DialerError", 500),
    ],
)
def test_every_error_has_its_status(error: str, status: int) -> None:
    """The nearest class that the table names decides."""
    kind = getattr(tree, error)
    assert status_of(kind("x")) == status


def test_no_error_is_without_a_status() -> None:
    """Whatever is added to the tree is answered."""
    kinds = [kind for kind in vars(tree).values() if isinstance(kind, type) and issubclass(kind, DialerError)]
    assert all(any(base in STATUS for base in kind.__mro__) for kind in kinds)


async def test_malformed_requests(system: System) -> None:
    """No JSON, wrong JSON, unknown fields and parameters, the same twice, other media: each has its place named."""
    path = "/campaign/pause"
    for body in (b"{", b"\xff", b'{"reason": "\\ud800"}'):
        assert (await system.ask("POST", path, data=body, headers=JSON, status=400))["error"] == "malformed"
    for body in (b"[]", b"null", b'{"reason": 5}', b'{"why": ""}', b'{"reason": "' + b"x" * 3000 + b'"}'):
        assert (await system.ask("POST", path, data=body, headers=JSON, status=422))["error"] == "bad-input"
    assert (await system.ask("POST", path, data=b"<a/>", headers={"Content-Type": "text/xml"}, status=415))["message"]
    unknown = await system.ask("GET", "/visits", params={"dya": "2026-11-23"}, status=422)
    assert unknown["problems"][0]["where"] == "dya"
    twice = await system.ask("GET", "/visits?day=2026-11-23&day=2026-11-24", status=422)
    assert twice["problems"][0]["reason"] == "given twice"
    for bad in ("limit=0", "limit=1001", "offset=-1", "day=0", "day=1e9", "state=none", "day=9999-12-31"):
        await system.ask("GET", f"/visits?{bad}", status=422)
    await system.ask("GET", f"/visits/{2**63}", status=422)
    await system.ask("GET", "/visits/none", status=422)
    await system.ask("GET", "/nothing", status=404)
    wrong = await system.ask("DELETE", "/visits", status=405)
    assert wrong["error"] == "method-not-allowed"
    for text in ("%ff", "%00", "%F0%9F%98%80", "..%2f..", "'%20or%201=1"):
        assert (await system.ask("GET", f"/customers/{text}/why"))["code"] == "not_on_list"


JSON = {"Content-Type": "application/json"}


async def test_too_large_and_too_slow(folder: Path) -> None:
    """A body over the limit is refused whether it says its size or not; one that does not come is not waited for."""
    conf = WebConfig(max_json=1000, max_upload=2000, body_s=0.2, upload_s=0.2)

    async def chunks(size: int, pause: float = 0.0) -> object:
        for _ in range(size // 100):
            yield b" " * 100
            if pause:
                await asyncio.sleep(pause)

    async with open_system(folder, conf=conf) as system:
        await system.ask("POST", "/campaign/pause", data=b" " * 1001, headers=JSON, status=413)
        await system.ask("POST", "/campaign/pause", data=chunks(5000), headers=JSON, status=413)
        await system.ask("POST", "/visits", data=b" " * 2001, status=413)
        await system.ask("POST", "/visits", data=chunks(5000), status=413)
        slow = await system.ask("POST", "/visits", data=chunks(1000, 0.1), status=408)
        assert slow["error"] == "too-slow"
        await system.ask("POST", "/campaign/pause", data=chunks(800, 0.1), headers=JSON, status=408)
        assert (await system.ask("GET", "/progress"))["paused"] == ""


async def test_a_head_that_never_ends_is_cut_off(folder: Path) -> None:
    """A connection that sends its request a byte at a time is closed; so is one that sends nothing."""
    async with open_system(folder, conf=WebConfig(idle_s=0.3)) as system:
        for sent in (b"", b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: "):
            reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
            writer.write(sent)
            async with asyncio.timeout(30):
                assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()


async def test_an_address_in_use_is_named(system: System) -> None:
    """A second server on the same port says which address it is and what to do."""
    with pytest.raises(DialerError, match=rf"127.0.0.1:{system.port} .*choose another"):
        await Server(system.services, WebConfig(port=system.port)).start()


async def test_a_defect_stays_inside(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw is a 500 with a name that the log has too, and nothing of its insides."""

    def normalise(_raw: str) -> object:
        raise RuntimeError("secret insides")

    async with open_system(folder, normalise=normalise) as system:
        answer = await system.ask("PUT", "/customers/C1/phone", json={"phone": "1"}, status=500)
    assert answer["error"] == "internal"
    assert "insides" not in str(answer)
    name = answer["message"].rpartition("=")[2]
    assert name in capsys.readouterr().out


async def test_what_the_machine_lacks_is_no_defect(folder: Path) -> None:
    """A workbook is written on a full disk: 503, to be tried again, and no alarm of a defect."""
    found: list[str] = []

    def normalise(_raw: str) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with open_system(folder, normalise=normalise, defect_found=found.append) as system:
        answer = await system.ask("PUT", "/customers/C1/phone", json={"phone": "1"}, status=503)
    assert answer["error"] == "busy"
    assert "No space left" in answer["message"]
    assert found == []


async def test_a_defect_of_a_page_is_an_alarm_until_it_stays_away(folder: Path) -> None:
    """Issue 10, A1: whoever is responsible hears of it without reading the log."""
    found: list[str] = []

    def normalise(_raw: str) -> object:
        raise RuntimeError("secret insides")

    async with open_system(folder, normalise=normalise, defect_found=found.append) as system:
        await system.ask("PUT", "/customers/C1/phone", json={"phone": "1"}, status=500)
    assert found == ["PUT /api/v1/customers/{code}/phone"]


async def test_nothing_is_promised_that_cannot_be_written(system: System) -> None:
    """While the disk is full a command is refused at once; one that is stuck is answered in time."""
    system.engine.trouble = "disk full"
    refused = await system.ask("POST", "/campaign/pause", json={}, status=503)
    assert refused["error"] == "busy"
    assert "disk full" in refused["message"]
    parts = (await system.ask("GET", "/health/ready", token=None, status=503))["parts"]
    assert parts[0]["level"] == "failed"
    system.engine.trouble = ""


async def test_a_stuck_engine_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that does not come is a 504 that says to look before repeating."""
    async with open_system(folder, conf=WebConfig(command_s=0.1)) as system:

        async def stuck(_command: object) -> object:
            await asyncio.Event().wait()
            return None

        monkeypatch.setattr(system.engine, "ask", stuck)
        late = await system.ask("POST", "/campaign/pause", json={}, status=504)
        assert late["error"] == "not-yet"


async def test_busy_and_store_errors_can_be_tried_again(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 comes with Retry-After."""
    for error in (Busy(), StoreUnavailable("locked")):

        async def refuse(_command: object, error: DialerError = error) -> object:
            raise error

        monkeypatch.setattr(system.engine, "ask", refuse)
        headers = {"Authorization": f"Bearer {system.tokens['all']}"}
        async with system.http.post("/api/v1/campaign/resume", headers=headers) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("10:30", "2026-11-23T02:30:00+00:00"),
        (" 9：05 ", "2026-11-23T01:05:00+00:00"),
        ("2026-11-24T10:30", "2026-11-24T02:30:00+00:00"),
        ("2026-11-24T10:30:00Z", "2026-11-24T10:30:00+00:00"),
    ],
)
def test_times_as_people_write_them(text: str, utc: str) -> None:
    """HH:MM is on the department's clock; so is ISO 8601 without an offset."""
    from datetime import date

    assert instant(text, date(2026, 11, 23), ZoneInfo("Asia/Shanghai")).isoformat() == utc


def test_a_time_that_does_not_exist() -> None:
    """Where clocks are put forward an hour is missing, and cannot be promised."""
    from datetime import date

    with pytest.raises(tree.BadInput, match="put forward"):
        instant("02:30", date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    with pytest.raises(tree.BadInput, match="no time"):
        instant("0001-01-01T00:00:00+23:59", date(2026, 3, 29), ZoneInfo("Asia/Shanghai"))


SENT = (
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/agents HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /static/app.js HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00 no HTTP at all\r\n\r\n",
    b"GET / HTTP/1.1\r\nno header\r\n\r\n",
    b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
)


async def test_no_answer_says_what_it_is_made_of(system: System) -> None:
    """Not the library, its version or Python's: not on pages, nor on errors, nor when no request could be read."""
    for sent in SENT:
        reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
        writer.write(sent)
        async with asyncio.timeout(60):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
        writer.close()
        assert head.startswith(b"http/1."), sent
        assert b"python" not in head
        assert b"aiohttp" not in head


async def test_a_handler_that_fails_is_told_to_who_asked_and_to_who_is_responsible(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 10, A1: 500 with the name that the log has, an alarm above every page, and the day goes on."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret insides")

    system = people.system
    monkeypatch.setitem(HANDLERS, ResumeCampaign, broken)
    with capture_logs() as said:
        answer = await system.ask("POST", "/campaign/resume", status=500)
    names = {line["defect"] for line in said if "defect" in line}
    assert {answer["message"].rpartition("=")[2]} == names
    assert "insides" not in str(answer)
    await system.until(lambda: "defect:ResumeCampaign" in system.engine.state.alarms)
    assert 'data-live="/pages/strip"' in await people.get("administrator", "/admin")
    for page in (await people.get("administrator", "/pages/strip"), await people.get("leader", "/status?lang=en")):
        assert "ResumeCampaign" in page
        assert "insides" not in page
    await system.ask("POST", "/campaign/pause", json={"reason": "tea"}, status=204)
    assert system.engine.state.flags[PAUSED]
