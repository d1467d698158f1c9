"""Signed posts to a real HTTP server that answers in every way that servers do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
import structlog
from pydantic import ValidationError
from standardwebhooks import WebhookVerificationError

from dialer.clock import SystemClock
from dialer.errors import DeliveryFailed, SettingsError
from dialer.notices.config import PlatformSettings
from dialer.notices.webhook import WebhookSender
from tests.notices.platform import SECRET, Platform, answer, cut_off, endless
from tests.notices.tools import notice

OTHER = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="

_YEAR = 365 * 86400


class Senders:
    """Makes senders to the platform and closes them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: list[WebhookSender] = []

    def __call__(self, url: str = "", **settings: object) -> WebhookSender:
        config = PlatformSettings.model_validate({"url": url or self.url, "secret": SECRET, **settings})
        sender = WebhookSender(config, SystemClock())
        self.made.append(sender)
        return sender


@pytest.fixture
async def senders(platform: Platform) -> AsyncIterator[Senders]:
    made = Senders(platform.url)
    yield made
    for sender in made.made:
        await sender.close()
        await sender.close()  # twice does no harm


async def failure(sender: WebhookSender) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        await sender.deliver(notice())
    return caught.value


async def test_the_signature(platform: Platform, senders: Senders) -> None:
    """The reference library accepts the request with our secret and with no other, and not when it was changed."""
    await senders().deliver(notice())
    (sent,) = platform.received
    assert sent.verify() == notice().body
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["User-Agent"].startswith("dialer/")
    with pytest.raises(WebhookVerificationError):
        sent.verify(OTHER)
    sent.headers["webhook-id"] += "x"
    with pytest.raises(WebhookVerificationError):
        sent.verify()


async def test_the_same_notice_twice(platform: Platform, senders: Senders) -> None:
    """Sent again, a notice has the same id and the same body."""
    sender = senders()
    await sender.deliver(notice())
    await sender.deliver(notice())
    first, second = platform.received
    assert (first.id, first.text) == (second.id, second.text)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("abc123-unreached-7-1", "abc123-unreached-7-1"),
        ("abc123-alarm-agent:8001-20261121T000000000001", "abc123-alarm-agent:8001-20261121T000000000001"),
        (
            "abc123-late-start-2026-11-21-城东营销部",
            "abc123-late-start-2026-11-21-%E5%9F%8E%E4%B8%9C%E8%90%A5%E9%94%80%E9%83%A8",
        ),
        ("abc123-x\r\nEvil: 1", "abc123-x%0D%0AEvil:%201"),
    ],
)
async def test_ids_in_headers(given: str, sent: str, platform: Platform, senders: Senders) -> None:
    """An id with characters that no header can carry goes out escaped, always in the same way, and is signed so."""
    await senders().deliver(notice(key=given.removeprefix("abc123-")))
    assert platform.received[0].id == sent
    platform.received[0].verify()


@pytest.mark.parametrize(("status", "text"), [(200, ""), (202, "garbage"), (204, ""), (200, "<html>")])
async def test_any_2xx_acknowledges(status: int, text: str, platform: Platform, senders: Senders) -> None:
    """Unless more is asked for, a 2xx answer is enough whatever it says."""
    platform.answers.append(answer(status, text))
    await senders().deliver(notice())


@pytest.mark.parametrize(
    ("status", "headers", "permanent", "retry_after"),
    [
        (500, {}, False, None),
        (503, {"Retry_After": "120"}, False, 120),
        (503, {"Retry_After": "soon"}, False, None),
        (429, {"Retry_After": "7"}, False, 7),
        (408, {}, False, None),
        (409, {}, False, None),
        (425, {}, False, None),
        (401, {}, False, 600),
        (404, {}, False, 600),
        (404, {"Retry_After": "7200"}, False, 7200),
        (410, {}, True, 600),
        (301, {"Location": "http://elsewhere.example/x"}, False, 600),
    ],
)
async def test_every_other_answer_is_a_failure(
    status: int,
    headers: dict[str, str],
    permanent: bool,
    retry_after: float | None,
    platform: Platform,
    senders: Senders,
) -> None:
    """What passes is tried on schedule, what needs a person less often; only 410 is for good."""
    platform.answers.append(answer(status, **headers))
    failed = await failure(senders())
    assert (failed.permanent, failed.retry_after_s) == (permanent, retry_after)
    assert f"http://127.0.0.1:{platform.port}/notices answered {status}" in str(failed)


async def test_retry_after_as_a_date(platform: Platform, senders: Senders) -> None:
    """Retry-After may be a date; one that is over asks for nothing."""
    now = SystemClock().now()
    platform.answers.append(answer(503, Retry_After=_http(now + timedelta(seconds=100))))
    platform.answers.append(answer(503, Retry_After=_http(now - timedelta(seconds=100))))
    wait = (await failure(senders())).retry_after_s
    assert wait is not None
    assert 90 < wait <= 100
    assert (await failure(senders())).retry_after_s == 0


def _http(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("1" + "0" * 30, _YEAR),
        ("9" * 8000, _YEAR),
        ("１２", 12),
        ("²", None),
        ("-5", None),
        ("nan", None),
        ("1e30", None),
        ("inf", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", _YEAR),
        ("Fri, 31 Dec 9999 23:59:59 -2359", _YEAR),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999", None),
        ("", None),
    ],
)
async def test_a_retry_after_that_nobody_means(
    asked: str, waited: float | None, platform: Platform, senders: Senders
) -> None:
    """Whatever the header says is a wait of at most a year, or nothing."""
    platform.answers.append(answer(503, Retry_After=asked))
    assert (await failure(senders())).retry_after_s == waited


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answered",
    [
        HEAD + b"X: " + b"x" * 1_000_000,
        HEAD + b"X: y\r\n" * 200_000,
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        HEAD + b"Content-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
        HEAD + b"Content-Type: application/json; charset=punycode\r\nContent-Length: 3\r\n\r\nabc",
        HEAD + b"Content-Length: 60000\r\n\r\n" + b"[" * 60_000,
        HEAD + b"Content-Length: 60000\r\n\r\n" + b"9" * 60_000,
        HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 5000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000,
        b"HTTP/1.1 503 \xff\xfe\xed\xa0\x80\r\nRetry-After: \xed\xa0\x80\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 x\r\nLocation: \xed\xa0\x80//[\r\nSet-Cookie: \xff=\xff\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 99999999 x\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"\0" * 100_000,
        b"",
    ],
    ids=lambda answered: answered[:60].decode("latin-1").encode("unicode_escape").decode(),
)
async def test_a_platform_that_answers_nonsense(answered: bytes, senders: Senders) -> None:
    """Heads without end, lengths that lie, packed or nested bodies: a failed delivery, and text that can be kept."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(answered)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        failed = await failure(senders(url, require_ack=True))
    assert str(failed).isprintable()
    assert len(str(failed)) < 1000


async def test_redirects_are_not_followed(platform: Platform, senders: Senders) -> None:
    """A redirect is a failure that names its target; nothing is sent there."""
    platform.answers.append(answer(307, Location="/elsewhere"))
    assert "/elsewhere" in str(await failure(senders()))
    assert [request.path for request in platform.received] == ["/notices"]


@pytest.mark.parametrize("text", ["", "OK", "[1]", '{"ok": false}', '{"code": 0}', "\ufeff{", "{" * 1000])
async def test_taken_without_acknowledging(text: str, platform: Platform, senders: Senders) -> None:
    """Where an acknowledgement is required, a 200 that does not carry it is a failure."""
    platform.answers.append(answer(200, text))
    failed = await failure(senders(require_ack=True))
    assert "without acknowledging" in str(failed)
    assert len(str(failed)) < 500
    await senders(require_ack=True).deliver(notice())


async def test_a_platform_that_hangs(platform: Platform, senders: Senders) -> None:
    """No answer within the time is a failure."""
    platform.answers.append(platform.hang)
    assert "did not answer within 0.1 s" in str(await failure(senders(timeout_s=0.1)))


async def test_nobody_is_there(platform: Platform, senders: Senders) -> None:
    """A refused connection and one that breaks are failures."""
    platform.answers.append(cut_off)
    assert "cannot be reached" in str(await failure(senders()))
    await platform.stop()
    assert "cannot be reached" in str(await failure(senders()))


async def test_an_endless_answer(platform: Platform, senders: Senders) -> None:
    """Of an answer without end only the beginning is read."""
    platform.answers.append(endless)
    failed = await failure(senders())
    assert "answered 500: xxx" in str(failed)


async def test_secrets_are_not_shown(platform: Platform, senders: Senders) -> None:
    """Neither errors nor the configuration's text nor logs show secrets, passwords or tokens."""
    platform.otherwise = answer(500)
    url = platform.url.replace("://", "://user:hunter2@") + "?token=t0ken"
    with structlog.testing.capture_logs() as logs:
        sender = senders(url)
        shown = f"{await failure(sender)} {sender._config} {logs}"
    for secret in ("hunter2", "t0ken", SECRET.removeprefix("whsec_")):
        assert secret not in shown.replace(url, "")
    assert platform.received[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "ftp://platform.example"},
        {"url": "platform.example/notices"},
        {"url": "http://[broken"},
        {"url": "http://"},
        {"secret": ""},
        {"secret": "password"},
        {"secret": "whsec_c2hvcnQ="},
        {"secret": "no base64 at all, but long enough!"},
    ],
)
async def test_wrong_settings(settings: dict[str, object], senders: Senders) -> None:
    """An address or a secret that cannot work is a settings error that does not show the secret."""
    with pytest.raises((SettingsError, ValidationError)) as caught:
        senders(**settings)  # type: ignore[arg-type]  # fields by name, or a stand-in
    for secret in ("password", "c2hvcnQ", "no base64"):
        assert secret not in str(caught.value)


async def test_chinese_is_sent_as_it_is(platform: Platform, senders: Senders) -> None:
    """The body is UTF-8 JSON without escapes."""
    await senders().deliver(notice())
    assert "线路中断" in platform.received[0].text
    assert json.loads(platform.received[0].text) == notice().body
