"""The customer as a visit list carries it."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, field

from dialer.errors import RowProblem


@dataclass(frozen=True, slots=True)
class Customer:
    """What the agent sees, and whom a notice goes to.

    ``code`` identifies the customer. ``extra`` keeps every column that the list has beyond the
    known ones, as (header, value) in the file's order: kept and shown, never interpreted.
    """

    code: str
    shop_name: str = ""
    person: str = ""
    address: str = ""
    licence: str = ""
    category: str = ""
    settlement: str = ""
    quota: str = ""
    account_manager: str = ""
    department: str = ""
    phone: str = ""  # as the list writes it
    last_order: str = ""
    remarks: str = ""
    extra: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ListRow:
    """One good row of a visit list.

    ``number`` is the normalised phone number, ``order`` the place in the visit order (the file's
    order unless a column gives it), ``row`` the line in the file. Exactly one of ``agent`` and
    ``team`` is set.
    """

    row: int
    customer: Customer
    number: str
    order: int
    agent: str | None = None
    team: str | None = None
    doubtful: bool = False  # possible, but not a number that the numbering plan has assigned


@dataclass(frozen=True, slots=True)
class VisitList:
    """A list that was read without a bad row, or with its bad rows left out on request.

    ``skipped`` counts the rows left out, ``problems`` says what was wrong with them.
    """

    name: str
    rows: tuple[ListRow, ...]
    skipped: int = 0
    problems: tuple[RowProblem, ...] = ()


def digest(customer: Customer) -> str:
    """SHA-256 over every field, to tell whether an amended list changes the customer's data."""
    return hashlib.sha256(repr(astuple(customer)).encode()).hexdigest()
