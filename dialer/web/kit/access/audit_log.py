"""The audit log: everything that changes data, and every opening of a recording, by people and by systems.

The dispatchers say who does what (:class:`~dialer.web.kit.http.audit_entry.DraftEntry`); one place,
:class:`AuditLogger`, decides whether it goes on record and writes it before the answer leaves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from dialer.clock import Clock
from dialer.errors import StoreError
from dialer.people.accounts import Accounts
from dialer.web.kit.http.audit_entry import DraftEntry, audit_entry
from dialer.web.kit.http.origin import SAFE

log = structlog.get_logger(__name__)

_LONGEST_VALUE = 300
_LONGEST_DETAILS = 4000
_ONE_OPENING = timedelta(seconds=60)
"""Requests for parts of a recording are one opening; each part is on record as an access."""
_MOST_OPEN = 1000


class AuditLogger:
    """Writes audit entries. Made once for a server; :meth:`prepare` is called before any answer leaves."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._opened: dict[tuple[str, str, str], datetime] = {}

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Raises StoreError when an opening cannot be written down: then nothing is opened."""
        entry = audit_entry(request)
        if not entry.what or entry.silent or not self._counts(request, response, entry):
            return
        entry.silent = True
        details = dict(entry.details)
        if response.status == HTTPStatus.FORBIDDEN:
            details["refused"] = response.status
        try:
            await self._accounts.note(entry.who, entry.role, entry.what, entry.target, entry.address, _short(details))
        except StoreError as error:
            if entry.opens:
                raise
            log.error("audit log cannot be written", action="web.audit", what=entry.what, error=str(error))

    def _counts(self, request: web.Request, response: web.StreamResponse, entry: DraftEntry) -> bool:
        refused = response.status == HTTPStatus.FORBIDDEN
        if request.method in SAFE:
            return entry.opens and (refused or (response.status < HTTPStatus.MULTIPLE_CHOICES and self._is_new(entry)))
        return refused or response.status < HTTPStatus.BAD_REQUEST

    def _is_new(self, entry: DraftEntry) -> bool:
        """Whether this is not the same opening going on."""
        now, key = self._clock.now(), (entry.who, entry.what, entry.target + str(entry.details))
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
