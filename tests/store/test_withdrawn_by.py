"""What older versions wrote as the words of a reason becomes what it stood for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dialer.campaign.model.visit import NOT_ON_LIST, Visit, WithdrawnBy
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from tests.contracts.made_up import DAY, NOW
from tests.store.conftest import at_revision

GIVEN = {"day": DAY.isoformat(), "extra": "[]", "round": 1}
OLD = (
    ("withdrawn", NOT_ON_LIST, WithdrawnBy.LIST, NOT_ON_LIST, ""),
    ("withdrawn", "ordered online", WithdrawnBy.PERSON, "ordered online", ""),
    ("withdrawn", "", WithdrawnBy.PERSON, "", ""),
    ("unreached", NOT_ON_LIST, WithdrawnBy.LIST, NOT_ON_LIST, ""),
    ("unreached", "C00009", None, "", "C00009"),
    ("unreached", "", None, "", ""),
    ("waiting", "", None, "", ""),
    ("reached", "", None, "", ""),
)
"""State and reason as they were; who withdrew the visit, the reason and the code called as well, as they are since."""


@pytest.fixture
async def visits(tmp_path: Path) -> dict[int, Visit]:
    """The visits of a database of revision 0013, read after the upgrade."""
    path = tmp_path / "dialer.sqlite3"
    await at_revision(path, "0013")
    with closing(sqlite3.connect(path)) as connection, connection:
        needed = [row[1] for row in connection.execute("PRAGMA table_info(visits)") if row[3]]
        for number, (state, reason, *_) in enumerate(OLD, 1):
            own = {"id": number, "customer": f"C{number}", "number": f"139{number}", "state": state, "reason": reason}
            values = [(own | GIVEN).get(name, 0) for name in needed]
            columns = ", ".join(f'"{name}"' for name in needed)
            marks = ", ".join("?" for _ in needed)
            connection.execute(f"INSERT INTO visits ({columns}) VALUES ({marks})", values)  # noqa: S608 - our own names
    database = await Database.open(path)
    loaded = await SqlDayStore(database).load(DAY, NOW)
    await database.close()
    return {visit.id: visit for visit in loaded.visits}


def test_reasons_have_a_kind(visits: dict[int, Visit]) -> None:
    """No text stands for anything else any more."""
    found = [(v.state, v.withdrawn_by, v.reason, v.called_as) for _, v in sorted(visits.items())]
    assert found == [(state, by, reason, called_as) for state, _, by, reason, called_as in OLD]
