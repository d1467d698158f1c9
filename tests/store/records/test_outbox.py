"""Notices on their way out, and what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dialer.campaign.changes import Changes, NoticeBack, NoticeDue, NoticeKind
from dialer.campaign.model.query import Page
from dialer.errors import NotFound
from dialer.notices.outbox import Notice, NoticeState
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.outbox import SqlOutbox
from tests.contracts.made_up import NOW, added, at, placed, unreached, visit


@pytest.fixture
def box(database: Database) -> SqlOutbox:
    return SqlOutbox(database)


def alarm(key: str, seconds: float) -> Changes:
    """An alarm's notice."""
    return Changes(notices=[NoticeDue(key, NoticeKind.ALARM, at(seconds), text=f"磁盘已满 {key}", alarm=key)])


async def one(box: SqlOutbox) -> Notice:
    """The only notice."""
    (notice,) = await box.notices(None, Page())
    return notice


async def test_an_unreached_customer(box: SqlOutbox, day: SqlDayStore, database: Database) -> None:
    """The body has the customer and every attempt, as of the end of the same transaction."""
    await day.commit(added(1))
    await day.commit(placed(1))
    await day.commit(unreached(1))
    notice = await one(box)
    assert notice.id == f"{database.installation}-unreached-1-1"
    assert (notice.kind, notice.created_at, notice.next_try_at) == (NoticeKind.UNREACHED, at(90), at(90))
    expected: dict[str, Any] = {
        "visit": 1,
        "day": "2026-11-23",
        "list": "城东",
        "number": "13904700001",
        "state": "unreached",
        "round": 1,
        "counted": 1,
        "agent": "101",
        "team": None,
        "result": None,
        "text": "",
        "customer": {
            "code": "C00001",
            "shop_name": "惠民烟酒店1号",
            "person": "张三丰",
            "address": "建设路12号",
            "licence": "",
            "category": "",
            "settlement": "",
            "quota": "",
            "account_manager": "李经理",
            "department": "城东营销部",
            "phone": "13904700001",
            "last_order": "",
            "remarks": "",
            "extra": [["备注 2", "“引号”, 逗号"], ["备注 2", ""]],
        },
        "attempts": [
            {
                "id": "abc123-1-1-k3",
                "seq": 1,
                "round": 1,
                "number": "13904700001",
                "agent": "A1",
                "placed_at": "2026-11-23T00:01:00.120003Z",
                "ringing_at": "2026-11-23T00:01:02.120003Z",
                "answered_at": None,
                "connected_at": None,
                "ended_at": "2026-11-23T00:01:30.120003Z",
                "disposition": "no_answer",
                "counts": True,
                "result": None,
            }
        ],
    }
    assert notice.body == {
        "type": "visit.unreached",
        "timestamp": "2026-11-23T00:01:30.120003Z",
        "data": expected,
    }


@pytest.mark.parametrize("kind", [NoticeKind.INVALID_NUMBER, NoticeKind.OUT_OF_TIME, NoticeKind.FEEDBACK])
async def test_other_notices_about_a_visit(box: SqlOutbox, day: SqlDayStore, kind: NoticeKind) -> None:
    """They have the same form, with their text; a visit added in the same transaction will do."""
    due = NoticeDue("k", kind, NOW, visit=1, text="态度不好")
    await day.commit(Changes(added=added(1).added, visits=[visit(1, agent=None, team="east")], notices=[due]))
    body = (await one(box)).body
    assert body["type"] == f"visit.{kind}"
    assert (body["data"]["text"], body["data"]["team"], body["data"]["attempts"]) == ("态度不好", "east", [])


async def test_notices_about_no_visit(box: SqlOutbox, day: SqlDayStore) -> None:
    """A late start is told to a department; an alarm has its text."""
    late = NoticeDue("late", NoticeKind.LATE_START, NOW, department="城东营销部", text="8:30")
    await day.commit(Changes(notices=[late]))
    assert (await one(box)).body == {
        "type": "day.late_start",
        "timestamp": "2026-11-23T00:00:00.120003Z",
        "data": {"department": "城东营销部", "text": "8:30"},
    }
    await day.commit(alarm("disk", 1))
    assert (await box.notices(None, Page(1)))[0].body["data"] == {"key": "disk", "text": "磁盘已满 disk"}


async def test_delivery(box: SqlOutbox, day: SqlDayStore) -> None:
    """A notice is due until it is delivered; delivered twice it stays as it was."""
    assert await box.next_try() is None
    await day.commit(alarm("a", 5))
    await day.commit(alarm("b", 3))
    assert await box.next_try() == at(3)
    second, first = await box.notices(NoticeState.PENDING, Page())
    assert await box.due(at(5), 9) == [first, second]
    assert await box.due(at(5), 1) == [first]
    await box.mark_delivered(first.id, at(6))
    await box.mark_delivered(first.id, at(7))
    await box.mark_failed(first.id, at(8), "late answer", None)
    (delivered,) = await box.notices(NoticeState.DELIVERED, Page())
    assert (delivered.tries, delivered.delivered_at, delivered.next_try_at) == (1, at(6), None)
    assert await box.due(at(99), 9) == [second]


async def test_a_clock_that_was_set_back_holds_no_notice_up(box: SqlOutbox, day: SqlDayStore) -> None:
    """New ones go out at once, and one that failed before is tried again: then its wait is by the present clock."""
    ahead = 86_400
    await day.commit(alarm("failed", ahead))
    failed = await one(box)
    await box.mark_failed(failed.id, at(ahead + 1), "HTTP 500", at(ahead + 3_601))
    await day.commit(alarm("new", ahead + 2))
    assert [notice.id for notice in await box.due(at(ahead + 3), 9)] == [failed.id.replace("failed", "new")]
    due = await box.due(at(4), 9)
    assert [notice.id.rsplit("-", 1)[1] for notice in due] == ["failed", "new"]
    await box.mark_delivered(due[1].id, at(4))
    await box.mark_failed(failed.id, at(5), "HTTP 500", at(35))
    assert await box.due(at(34), 9) == []
    assert [notice.tries for notice in await box.due(at(35), 9)] == [2]


async def test_failure(box: SqlOutbox, day: SqlDayStore) -> None:
    """A failed notice waits for its next try, becomes a dead letter, and can be resent by a person."""
    await day.commit(alarm("a", 0))
    notice = await one(box)
    await box.mark_failed(notice.id, at(1), "HTTP 500", at(61))
    assert await box.next_try() == at(61)
    assert await box.due(at(60), 9) == []
    await box.mark_failed(notice.id, at(61), "HTTP 410", None)
    (dead,) = await box.notices(NoticeState.DEAD, Page())
    assert (dead.tries, dead.last_error, dead.next_try_at) == (2, "HTTP 410", None)
    assert await box.next_try() is None
    await box.resend(notice.id, at(70))
    assert [(n.id, n.tries) for n in await box.due(at(70), 9)] == [(notice.id, 0)]
    await box.mark_delivered(notice.id, at(71))
    assert (await one(box)).last_error == ""
    await box.resend(notice.id, at(80))
    assert (await one(box)).delivered_at is None


async def test_unknown_notices(box: SqlOutbox) -> None:
    """Nothing is marked that is not there."""
    with pytest.raises(NotFound):
        await box.mark_delivered("x", NOW)
    with pytest.raises(NotFound):
        await box.mark_failed("x", NOW, "", NOW + timedelta(minutes=1))
    with pytest.raises(NotFound):
        await box.resend("x", NOW)


def said(key: str, seconds: float) -> Changes:
    """What a person entered about visit 1."""
    return Changes(notices=[NoticeDue(key, NoticeKind.FEEDBACK, at(seconds), visit=1, text="太贵", grace=True)])


async def test_what_a_person_entered_waits_for_its_grace(box: SqlOutbox, day: SqlDayStore) -> None:
    """It is due a minute later, also when the clock has been set back since, and then at once."""
    await day.commit(added(1))
    await day.commit(said("feedback-a-1", 0))
    assert await box.due(at(59), 9) == []
    assert len(await box.due(at(60), 9)) == 1
    assert len(await box.due(at(-3600), 9)) == 1


async def test_what_has_not_left_is_taken_back_unnoticed(box: SqlOutbox, day: SqlDayStore) -> None:
    """And what is of another call stays."""
    await day.commit(added(1))
    await day.commit(said("feedback-a-1", 0))
    await day.commit(said("feedback-aa-1", 0))
    await day.commit(Changes(notices_back=[NoticeBack("feedback-a-", 1, at(59))]))
    assert (await one(box)).id.endswith("feedback-aa-1")


@pytest.mark.parametrize("tried", [False, True])
async def test_what_may_have_left_is_followed_by_a_second_notice(
    box: SqlOutbox, day: SqlDayStore, database: Database, *, tried: bool
) -> None:
    """Once, and it says what it takes back."""
    await day.commit(added(1))
    await day.commit(said("feedback-a-1", 0))
    name = f"{database.installation}-feedback-a-1"
    if tried:
        await box.mark_delivered(name, at(61))
    for seconds in (62, 70):
        await day.commit(Changes(notices_back=[NoticeBack("feedback-a-1", 1, at(seconds))]))
    second, first = await box.notices(None, Page())
    assert (first.id, second.id, second.kind) == (name, f"{name}-back", NoticeKind.TAKEN_BACK)
    assert (second.body["type"], second.body["data"]["of"], second.body["data"]["what"]) == (
        "visit.taken_back", name, "feedback",
    )  # fmt: skip
    assert second.body["data"]["customer"] == first.body["data"]["customer"]
    assert second in await box.due(at(62), 9)
