"""What goes on record, and how much of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from dialer.errors import StoreError
from dialer.people.accounts import Accounts
from dialer.web.kit.access.audit_log import AuditLogger
from dialer.web.kit.http.audit_entry import audit_entry
from tests.campaign.days import at
from tests.virtual.day import VirtualClock


@dataclass
class Book:
    """Keeps what is noted, unless it is broken."""

    lines: list[tuple[Any, ...]] = field(default_factory=list)
    broken: bool = False

    async def note(self, *line: object) -> None:
        if self.broken:
            raise StoreError("full")
        self.lines.append(line)


class Asked(dict[Any, Any]):
    """As much of a request as the log looks at."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self.method = method


@dataclass
class Desk:
    """An audit logger, its book and its clock."""

    book: Book = field(default_factory=Book)
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(at(8)))

    def __post_init__(self) -> None:
        self.logger = AuditLogger(cast("Accounts", self.book), self.clock)

    async def ask(
        self,
        method: str,
        status: int = 200,
        *,
        what: str = "do",
        who: str = "001",
        opens: bool = False,
        details: Mapping[str, object] | None = None,
    ) -> int:
        """Answer a request; how many lines there are then."""
        request = cast("web.Request", Asked(method))
        entry = audit_entry(request)
        entry.by(who, "agent", what, "10.0.0.1", opens=opens)
        entry.target, entry.details = "x", dict(details or {})
        for _ in range(2):  # the answer to one request is prepared twice when it is sent again
            await self.logger.prepare(request, web.Response(status=status))
        return len(self.book.lines)


@pytest.mark.parametrize(
    ("method", "status", "opens", "kept"),
    [
        ("POST", 200, False, True),
        ("POST", 399, False, True),
        ("POST", 400, False, False),
        ("POST", 403, False, True),
        ("POST", 404, True, False),
        ("GET", 200, False, False),
        ("GET", 403, False, False),
        ("GET", 206, True, True),
        ("GET", 299, True, True),
        ("GET", 300, True, False),
        ("GET", 404, True, False),
        ("GET", 403, True, True),
    ],
)
async def test_what_goes_on_record(method: str, status: int, opens: bool, kept: bool) -> None:
    """What changed something or was forbidden, and what opened a recording; once."""
    desk = Desk()
    assert await desk.ask(method, status, opens=opens) == kept
    if kept:
        refused = {"refused": status} if status >= 400 else {}
        assert desk.book.lines == [("001", "agent", "do", "x", "10.0.0.1", refused)]


async def test_what_is_nothing_is_not_on_record() -> None:
    """A request of which no dispatcher said what it does."""
    assert await Desk().ask("POST", what="") == 0


async def test_parts_of_a_recording_are_one_opening() -> None:
    """As long as no minute goes by between two of them; another person, recording or part is another opening."""
    desk = Desk()
    counts = []
    for step_s, who, part in [
        (0, "001", 1), (60, "001", 1), (60, "001", 1), (61, "001", 1), (0, "002", 1), (0, "001", 2),
    ]:  # fmt: skip
        desk.clock.at += timedelta(seconds=step_s)
        counts.append(await desk.ask("GET", opens=True, who=who, details={"part": part}))
    assert counts == [1, 1, 1, 2, 3, 4]


async def test_so_many_openings_are_remembered() -> None:
    """The oldest are forgotten, and go on record again."""
    desk = Desk()
    for n in range(1000):
        await desk.ask("GET", opens=True, who=str(n))
    assert await desk.ask("GET", opens=True, who="0") == 1000
    await desk.ask("GET", opens=True, who="1000")
    assert await desk.ask("GET", opens=True, who="0") == 1001
    assert await desk.ask("GET", opens=True, who="1") == 1002


async def test_what_is_long_is_cut() -> None:
    """A value after 300 characters, all of them after 4,000."""
    desk = Desk()
    whole, cut = "a" * 300, "b" * 301
    await desk.ask("POST", details={"a": whole, "b": cut, "n": 10**400})
    assert desk.book.lines[0][-1] == {"a": whole, "b": cut[:300], "n": 10**400}
    rest = 4000 - len(json.dumps({"a": 0, "n": []}))
    await desk.ask("POST", details={"a": 0, "n": [10 ** (rest - 1)]})
    assert "cut" not in desk.book.lines[1][-1]
    await desk.ask("POST", details={"a": 0, "n": [10**rest]})
    assert len(desk.book.lines[2][-1]["cut"]) == 4000
    chinese = {str(n): "号" * 300 for n in range(10)} | {"at": at(8)}
    await desk.ask("POST", details=chinese)
    assert desk.book.lines[3][-1] == chinese


async def test_a_book_that_cannot_be_written_opens_nothing() -> None:
    """What has changed already has changed, and is in the log of the service."""
    desk = Desk(Book(broken=True))
    with pytest.raises(StoreError):
        await desk.ask("GET", opens=True)
    with capture_logs() as said:
        await desk.ask("POST")
    assert [(each["action"], each["what"], each["error"]) for each in said] == [("web.audit", "do", "full")]
