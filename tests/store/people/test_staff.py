"""Accounts, sessions, tries at passwords, and the audit log."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from dialer.campaign.model.query import Page
from dialer.errors import Conflict, GuardFailed, NotFound
from dialer.people.audit_log import AuditEntry, AuditQuery
from dialer.people.sessions import Session
from dialer.people.staff import Role, Staff
from dialer.store.database import Database
from dialer.store.people.auditlog import SqlAuditLog
from dialer.store.people.sessions import SqlSessionStore
from dialer.store.people.staff import SqlStaffStore
from tests.contracts.made_up import NOW, at

WANG = Staff("001", "王芳", Role.AGENT, "$argon2id$made-up", NOW, NOW)


def session(digest: str, minute: float = 0.0, staff: str = "001") -> Session:
    """A session that was opened so many minutes after the day's begin."""
    return Session(digest, staff, at(minute), at(minute), at(minute) + timedelta(hours=14), "10.0.0.1", "Firefox")


async def test_accounts(database: Database) -> None:
    """An account is what was saved, whole; a number is taken once; a change sees what was there."""
    store = SqlStaffStore(database)
    assert await store.staff("001") is None
    await store.add(WANG)
    leader = replace(WANG, number="900", role=Role.TEAM_LEADER, team="A", language="en", must_change=True)
    await store.add(leader)
    assert (await store.staff("001"), await store.staff("900")) == (WANG, leader)
    assert await store.everybody() == [WANG, leader]
    with pytest.raises(Conflict, match="001"):
        await store.add(WANG)
    changed = await store.change("001", lambda old: replace(old, disabled=True, recordings=True))
    assert await store.staff("001") == changed == replace(WANG, disabled=True, recordings=True)
    with pytest.raises(NotFound):
        await store.change("404", lambda old: old)
    assert "made-up" not in repr(WANG)


async def test_changes_at_once_lose_nothing(database: Database) -> None:
    """Two changes of one account at the same time are both made."""
    store = SqlStaffStore(database)
    await store.add(WANG)
    await asyncio.gather(
        store.change("001", lambda old: replace(old, name="王班长")),
        store.change("001", lambda old: replace(old, language="en")),
    )
    assert await store.staff("001") == replace(WANG, name="王班长", language="en")


async def test_sessions(database: Database) -> None:
    """A session is known by its digest; a person's are listed by when they were seen; a month later it is gone."""
    await SqlStaffStore(database).add(WANG)
    store = SqlSessionStore(database)
    await store.open(session("a"))
    await store.open(session("b", 1))
    assert await store.session("a") == session("a")
    assert await store.session("x") is None
    await store.seen("a", at(9))
    assert [s.digest for s in await store.sessions("001", at(0))] == ["a", "b"]
    assert [s.digest for s in await store.sessions(None, at(5))] == ["a"]
    assert await store.sessions("002", at(0)) == []
    await store.revoke(["a", "x"], at(10))
    await store.revoke(["a"], at(11))
    await store.revoke([], at(12))
    found = await store.session("a")
    assert found is not None
    assert found.revoked_at == at(10)
    later = replace(session("c"), created_at=at(9) + timedelta(days=31))
    await store.open(later)
    assert (await store.session("a"), await store.session("c")) == (None, later)


async def test_a_session_needs_its_person(database: Database) -> None:
    """Nobody's session cannot be kept."""
    with pytest.raises(GuardFailed):
        await SqlSessionStore(database).open(session("a", staff="404"))


async def test_tries(database: Database) -> None:
    """A try counts under each of its keys while each has room; old ones are forgotten, good ones taken back."""
    store, most = SqlSessionStore(database), {"account:1": 2, "address:x": 3}
    assert await store.begin_try(most, at(0), at(-10)) == {"account:1": [], "address:x": []}
    assert await store.begin_try(most, at(1), at(-9)) == {"account:1": [at(0)], "address:x": [at(0)]}
    for _ in range(2):  # the account is full, so nothing more is counted
        full = await store.begin_try(most, at(2), at(-8))
        assert full == {"account:1": [at(0), at(1)], "address:x": [at(0), at(1)]}
    await store.forget_tries(["account:1"])
    await store.forget_tries(["address:x"], at(1))
    assert await store.begin_try(most, at(3), at(-7)) == {"account:1": [], "address:x": [at(0)]}
    assert await store.begin_try(most, at(20), at(10)) == {"account:1": [], "address:x": []}


async def test_the_audit_log_is_searched(database: Database) -> None:
    """By parts of who and target whatever their case, by operation and time, newest first, by pages."""
    log = SqlAuditLog(database)
    entries = [
        AuditEntry(at(n), who, "agent", what, target, "10.0.0.1", {"n": n, "字": "王"})
        for n, (who, what, target) in enumerate(
            [("001 王芳", "sign_in", "001"), ("002 Li", "save_agent", "A%1"), ("001 王芳", "save_agent", "C_9")]
        )
    ]
    for entry in entries:
        await log.append(entry)
    for query, found in (
        (AuditQuery(), [2, 1, 0]),
        (AuditQuery(who="王芳"), [2, 0]),
        (AuditQuery(who="li"), [1]),
        (AuditQuery(what="save_agent"), [2, 1]),
        (AuditQuery(what="save"), []),
        (AuditQuery(target="%"), [1]),
        (AuditQuery(target="c_"), [2]),
        (AuditQuery(since=at(1)), [2, 1]),
        (AuditQuery(until=at(1)), [0]),
        (AuditQuery(page=Page(1, 1)), [1]),
    ):
        assert await log.search(query) == [entries[n] for n in found], query


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET who = 'x'", "DELETE FROM audit_log"])
async def test_the_audit_log_is_append_only(database: Database, statement: str) -> None:
    """The database itself refuses to change what was written down."""
    log = SqlAuditLog(database)
    await log.append(AuditEntry(NOW, "001", "agent", "sign_in", "", ""))
    with pytest.raises(GuardFailed, match="append-only"):
        await database.write(lambda connection: connection.execute(text(statement)))
    assert len(await log.search(AuditQuery())) == 1
