"""Small questions to the books from outside, that no room asks; they see what any other program would see."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from dialer.campaign.changes import Entry
from dialer.store.schema.columns import iso


class Rows:
    """Small questions to the books that no room asks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _ask(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)) as books:
            return books.execute(statement, values).fetchall()

    def lists_over(self) -> set[str]:
        """Lists none of whose visits is open."""
        rows = self._ask(
            "SELECT list_name FROM visits GROUP BY list_name HAVING SUM(state IN ('waiting', 'calling')) = 0"
        )
        return {str(name) for (name,) in rows}

    def numbers(self, exclude: set[str]) -> set[str]:
        """Numbers of the other lists."""
        rows = self._ask("SELECT list_name, number FROM visits")
        return {str(number) for name, number in rows if name not in exclude}

    def visits_of(self, name: str) -> set[int]:
        """The visits of a list."""
        return {int(str(v)) for (v,) in self._ask("SELECT id FROM visits WHERE list_name = ?", name)}

    def calls_since(self, number: int) -> Iterator[tuple[int, str, str, str]]:
        """Begins and ends of calls, in the order in which they were committed, after line ``number`` of history."""
        rows = self._ask(
            "SELECT id, what, agent, attempt FROM history WHERE id > ? AND what IN ('attempt.placed', 'attempt.ended') "
            "ORDER BY id",
            number,
        )
        for line, what, agent, attempt in rows:
            yield int(str(line)), str(what), str(agent), str(attempt)

    def history(self, name: str) -> list[Entry]:
        """History of the visits of a list, in its order; the times in it are not those of the books."""
        rows = self._ask(
            "SELECT what, visit, attempt, details FROM history "
            "WHERE visit IN (SELECT id FROM visits WHERE list_name = ?) ORDER BY id",
            name,
        )
        now = datetime.now(UTC)
        return [
            Entry(now, str(what), visit=int(str(visit)), attempt=str(attempt), details=json.loads(str(details)))
            for what, visit, attempt, details in rows
        ]

    def recorded(self, name: str) -> set[str]:
        """Attempts of a list that have a recording or a row that says why not."""
        rows = self._ask(
            "SELECT r.attempt FROM recordings r JOIN attempts a ON a.id = r.attempt "
            "WHERE a.visit IN (SELECT id FROM visits WHERE list_name = ?)",
            name,
        )
        return {str(attempt) for (attempt,) in rows}

    def alarms_since(self, line: int) -> list[str]:
        """The kinds of alarms that were raised after that line of history, in order."""
        rows = self._ask("SELECT details FROM history WHERE id > ? AND what = 'alarm.raised' ORDER BY id", line)
        return [str(json.loads(str(details))["key"]).partition(":")[0] for (details,) in rows]

    def last_line(self) -> int:
        """The newest line of history."""
        return int(str(self._ask("SELECT COALESCE(MAX(id), 0) FROM history")[0][0]))

    def waiting(self) -> int:
        """Visits that wait to be called."""
        return int(str(self._ask("SELECT COUNT(*) FROM visits WHERE state = 'waiting'")[0][0]))

    def left(self) -> list[tuple[int, str]]:
        """Visits that are not over: id and state."""
        rows = self._ask("SELECT id, state FROM visits WHERE state IN ('waiting', 'calling')")
        return [(int(str(visit)), str(state)) for visit, state in rows]

    def overdue(self, since: datetime) -> list[int]:
        """Visits that were due before that time, and wait."""
        rows = self._ask("SELECT id FROM visits WHERE state = 'waiting' AND (due IS NULL OR due < ?)", iso(since))
        return [int(str(visit)) for (visit,) in rows]

    def live(self) -> int:
        """Calls that are up, by the books."""
        return int(str(self._ask("SELECT COUNT(*) FROM attempts WHERE ended_at IS NULL")[0][0]))

    def found(self) -> int:
        """Calls that are up and of which the PBX has told since the link was last lost, by the books."""
        rows = self._ask("SELECT COUNT(*) FROM attempts WHERE state IN ('ringing', 'answered', 'connected')")
        return int(str(rows[0][0]))

    def orders(self) -> set[str]:
        """Numbers of the orders in the books."""
        return {str(number) for (number,) in self._ask("SELECT number FROM orders")}

    def unreported(self) -> list[str]:
        """Notices that the platform has not acknowledged, by the books."""
        return [str(name) for (name,) in self._ask("SELECT id FROM notices WHERE state != 'delivered'")]

    def notices(self) -> set[str]:
        """Every notice."""
        return {str(name) for (name,) in self._ask("SELECT id FROM notices")}

    def recordings(self) -> dict[str, int]:
        """How many recordings are in which state."""
        rows = self._ask("SELECT state, COUNT(*) FROM recordings GROUP BY state")
        return {str(state): int(str(n)) for state, n in rows}

    def unrecorded(self) -> int:
        """Conversations that are over and have no row of a recording yet."""
        found = self._ask(
            "SELECT COUNT(*) FROM attempts a LEFT JOIN recordings r ON r.attempt = a.id "
            "WHERE a.disposition = 'connected' AND r.attempt IS NULL"
        )
        return int(str(found[0][0]))
