"""How SQLite writes the expressions of :mod:`dialer.store.expressions`. A time is text, to the microsecond."""

from __future__ import annotations

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from dialer.store.expressions import seconds_between, ten_minutes_of, thousandths_of


@compiles(seconds_between, "sqlite")
def _seconds_between(element: seconds_between, compiler: SQLCompiler, **how: object) -> str:
    earlier, later = (compiler.process(at, **how) for at in element.clauses)
    return f"(julianday({later}) * 86400.0 - julianday({earlier}) * 86400.0)"


@compiles(ten_minutes_of, "sqlite")
def _ten_minutes_of(element: ten_minutes_of, compiler: SQLCompiler, **how: object) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, 15) || '0:00.000000Z'"  # 2026-11-23T00:1


@compiles(thousandths_of, "sqlite")
def _thousandths_of(element: thousandths_of, compiler: SQLCompiler, **how: object) -> str:
    read = f"CAST(replace({compiler.process(element.clauses, **how)}, ',', '') AS REAL)"
    return f"CAST(round(max(min({read}, 1e12), -1e12) * 1000) AS INTEGER)"  # 9e999 is infinite
