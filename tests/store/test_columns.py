"""What comes out of a column, by both kinds of driver: those that give text, and those that have read it already."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.types import TypeEngine

from dialer.campaign.model.visit import ManualCall, Result, VisitState
from dialer.store.schema.columns import ManualCallJson, UtcDateTime, iso, one_of, to_json

SQLITE = pysqlite.dialect()
POSTGRESQL = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
WORK = ManualCall("001", AT, 2, Result.LATER, "忙", promised=AT, entered_by="900", found_wrong=True)
OF_OLD = {"who": "001", "at": "2026-11-23T01:30:00.000000Z", "result": None, "promised": None}


def read(kind: TypeEngine[Any], dialect: Dialect, stored: object) -> object:
    """What a query gives for ``stored``."""
    processor = kind.dialect_impl(dialect).result_processor(dialect, None)
    return processor(stored) if processor else stored


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
def test_work_by_hand(dialect: Dialect) -> None:
    """Back as it was written, also by a version that knew less of it; nothing stays nothing."""
    written = ManualCallJson().process_bind_param(WORK, dialect)

    def stored(value: object) -> object:
        return to_json(value) if dialect is SQLITE else json.loads(to_json(value))

    assert read(ManualCallJson(), dialect, stored(written)) == WORK
    assert read(ManualCallJson(), dialect, stored(OF_OLD)) == ManualCall("001", AT)
    assert read(ManualCallJson(), dialect, None) is None


def test_times() -> None:
    """As text, or as the driver's own in whatever zone."""
    assert read(UtcDateTime(), SQLITE, "2026-11-23T01:30:00.000000Z") == AT
    assert read(UtcDateTime(), POSTGRESQL, AT) == AT
    assert read(UtcDateTime(), SQLITE, None) is None


@pytest.mark.parametrize("at", ["9999-12-31T23:30:00-05:00", "0001-01-01T00:30:00+08:00"])
def test_a_time_at_the_ends_of_the_calendar_is_read_and_written(at: str) -> None:
    """In UTC it would be of a year that there is not: what its clock shows stays."""
    shown = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert read(UtcDateTime(), SQLITE, at) == shown
    assert UtcDateTime().process_bind_param(datetime.fromisoformat(at), SQLITE) == iso(shown)


def test_one_of_a_few_words() -> None:
    """A word that this version does not know is an error and not a guess."""
    kind = one_of(VisitState, "state")
    assert read(kind, SQLITE, "waiting") is VisitState.WAITING
    assert read(kind, SQLITE, None) is None
    with pytest.raises(LookupError):
        read(kind, SQLITE, "levitating")
