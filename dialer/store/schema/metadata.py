"""What all tables belong to, and what several are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ROW_ID = BigInteger().with_variant(Integer, "sqlite")
ID = String(64)


def only(where: ColumnElement[bool]) -> dict[str, Any]:
    """The options of an index that holds only such rows."""
    return {"sqlite_where": where, "postgresql_where": where}
