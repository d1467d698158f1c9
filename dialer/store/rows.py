"""Rows to records and back. A column that stands for a field has its name, so this is all there is to it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Table

from dialer.campaign.agent import Agent
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import Entry
from dialer.campaign.customer import Customer
from dialer.campaign.messages import CallEvent
from dialer.campaign.records import BoardNotice, Notice, Order, Recording
from dialer.campaign.visit import Visit
from dialer.store import tables

T = TypeVar("T")
Values = dict[str, Any]

FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Visit, Attempt, Agent, CallEvent, Entry, Order, Notice, BoardNotice)
}
_CUSTOMER = tuple(field.name for field in fields(Customer) if field.name != "code")
_RECORDING = tuple(field.name for field in fields(Recording) if field.name != "levels")


def values(record: object) -> Values:
    """Column values of a record whose columns all have their fields' names."""
    return {name: getattr(record, name) for name in FIELDS[type(record)]}


def record(kind: type[T], row: RowMapping, prefix: str = "") -> T:
    """The record in a row; ``prefix`` is what the query put before the column names."""
    return kind(**{name: row[prefix + name] for name in FIELDS[kind]})


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


VISIT_COLUMNS = [tables.visits.c[name] for name in FIELDS[Visit]]
CUSTOMER_COLUMNS = [tables.visits.c[name] for name in ("customer", *_CUSTOMER)]
ATTEMPT_COLUMNS = [tables.attempts.c[name] for name in FIELDS[Attempt]]
