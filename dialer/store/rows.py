"""Rows to records and back. Nearly every column that stands for a field has its name: this is all there is to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, select

from dialer.campaign.messages import CallEvent
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.visit import Visit
from dialer.store.schema.day import attempts, visits

T = TypeVar("T")
Values = dict[str, Any]


class _Fields(dict[type, dict[str, str]]):
    """The columns of a dataclass's fields, by field."""

    def __missing__(self, kind: type) -> dict[str, str]:
        names = self[kind] = {field.name: field.name for field in fields(kind)}
        return names


FIELDS = _Fields()
FIELDS[Customer]["code"] = "customer"
del FIELDS[Recording]["levels"]  # two columns
del FIELDS[CallEvent]["hung_up_by"]  # the attempt has it
del FIELDS[Agent]["phone"]  # the PBX says it

# Databases limit how many values one statement takes (SQLite 32766, PostgreSQL 32767).
_IDS_AT_ONCE = 5000


def values(record: object) -> Values:
    """Column values of a record."""
    found = {column: getattr(record, field) for field, column in FIELDS[type(record)].items()}
    if isinstance(record, Recording):
        found["level_agent"], found["level_customer"] = record.levels
    return found


def record(kind: type[T], row: RowMapping, prefix: str = "") -> T:
    """The record in a row; ``prefix`` is what the query put before the column names."""
    given = {field: row[prefix + column] for field, column in FIELDS[kind].items()}
    if kind is Recording:
        given["levels"] = row[prefix + "level_agent"], row[prefix + "level_customer"]
    return kind(**given)


def all_of(kind: type[T], query: Select[Any]) -> Callable[[Connection], list[T]]:
    """Work for a database: the records in all rows that ``query`` finds."""
    return lambda connection: [record(kind, row) for row in connection.execute(query).mappings()]


def first_of(kind: type[T], query: Select[Any]) -> Callable[[Connection], T | None]:
    """The same for the first row; None when there is none."""

    def read(connection: Connection) -> T | None:
        row = connection.execute(query).mappings().first()
        return None if row is None else record(kind, row)

    return read


def by_visit(connection: Connection, kind: type[T], query: Select[Any]) -> dict[int, list[T]]:
    """The records in all rows that ``query`` finds, by the visit that the row names as well."""
    found: dict[int, list[T]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["visit"]].append(record(kind, row))
    return found


def customers(visit_ids: Sequence[int]) -> Callable[[Connection], dict[int, Customer]]:
    """Work for a database: the customers by visit id; ids that are not there are left out."""

    def read(connection: Connection) -> dict[int, Customer]:
        found: dict[int, Customer] = {}
        for start in range(0, len(visit_ids), _IDS_AT_ONCE):
            wanted = visits.c.id.in_(visit_ids[start : start + _IDS_AT_ONCE])
            query = select(visits.c.id, *CUSTOMER_COLUMNS).where(wanted)
            found.update((row["id"], record(Customer, row)) for row in connection.execute(query).mappings())
        return found

    return read


def labelled(table: Table, prefix: str = "") -> list[ColumnElement[Any]]:
    """All columns of a table under their fields' names with a prefix, for a query over several tables."""
    return [column.label(prefix + column.key) for column in table.c]


VISIT_COLUMNS = [visits.c[name] for name in FIELDS[Visit]]
CUSTOMER_COLUMNS = [visits.c[name] for name in FIELDS[Customer].values()]
ATTEMPT_COLUMNS = [attempts.c[name] for name in FIELDS[Attempt]]
