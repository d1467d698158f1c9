"""Times at the ends of the calendar, which an older version took: no page and no answer of the API is a 500."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from dialer.campaign.model.visit import ManualCall, Result
from dialer.web.parts import PAGES
from tests.web.kit.test_accessibility import VALUES, WHO, addresses
from tests.web.people import People

HAND = (
    '{{"who":"001","at":"{0}","tries":1,"result":"later","text":"","order":"","promised":"{0}","entered_by":"001",'
    '"found_wrong":false}}'
)


@pytest.mark.parametrize("year", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z"])
async def test_no_page_fails_for_a_time_that_an_older_version_took(people: People, year: str) -> None:
    """Written straight into the database, and known to the engine as after a start."""
    system, at = people.system, datetime.fromisoformat(year).astimezone(UTC)
    database = system.board._database
    attempt = await system.conversation()
    await system.finish(attempt)
    columns = text("UPDATE visits SET due = :at, promised = :at, ended_at = :at, hand = :hand")
    values = {"at": year, "hand": HAND.format(year)}
    await database.write(lambda connection: connection.execute(columns, values))
    for day in system.engine.state.days.values():
        for visit in day.visits.values():
            visit.due = visit.promised = visit.ended_at = at
            visit.hand = ManualCall("001", at, result=Result.LATER, promised=at)
    today = system.today.isoformat()
    parts: Mapping[str, Sequence[str]] = {**VALUES, "attempt": (attempt,), "day": (today,), "visit": ("1",)}
    failed = []
    for each in (page for page in PAGES if page.method == "GET"):
        who = next((WHO[role] for role in WHO if each.policy is not None and role in each.policy.roles), "agent")
        for path in addresses(each.path, parts):
            answer = await people.ask(who, "GET", path)
            failed += [f"{path}: {answer.status}"] if answer.status >= 500 else []
    for path in ("visits", f"visits?date={today}", "visits/1", "progress", "recordings", "agents", "notices"):
        answer = await people.ask("supervisor", "GET", f"/api/v1/{path}")
        failed += [f"{path}: {answer.status}"] if answer.status >= 500 else []
    assert failed == []
