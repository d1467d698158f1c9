"""Rows to records and back. A column that stands for a field has its name, so this is all there is to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.visit import Visit
from dialer.store.schema.day import attempts, visits

T = TypeVar("T")
Values = dict[str, Any]


class _Fields(dict[type, tuple[str, ...]]):
    """The names of a dataclass's fields."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = self[kind] = tuple(field.name for field in fields(kind))
        return names


FIELDS = _Fields()
_CUSTOMER = tuple(field.name for field in fields(Customer) if field.name != "code")
_RECORDING = tuple(field.name for field in fields(Recording) if field.name != "levels")


def values(record: object) -> Values:
    """Column values of a record whose columns all have their fields' names."""
    return {name: getattr(record, name) for name in FIELDS[type(record)]}


def record(kind: type[T], row: RowMapping, prefix: str = "") -> T:
    """The record in a row; ``prefix`` is what the query put before the column names."""
    return kind(**{name: row[prefix + name] for name in FIELDS[kind]})


def all_of(kind: type[T], query: Select[Any]) -> Callable[[Connection], list[T]]:
    """Work for a database: the records in all rows that ``query`` finds."""
    return lambda connection: [record(kind, row) for row in connection.execute(query).mappings()]


def first_of(kind: type[T], query: Select[Any]) -> Callable[[Connection], T | None]:
    """The same for the first row; None when there is none."""

    def read(connection: Connection) -> T | None:
        row = connection.execute(query).mappings().first()
        return None if row is None else record(kind, row)

    return read


def customer_values(customer: Customer) -> Values:
    """Column values of ``visits`` for a customer."""
    return {"customer": customer.code, **{name: getattr(customer, name) for name in _CUSTOMER}}


def customer_of(row: RowMapping, prefix: str = "") -> Customer:
    """The customer in a row of ``visits``."""
    return Customer(code=row[prefix + "customer"], **{name: row[prefix + name] for name in _CUSTOMER})


def recording_values(recording: Recording) -> Values:
    """Column values of ``recordings``, but for the attempt's own ``placed_at``."""
    agent, customer = recording.levels
    return {
        **{name: getattr(recording, name) for name in _RECORDING},
        "level_agent": agent,
        "level_customer": customer,
    }


def recording_of(row: RowMapping, prefix: str = "") -> Recording:
    """The recording in a row of ``recordings``."""
    levels = (row[prefix + "level_agent"], row[prefix + "level_customer"])
    return Recording(**{name: row[prefix + name] for name in _RECORDING}, levels=levels)


def labelled(table: Table, prefix: str = "") -> list[ColumnElement[Any]]:
    """All columns of a table under their fields' names with a prefix, for a query over several tables."""
    return [column.label(prefix + column.key) for column in table.c]


VISIT_COLUMNS = [visits.c[name] for name in FIELDS[Visit]]
CUSTOMER_COLUMNS = [visits.c[name] for name in ("customer", *_CUSTOMER)]
ATTEMPT_COLUMNS = [attempts.c[name] for name in FIELDS[Attempt]]
