"""Sends made-up requests to one dialer and keeps what was answered wrongly."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from dialer.web.kit.api.routes import Route
from dialer.web.kit.page.screen import PageRoute
from tests.faults.requests.grammar import Made

_PATIENCE = aiohttp.ClientTimeout(60)
_EXPECTED = (503, 504)
"""What may be answered above 499: just now it cannot be done. 500 is a defect, and 501 and 502 are nobody's here."""
_OUTSIDE_HTTP = (
    b"\x16\x03\x01\x00\xa5\x01\x00", b"GET / HTTP/1.1\r\n\r\n", b"GET  HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"GET /\xff\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n x: y\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET " + b"/" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/visits HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 5000, b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
)  # fmt: skip


@dataclass
class Sender:
    """Requests to the dialer at ``url``.

    ``wrong`` has the first request of each kind of wrong answer, and how it was wrong; ``statuses`` counts answers, 0
    where the client or the server hung up.
    """

    url: str
    luck: random.Random
    wrong: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    sent: int = 0

    async def send(
        self, browser: aiohttp.ClientSession, target: Route | PageRoute, made: Made, headers: Sequence[tuple[str, str]]
    ) -> int:
        """Send it, and the status."""
        self.sent += 1
        status = 0
        try:
            async with browser.request(
                made.method,
                URL(self.url + made.path, encoded=True),
                data=made.body,
                headers=headers,
                allow_redirects=False,
                timeout=_PATIENCE,
            ) as response:
                status = response.status
                if response.content_type != "text/event-stream":
                    await response.read()
        except (aiohttp.ClientError, ValueError):  # the client itself cannot send it, or the server hung up
            status = 0
        except TimeoutError:
            self._note(target, "no answer within a minute", made)
        self.statuses[status] += 1
        if status >= 500 and status not in _EXPECTED:
            self._note(target, f"answered {status}", made)
        return status

    async def send_outside_http(self) -> None:
        """What is no request; the server answers 4xx or hangs up."""
        sent, where = self.luck.choice(_OUTSIDE_HTTP), URL(self.url)
        reader, writer = await asyncio.open_connection(where.host, where.port)
        writer.write(sent)
        try:
            async with asyncio.timeout(1):
                line = await reader.readline()
            if line.startswith(b"HTTP/1.1 5"):
                self.wrong.setdefault(f"{sent[:40]!r}", f"answered {line!r}")
        except TimeoutError:
            pass  # it waits for the rest, until its patience ends
        except ConnectionError:
            pass  # it hung up
        finally:
            writer.close()

    def _note(self, target: Route | PageRoute, how: str, made: Made) -> None:
        self.wrong.setdefault(f"{target.method} {target.path}", f"{how}: {made}")


def answered(statuses: Counter[int]) -> str:
    """How often each status was answered, in one line."""
    return ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
