"""How SQLite writes the expressions of :mod:`dialer.store.expressions`. A time is text, to the microsecond."""

from __future__ import annotations

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from dialer.store.expressions import seconds_between, ten_minutes_of


@compiles(seconds_between, "sqlite")
def _seconds_between(element: seconds_between, compiler: SQLCompiler, **how: object) -> str:
    earlier, later = (compiler.process(at, **how) for at in element.clauses)
    return f"(julianday({later}) * 86400.0 - julianday({earlier}) * 86400.0)"


@compiles(ten_minutes_of, "sqlite")
def _ten_minutes_of(element: ten_minutes_of, compiler: SQLCompiler, **how: object) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, 15) || '0:00.000000Z'"  # 2026-11-23T00:1
