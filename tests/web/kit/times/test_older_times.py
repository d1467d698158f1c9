"""Times at the ends of the calendar, in whatever record an older version put them: no page and no answer is a 500."""
# ruff: noqa: S608 -- the names are those of our own tables

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

from dialer.campaign.model.visit import ManualCall, Result
from dialer.store.schema.columns import UtcDateTime, metadata
from dialer.web.kit.api.routes import PREFIX
from dialer.web.parts import PAGES, ROUTES
from tests.web.kit.test_accessibility import VALUES, WHO, addresses
from tests.web.people import People

HAND = (
    '{{"who":"001","at":"{0}","tries":1,"result":"later","text":"","order":"","promised":"{0}","entered_by":"001",'
    '"found_wrong":false}}'
)
SIGNED_IN = ("sessions", "tokens")
"""By these it is known who asks."""


def everywhere(year: str) -> Sequence[str]:
    """Every time of every table, as SQL. Triggers, which keep this version from it, go first."""
    found = []
    for table in metadata.sorted_tables:
        names = [c.name for c in table.columns if isinstance(c.type, UtcDateTime) and table.name not in SIGNED_IN]
        for name in names:
            where = "" if table.name == "visits" else f" WHERE {name} IS NOT NULL"
            found.append(f"UPDATE OR IGNORE {table.name} SET {name} = '{year}'{where}")
    return [*found, f"UPDATE visits SET hand = '{HAND.format(year)}'"]


def spoil(connection: Connection, year: str) -> None:
    """Write it straight into the database."""
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))
    for statement in everywhere(year):
        connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]  # the colons are no names


def remembered(people: People, at: datetime) -> None:
    """The engine has it as after a start."""
    state = people.system.engine.state
    visits = [visit for day in state.days.values() for visit in day.visits.values()]
    for visit in visits:
        visit.due = visit.promised = visit.ended_at = at
        visit.hand = ManualCall("001", at, result=Result.LATER, promised=at)
    records: list[Any] = [*state.ended.values(), *state.attempts.values(), *state.agents.values()]
    for record in records:
        for each in fields(record):
            if isinstance(getattr(record, each.name), datetime):
                setattr(record, each.name, at)


async def records(people: People) -> str:
    """One of each kind; the id of a conversation that is over and recorded."""
    system = people.system
    attempt = await system.conversation()
    await system.record(attempt, 2.0, "silent: customer")
    for order in (
        {"number": "A1", "attempt": attempt, "customer": "C0001"},
        {"number": "A2", "customer": "C0001", "at": "2026-11-23T01:00:00Z"},
        {"number": "A3", "customer": "C9"},
    ):
        await system.ask("POST", "/orders", json=order)
    await people.api("supervisor", "POST", f"/recordings/{attempt}/marks", {"text": "好", "position_s": 1.0}, 201)
    await people.api("agent", "PUT", f"/attempts/{attempt}/disposition", {"result": "feedback", "text": "迟到"})
    await system.finish(attempt)
    await people.api("administrator", "POST", "/tokens", {"name": "till", "scopes": ["read"]}, 201)
    await people.get("hearing_administrator", f"/recordings/{attempt}")
    return attempt


def places(values: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Who looks, and where: every page and every answer that there is."""
    for page in PAGES:
        if page.method == "GET":
            who = next((WHO[role] for role in WHO if page.policy is not None and role in page.policy.roles), "agent")
            yield from ((who, path) for path in addresses(page.path, values))
    for route in ROUTES:
        if route.method == "GET" and route.media != "text/event-stream":
            who = next((WHO[role] for role in WHO if role in route.policy.roles), "agent")
            known: dict[str, Sequence[str]] = dict.fromkeys(route.in_path, ("1",)) | dict(values)
            yield from ((who, path) for path in addresses(PREFIX + route.path, known))


@pytest.mark.parametrize("year", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z"])
async def test_no_page_fails_for_a_time_that_an_older_version_took(people: People, year: str) -> None:
    """Visits, calls, orders, recordings, remarks, notices, the audit log: whatever has a time."""
    system = people.system
    attempt = await records(people)
    await system.board._database.write(lambda connection: spoil(connection, year))
    remembered(people, datetime.fromisoformat(year).astimezone(UTC))
    today = system.today.isoformat()
    values: dict[str, Any] = {
        **VALUES,
        "attempt": (attempt,),
        "day": (today,),
        "visit": ("1",),
        "number": ("001", "A1"),
    }
    failed = []
    for who, path in places(values):
        for address in (path, f"{path}?from=&to=&day={today}&date={today}" if "/api/" not in path else path):
            answer = await people.ask(who, "GET", address)
            failed += [f"{who} {address}"] if answer.status >= 500 else []
    assert failed == []
    await system.ask("POST", "/orders", json={"number": "A2", "customer": "C0001", "quantity": "7"})
