"""What all tables belong to and are made of, and what a Python value looks like in the database."""
# ruff: noqa: ANN401, ARG002 -- SQLAlchemy sets these signatures

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, DateTime, Dialect, Enum, Integer, MetaData, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.visit import ManualCall, Result
from dialer.clock import in_utc

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

_EVIDENCE = tuple(f.name for f in fields(Evidence))


def only(where: ColumnElement[bool]) -> dict[str, Any]:
    """The options of an index that holds only such rows."""
    return {"sqlite_where": where, "postgresql_where": where}


def several(kind: type[TypeEngine[Any]] | TypeEngine[Any], *names: str, nullable: bool = False) -> list[Column[Any]]:
    """Columns of one kind."""
    return [Column(name, kind, nullable=nullable) for name in names]


def iso(at: datetime) -> str:
    """An aware datetime as ``2026-11-21T00:05:00.123456Z``: UTC, of one width, so that text order is time order."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone; stored times are UTC")
    return in_utc(at).isoformat(timespec="microseconds")[:-6] + "Z"


def to_json(value: object) -> str:
    """As JSON, on one line; times as :func:`iso` text."""
    return _JSON.encode(value)


def _json_value(value: object) -> str | dict[str, object]:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} cannot be written as JSON")


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_json_value)


class _Read(dict[Any, Any]):
    """What is read of a column, as a look-up: None at once, the rest by ``convert``.

    Most times and results in a list of 100,000 are NULL. Looking those up is done in C, and halves the time to read it.
    """

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__({None: None})
        self._convert = convert

    def __missing__(self, value: Any) -> Any:
        return self._convert(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, UTC on the way out: a timestamp with time zone, or :func:`iso` text where there is none."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(DateTime(timezone=True) if native else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = iso(value)
        return in_utc(value) if dialect.name == "postgresql" else text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _Read(_utc).__getitem__


def _utc(value: str | datetime) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return in_utc(at)


class EvidenceJson(TypeDecorator[Evidence]):
    """Evidence as a JSON object; fields that this version does not know are left out on the way back."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Evidence | None, dialect: Dialect) -> Any:
        return None if value is None else {name: getattr(value, name) for name in _EVIDENCE}

    def process_result_value(self, value: Any, dialect: Dialect) -> Evidence | None:
        return None if value is None else Evidence(**{k: v for k, v in value.items() if k in _EVIDENCE})


class ManualCallJson(TypeDecorator[ManualCall]):
    """What was done by hand as a JSON object."""

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def process_bind_param(self, value: ManualCall | None, dialect: Dialect) -> Any:
        return None if value is None else asdict(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        parse: Callable[[Any], Any] | None = self.impl_instance.result_processor(dialect, coltype)
        if parse is None:  # the driver has parsed it, and what it gives cannot be looked up
            return lambda value: None if value is None else _hand_work(value)
        return _Read(lambda stored: _hand_work(parse(stored))).__getitem__


class ManualCallsJson(TypeDecorator[tuple[ManualCall, ...]]):
    """Several of them as a JSON list; NULL is none."""

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def process_bind_param(self, value: tuple[ManualCall, ...] | None, dialect: Dialect) -> Any:
        return [asdict(each) for each in value] if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        parse: Callable[[Any], Any] | None = self.impl_instance.result_processor(dialect, coltype)
        if parse is None:
            return lambda value: tuple(map(_hand_work, value or ()))
        read = _Read(lambda stored: tuple(map(_hand_work, parse(stored))))
        read[None] = ()
        return read.__getitem__


def _hand_work(value: dict[str, Any]) -> ManualCall:
    result, promised = value["result"], value["promised"]
    return ManualCall(
        **{
            **value,
            "at": datetime.fromisoformat(value["at"]),
            "result": Result(result) if result else None,
            "promised": datetime.fromisoformat(promised) if promised else None,
        }
    )


class Texts(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON list."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(value)


class Pairs(TypeDecorator[tuple[tuple[str, str], ...]]):
    """A tuple of (name, value) as a JSON list of pairs, which keeps the order and repeated names."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[tuple[str, str], ...] | None:
        return None if value is None else tuple(map(tuple, value))


class _OneOf(Enum):
    """An ``Enum`` whose values are looked up in C; one that is not there is still a ``LookupError``."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        assert self.enum_class is not None
        return {None: None, **{member.value: member for member in self.enum_class}}.__getitem__


def one_of(kind: type[StrEnum], name: str = "") -> Enum:
    """The values of ``kind`` as text, with a CHECK of this ``name`` if there is one."""
    return _OneOf(
        kind,
        name=name or None,
        native_enum=False,
        create_constraint=bool(name),
        validate_strings=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )
