"""Statements that are compiled once: a row then costs no more than its values.

SQLAlchemy works out for every execution which parameters go where and what becomes of them; for the few statements
that run several times in every call that is most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update

from dialer.errors import GuardFailed

Statement = Insert | Update
Processor = Callable[[Any], Any] | None


class Prepared:
    """A statement whose parameters are attributes of records: of ``of_id`` and ``to_id``, too, the attribute is ``id``.

    ``columns`` are those that it writes. A statement that differs by dialect is given as what makes it.
    """

    def __init__(self, statement: Statement | Callable[[Dialect], Statement], columns: Iterable[str]) -> None:
        self._statement = statement
        self._columns = list(columns)
        self._compiled: dict[str, tuple[str, Callable[[Any], tuple[Any, ...]], tuple[Processor, ...]]] = {}

    def run(self, connection: Connection, records: Sequence[object]) -> int:
        """Execute it for each record; how many rows changed in all."""
        if not records:
            return 0
        dialect = connection.dialect
        known = self._compiled.get(dialect.name)
        sql, values_of, processors = known or self._compile(dialect)
        try:
            rows = [
                tuple([v if p is None else p(v) for v, p in zip(values_of(record), processors, strict=True)])
                for record in records
            ]
        except (LookupError, TypeError, ValueError) as error:
            raise GuardFailed(f"a value that its column does not take: {error}") from error
        if dialect.supports_sane_multi_rowcount:
            return connection.exec_driver_sql(sql, rows).rowcount
        return sum([connection.exec_driver_sql(sql, row).rowcount for row in rows])

    def run_guarded(self, connection: Connection, records: Sequence[object], what: str) -> None:
        """The same. Raises ``GuardFailed`` unless each changes exactly one row."""
        changed = self.run(connection, records)
        if changed != len(records):
            raise GuardFailed(
                f"{what}: {len(records) - changed} of {len(records)} are not there or may not change like this"
            )

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Any], tuple[Any, ...]], tuple[Processor, ...]]:
        statement = self._statement(dialect) if callable(self._statement) else self._statement
        compiled = statement.compile(dialect=dialect, column_keys=self._columns)
        names = compiled.positiontup or ()
        binds = compiled.binds
        processors = tuple(binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
        values_of = attrgetter(*(name.removeprefix("of_").removeprefix("to_") for name in names))
        made = str(compiled), values_of if len(names) > 1 else lambda record: (values_of(record),), processors
        self._compiled[dialect.name] = made
        return made
