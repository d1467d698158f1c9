"""Bodies and heads as a stranger may send them: bytes are taken as UTF-8 or refused, and only as many as belong there.

Uploads of a gigabyte are in test_uploads.py, bodies that never end in tests/web/kit/test_errors.py.
"""

from __future__ import annotations

import ast
import asyncio
import codecs
import gzip
import itertools
import zlib
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.test_structure import PACKAGE, ROOT, parse
from tests.web.people import People
from tests.web.system import System

FORM = "application/x-www-form-urlencoded"
SIGN_IN = b"number=001&password=x"


async def raw(system: System, head: str | bytes, body: bytes = b"") -> tuple[int, str]:
    """Send a request line with further header lines; the status and the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    lines = head.encode() if isinstance(head, str) else head
    writer.write(lines + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    async with asyncio.timeout(60):
        answer = (await reader.read()).decode(errors="replace")
    writer.close()
    assert answer.startswith("HTTP/1."), answer[:200]
    return int(answer.split()[1]), answer


def post(path: str, system: System, media: str, *more: str) -> str:
    """The head of a POST by a system that may do everything."""
    token = f"Authorization: Bearer {system.tokens['all']}"
    return "\r\n".join((f"POST {path} HTTP/1.1", token, f"Content-Type: {media}", *more))


@pytest.fixture
def looked_up() -> Iterator[list[str]]:
    """Codecs whose names begin with "theirs" that somebody looked for."""
    names: list[str] = []

    def search(name: str) -> None:
        if name.startswith("theirs"):
            names.append(name)

    codecs.register(search)
    yield names
    codecs.unregister(search)


async def test_no_codec_is_looked_up_that_a_client_names(people: People, looked_up: list[str]) -> None:
    """Wherever a request can name one: it is refused or overlooked, and the codec is not even looked for."""
    system, number = people.system, itertools.count()

    def name() -> str:
        return f"theirs{next(number)}"

    def part(disposition: str, *more: str) -> bytes:
        head = "\r\n".join((f"Content-Disposition: {disposition}", *more))
        return f"--x\r\n{head}\r\n\r\n%41\r\n--x--\r\n".encode()

    for path in ("/sign-in", "/sign-out", "/password", "/language", "/floor/deal"):
        for charset in (
            f"charset={name()}",
            f'charset="{name()}"',
            f"charset*={name()}''utf-8",
            f"a=b; CHARSET={name()}",
        ):
            assert (await raw(system, f"POST {path} HTTP/1.1\r\nContent-Type: {FORM}; {charset}", SIGN_IN))[0] == 415
    assert (await raw(system, f"POST /sign-in HTTP/1.1\r\nContent-Type: {FORM}", f"_charset_={name()}&a=%41".encode()))[
        0
    ] == 422
    for path in ("/api/v1/campaign/pause", "/api/v1/orders"):
        for charset in (f"charset={name()}", f"charset*={name()}''utf-8"):
            assert (await raw(system, post(path, system, f"application/json; {charset}"), b"{}"))[0] == 415
    mixed = "multipart/form-data; boundary=x"
    for media, body in (
        (mixed, part(f"form-data; name=file; filename*={name()}''%41.csv")),
        (mixed, part(f"form-data; name*={name()}''file; filename=a.csv")),
        (mixed, part("form-data; name=_charset_") + name().encode()),
        (mixed, part("form-data; name=file; filename=a", f"Content-Type: text/csv; charset={name()}")),
        (mixed, part("form-data; name=file; filename=a", f"Content-Type: text/csv; charset*={name()}''x")),
        (mixed, part(f'form-data; name=file; filename="=?{name()}?q?a?="')),
        (f"{mixed}; charset={name()}", part("form-data; name=file; filename=a.csv")),
        (f"text/csv; charset*={name()}''x", b"a"),
        (f"text/csv; charset={name()}", b"a"),
    ):
        assert (await raw(system, post("/api/v1/visits", system, media), body))[0] in (400, 415, 422)
    for disposition in (f"attachment; filename*={name()}''%41", f"attachment; filename*0*={name()}''%41; filename*1=b"):
        head = post("/api/v1/visits", system, "text/csv", f"Content-Disposition: {disposition}")
        assert (await raw(system, head, b"a"))[0] == 422
    for header in (
        "Accept-Charset",
        "Content-Type",
        "Accept-Language",
        "Cookie",
        "Dialer-On-Behalf-Of",
        "Content-Encoding",
    ):
        for value in (name(), f"text/html; charset*={name()}''x", f"=?{name()}?q?a?="):
            assert (await raw(system, f"GET /sign-in?q={name()} HTTP/1.1\r\n{header}: {value}"))[0] == 200
    assert looked_up == []


async def test_sixteen_kilobytes_before_sign_in(people: People) -> None:
    """Who has no session may send what a sign-in takes and no more; the size is looked at before anything else."""
    system = people.system
    for media in (FORM, f"{FORM}; charset=punycode", f"{FORM}; charset=utf-8"):
        status, answer = await raw(system, f"POST /sign-in HTTP/1.1\r\nContent-Type: {media}", b"a=" + b"a" * 400_000)
        assert (status, "<html" in answer) == (413, True)
    chunked = f"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    writer.write(chunked.encode() + b"1000\r\n" + b"a" * 0x1000 + b"\r\n" + b"4000\r\n" + b"a" * 0x4000 + b"\r\n")
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    for path in ("/password", "/language", "/floor/deal", "/sign-out"):
        head = f"POST {path} HTTP/1.1\r\nContent-Type: {FORM}\r\nCookie: dialer_session=nobody"
        assert (await raw(system, head, b"a=" + b"a" * 17_000))[0] == 413
    ticked = {"which": "ticked", "to": "001"} | {f"visit-{number}": "on" for number in range(2000)}
    assert (await people.ask("leader", "POST", "/floor/deal", data=ticked)).status == 422
    assert (await people.ask("leader", "POST", "/floor/deal", data={"a": "a" * 300_000})).status == 413


@pytest.mark.parametrize(
    "body", [b"number=\xc4\xe3", b"number=%FF", b"number=%ED%A0%80", b"a&" * 8000 + b"number=%C0%80", b"\xff\xfea=b"]
)
async def test_a_form_that_is_not_utf8(system: System, body: bytes) -> None:
    """A page says so, with status 400."""
    status, answer = await raw(system, f"POST /sign-in HTTP/1.1\r\nContent-Type: {FORM}", body)
    assert (status, "<html" in answer) == (400, True)


@pytest.mark.parametrize("media", ["text/plain", "multipart/form-data; boundary=x", "application/json", "", ";", "/"])
async def test_a_form_of_another_type(system: System, media: str) -> None:
    """No page takes it; what is no form at all is not taken for an empty one."""
    status, answer = await raw(system, f"POST /sign-in HTTP/1.1\r\nContent-Type: {media}", SIGN_IN)
    assert (status, "<html" in answer) == (415, True)


async def test_a_body_that_wants_to_be_unpacked(people: People) -> None:
    """No compressed body is taken, be it a form, JSON or a list: nothing is unpacked."""
    system, zeros = people.system, b"\0" * (16 << 20)
    for coding, packed in (
        ("gzip", gzip.compress(zeros)),
        ("deflate", zlib.compress(zeros)),
        ("br", b"x"),
        ("x", b"x"),
    ):
        encoding = f"Content-Encoding: {coding}"
        assert (await raw(system, f"POST /sign-in HTTP/1.1\r\nContent-Type: {FORM}\r\n{encoding}", packed[:9000]))[
            0
        ] == 415
        for path, media in (("/api/v1/campaign/pause", "application/json"), ("/api/v1/visits", "text/csv")):
            assert (await raw(system, post(path, system, media, encoding), packed))[0] == 415
    plain = post("/api/v1/campaign/pause", system, "application/json; charset=UTF-8", "Content-Encoding: identity")
    assert (await raw(system, plain, b'{"reason": "x"}'))[0] == 204


NASTY = (
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "汉字".encode("gbk"),
    b"%ff%00",
    b"[",
    b"//[x",
    b'"' * 100,
    b"a" * 7000,
    b"\x7f",
    b"99999999999999999999",
)


@pytest.mark.parametrize("value", NASTY, ids=lambda value: quote(value[:6]))
async def test_a_head_that_nobody_would_write(people: People, value: bytes) -> None:
    """A header or an address of any bytes never ends in a defect."""
    system = people.system
    session = next(cookie.value for cookie in people.browsers["leader"].cookie_jar if cookie.key == "dialer_session")
    names = (
        "Accept-Language", "Authorization", "Content-Disposition", "Content-Type", "Cookie", "Dialer-Fragment",
        "Dialer-On-Behalf-Of", "If-None-Match", "If-Range", "Last-Event-ID", "Origin", "Range", "Referer",
        "Sec-Fetch-Site", "User-Agent", "X-CSRF-Token", "X-Forwarded-For", "X-Forwarded-Host",
    )  # fmt: skip
    who = f"Cookie: dialer_session={session}; dialer_language=".encode()
    asked = [
        b"%s\r\n%s: %s\r\n%s" % (line, name.encode(), value, who)
        for line in (b"GET /floor HTTP/1.1", b"GET /api/v1/visits HTTP/1.1", b"POST /sign-in HTTP/1.1")
        for name in names
    ]
    asked += [
        b"GET %s HTTP/1.1\r\n%s" % (path % value, who)
        for path in (
            b"/%s", b"/floor?q=%s", b"/customers?q=%s", b"/api/v1/customers/%s/why", b"/api/v1/visits?agent=%s",
            b"/recordings/%s", b"/sign-in?next=%s", b"/static/%s", b"/api/v1/recordings?customer=%s&day=%%31",
        )
    ]  # fmt: skip
    for head in asked:
        status, answer = await raw(system, head)
        assert status < 500, (head, answer[-300:])


def test_one_place_reads_what_clients_send() -> None:
    """aiohttp's own readers decode by the codec that a client names: nothing calls them; one module takes the bytes."""
    decoding = {"post", "text", "json", "multipart", "charset", "content_type", "get_filename", "get_content_charset"}
    taking = {"content", "read", "read_chunk", "release"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: .{node.attr}"
        for path in sorted((PACKAGE / "web").rglob("*.py"))
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute)
        and node.attr in decoding | (set() if path.name == "bodies.py" else taking)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr) in ("request", "http", "part")
    ]
    assert found == []
