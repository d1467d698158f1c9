"""A database that cannot be written for a while: nothing is dialled, nothing is lost, it goes on by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dialer.audit.cdr import read_cdr
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.service.department import Row, department

pytestmark = pytest.mark.pbx


async def test_a_locked_database_stops_calling_and_loses_nothing(rig: Rig, tmp_path: Path) -> None:
    """Another program holds the write lock for longer than a commit waits: no Originate leaves, no end is lost."""
    rows = [Row(f"C{n:02}", fresh_number(("79", "61", "00", "66")[n % 4])) for n in range(12)]
    async with department(rig, tmp_path, rule={"gap_s": 1.0, "attempts": 2}) as d:
        await d.agents(*rig.extensions[:4])
        await d.call_list(rows)
        await d.until(lambda: d.live("C00") and len(d.state.ended) >= 1, "people talk")
        engine, numbers = d.service.parts.engine, {row.number for row in rows}
        with closing(sqlite3.connect(d.settings.database, isolation_level=None, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            known = {a.id for a in (await d.books()).attempts}
            await d.until(lambda: engine.trouble, "the dialer says what is wrong")
            await rig.carrier.idle()  # every call has ended, and no new one comes
            assert len([c for c in read_cdr(rig.carrier_cdr) if c.dst in numbers]) == len(known)
            other.execute("ROLLBACK")
        await d.until(lambda: not engine.trouble, "writing works again")
        books = await d.until_over()
        assert known <= {a.id for a in books.attempts}
        assert await d.audited() == []
        assert books.wrong(2) == []
