"""The customer as a visit list carries it, and the one table of what is known of a customer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import Flag, auto
from operator import attrgetter

from dialer.errors import RowProblem
from dialer.language import N_


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


class Shown(Flag):
    """Where a field of the customer is shown."""

    AGENT = auto()  # the card in front of the agent
    FLOOR = auto()  # the customer's page on the floor
    RECORDING = auto()  # beside a recording
    REPORT = auto()  # reports that list customers


@dataclass(frozen=True, slots=True)
class CardField:
    """A field of :class:`Customer`; ``headers`` are those that lists have for it, the one to show first."""

    name: str
    heading: str
    shown: Shown
    headers: tuple[str, ...]


_CARDS = Shown.AGENT | Shown.FLOOR
_CALL = _CARDS | Shown.RECORDING
_ALL = _CALL | Shown.REPORT

CARD = (
    CardField("code", N_("Customer code"), _ALL & ~Shown.FLOOR,
              ("客户代码", "客户编码", "客户编号", "customer code", "customer", "code")),
    CardField("shop_name", N_("Shop name"), _ALL & ~_CARDS,
              ("店铺名称", "客户名称", "店名", "shop name", "shop", "customer name")),
    CardField("person", N_("Person in charge"), _ALL,
              ("负责人", "负责人姓名", "联系人", "person in charge", "person", "contact")),
    CardField("phone", N_("Visit phone"), _CARDS | Shown.REPORT,
              ("主访销电话", "电话", "手机", "电话号码", "手机号码", "联系电话",
               "phone", "phone number", "telephone", "mobile")),
    CardField("address", N_("Business address"), _CALL, ("经营地址", "地址", "business address", "address")),
    CardField("licence", N_("Licence number"), _CARDS,
              ("许可证号", "许可证号码", "专卖证号", "licence number", "license number", "licence", "license")),
    CardField("category", N_("Class"), _CALL, ("客户分类", "客户类别", "category", "customer category", "class")),
    CardField("settlement", N_("Settlement"), _CALL, ("结算方式", "settlement method", "settlement")),
    CardField("quota", N_("Order quota"), _CALL, ("订货额度", "order quota", "quota")),
    CardField("last_order", N_("Last order"), _CARDS, ("上次订单", "上次订货", "last order")),
    CardField("department", N_("Marketing department"), _ALL,
              ("营销部", "所属营销部", "marketing department", "department")),
    CardField("account_manager", N_("Account manager"), _ALL, ("客户经理", "account manager")),
    CardField("remarks", N_("Remarks"), _CARDS, ("备注", "remarks", "remark", "notes")),
)  # fmt: skip
"""Every known field in the order in which cards, tables and lists have them."""

HEADINGS = {each.name: each.heading for each in CARD}


def card(customer: Customer, where: Shown) -> Iterator[tuple[CardField, str]]:
    """What is shown of ``customer`` there, empty fields included."""
    return ((each, getattr(customer, each.name)) for each in CARD if where in each.shown)


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

    ``skipped`` counts the rows left out, ``problems`` says what was wrong with them, ``unread`` has their customers'
    codes; "" stands in it for whoever is meant by a row without a code that can be used.
    """

    name: str
    rows: tuple[ListRow, ...]
    skipped: int = 0
    problems: tuple[RowProblem, ...] = ()
    unread: frozenset[str] = frozenset()


_EVERY_FIELD = attrgetter(*(each.name for each in fields(Customer)))
"""``astuple`` copies every value; for the two digests of 2,000 rows that took a fifth of a second."""


def digest(customer: Customer) -> str:
    """SHA-256 over every field, to tell whether an amended list changes the customer's data."""
    return hashlib.sha256(repr(_EVERY_FIELD(customer)).encode()).hexdigest()
