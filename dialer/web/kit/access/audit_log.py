"""The audit log: everything that changes data, and every opening of a recording, by people and by systems.

The dispatchers say who does what (:class:`~dialer.web.kit.http.audit_entry.Deed`); one place, :class:`Trail`,
decides whether it goes on record and writes it before the answer leaves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from dialer.campaign.ports import Clock
from dialer.errors import StoreError
from dialer.people.accounts import Accounts
from dialer.web.kit.http.audit_entry import Deed, deed_of
from dialer.web.kit.http.origin import SAFE

log = structlog.get_logger(__name__)

_LONGEST_VALUE = 300
_LONGEST_DETAILS = 4000
_ONE_OPENING = timedelta(seconds=60)
"""Requests for parts of a recording are one opening; each part is in the book of accesses."""
_MOST_OPEN = 1000


class Trail:
    """Writes deeds down. Made once for a server; :meth:`prepare` is called before any answer leaves."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._opened: dict[tuple[str, str, str], datetime] = {}

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Raises StoreError when an opening cannot be written down: then nothing is opened."""
        deed = deed_of(request)
        if not deed.known or deed.noted or deed.silent or not self._counts(request, response, deed):
            return
        deed.noted = True
        details = dict(deed.details)
        if response.status >= HTTPStatus.BAD_REQUEST:
            details["refused"] = response.status
        try:
            await self._accounts.note(deed.who, deed.role, deed.what, deed.target, deed.address, _short(details))
        except StoreError as error:
            if deed.opens:
                raise
            log.error("audit log cannot be written", action="web.audit", what=deed.what, error=str(error))

    def _counts(self, request: web.Request, response: web.StreamResponse, deed: Deed) -> bool:
        refused = response.status == HTTPStatus.FORBIDDEN
        if request.method in SAFE:
            return deed.opens and (refused or (response.status < HTTPStatus.MULTIPLE_CHOICES and self._is_new(deed)))
        return refused or response.status < HTTPStatus.BAD_REQUEST

    def _is_new(self, deed: Deed) -> bool:
        """Whether this is not the same opening going on."""
        now, key = self._clock.now(), (deed.who, deed.what, deed.target + str(deed.details))
        before = self._opened.pop(key, None)
        self._opened[key] = now
        while len(self._opened) > _MOST_OPEN:
            del self._opened[next(iter(self._opened))]
        return before is None or now - before > _ONE_OPENING


def _short(details: Mapping[str, Any]) -> dict[str, Any]:
    """What fits into a line of a log that is kept for years."""
    cut = {k: v[:_LONGEST_VALUE] if isinstance(v, str) else v for k, v in details.items()}
    text = json.dumps(cut, ensure_ascii=False, default=str)
    return cut if len(text) <= _LONGEST_DETAILS else {"cut": text[:_LONGEST_DETAILS]}
