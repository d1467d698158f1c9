"""Notices as signed webhooks, after the Standard Webhooks specification.

POST of JSON with ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``. Only a 2xx answer acknowledges. A
wrong address or token answers 401 or 404 until somebody puts it right, and must lose nothing: such answers are tried
again, only less often. 410 Gone is the one answer by which a receiver says that it never wants the notice.
"""

from __future__ import annotations

import base64
import binascii
import email.utils
import json
from datetime import datetime
from urllib.parse import quote

import aiohttp
from standardwebhooks import Webhook
from yarl import URL

from dialer import __version__
from dialer.clock import Clock
from dialer.errors import DeliveryFailed, SettingsError
from dialer.notices.config import PlatformSettings
from dialer.notices.outbox import Notice

_HEADERS = {"Content-Type": "application/json", "User-Agent": f"dialer/{__version__}"}
# What passes by itself; every other 4xx needs a person at one of the two ends.
_PASSING = frozenset({408, 409, 425, 429})
_GONE = 410
_ACK = '{"ok": true}'
_SHORTEST_SECRET = 24  # bytes, by the specification
_SLOW_RETRY_S = 600.0  # the least wait after an answer that needs a person
_LONGEST_WAIT_S = 365 * 86400.0
_MOST_READ = 64 * 1024  # bytes of an answer


class WebhookSender:
    """Posts notices to one address. :meth:`close` it in the end."""

    def __init__(self, config: PlatformSettings, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._url = _checked_url(config.url)
        self._shown = str(self._url.with_user(None).with_query(None).with_fragment(None))
        self._signer = Webhook(_checked_secret(config.secret.get_secret_value()))
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def deliver(self, notice: Notice) -> None:
        """Post the notice. Raises ``DeliveryFailed`` unless the answer acknowledges it."""
        content = json.dumps(notice.body, ensure_ascii=False, separators=(",", ":"))
        headers = {**_HEADERS, **self._signature(notice.id, content)}
        try:
            async with self._open().post(
                self._url, data=content.encode(), headers=headers, allow_redirects=False
            ) as response:
                self._judge(response, await self._read(response))
        except TimeoutError as error:
            raise DeliveryFailed(f"{self._shown} did not answer within {self._config.timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise DeliveryFailed(f"{self._shown} cannot be reached: {_words(error)}") from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._config.timeout_s),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _signature(self, notice: str, content: str) -> dict[str, str]:
        sent_id = quote(notice, safe=":+@")  # as a header can carry it, always in the same way
        now = self._clock.now()
        return {
            "webhook-id": sent_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(sent_id, now, content),
        }

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The beginning of the answer; what is longer is not waited for."""
        answer = b""
        async for chunk in response.content.iter_any():
            answer += chunk
            if len(answer) >= _MOST_READ:
                response.close()
                break
        return answer[:_MOST_READ]

    def _judge(self, response: aiohttp.ClientResponse, answer: bytes) -> None:
        status = response.status
        if 200 <= status < 300:
            if self._config.require_ack:
                self._check_ack(answer, status)
            return
        said = f"{self._shown} answered {status}"
        if 300 <= status < 400:
            target = _one_line(response.headers.get("Location", ""))
            raise DeliveryFailed(
                f"{said}, a redirect to '{target}': redirects are not followed, correct the address",
                retry_after_s=_SLOW_RETRY_S,
                status=status,
            )
        said += f": {text}" if (text := _one_line(answer.decode("utf-8", "replace"))) else ""
        wait = _retry_after(response.headers.get("Retry-After"), self._clock.now())
        if 400 <= status < 500 and status not in _PASSING:
            wait = max(wait or 0.0, _SLOW_RETRY_S)
        raise DeliveryFailed(said, permanent=status == _GONE, retry_after_s=wait, status=status)

    def _check_ack(self, answer: bytes, status: int) -> None:
        try:
            found = json.loads(answer)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("ok") not in (True, 1):
            text = _one_line(answer.decode("utf-8", "replace")) or "nothing"
            raise DeliveryFailed(
                f"{self._shown} took the notice without acknowledging it: it must answer {_ACK}, it answered {text}",
                status=status,
            )


def _checked_url(url: str) -> URL:
    try:
        parsed = URL(url)
    except ValueError as error:
        raise SettingsError(f"webhook url: it cannot be read ({error})") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise SettingsError("webhook url: it must be a whole address like https://platform.example/notices")
    return parsed


def _checked_secret(secret: str) -> str:
    # The library drops what is not base64, which would make a short key of a password.
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _SHORTEST_SECRET:
        raise SettingsError(
            f"webhook secret: it must be base64 of at least {_SHORTEST_SECRET} bytes, with or without whsec_ "
            "before it; `openssl rand -base64 32` makes one"
        )
    return secret


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds asked for by a Retry-After header (RFC 9110 section 10.2.3), a number or a date: at most a year."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value.strip()), _LONGEST_WAIT_S)
    try:
        wait = (email.utils.parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, one without a zone, or one that no calendar has
        return None
    return min(max(0.0, wait), _LONGEST_WAIT_S)


def _one_line(text: str, limit: int = 200) -> str:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _words(error: BaseException) -> str:
    return _one_line(str(error)) or type(error).__name__
