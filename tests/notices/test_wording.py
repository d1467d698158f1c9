"""Notices in plain words, from the bodies that the store really composes."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest

from dialer.campaign.changes import NoticeDue, NoticeKind
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.wording import NOTICES
from dialer.notices.relay import DEAD_ALARM, FAILING_ALARM
from dialer.notices.wording import Wording
from dialer.recording.ingester import FILE_ALARM, FOLDER_ALARM, LIBRARY_ALARM, MISSING_ALARM, STORE_ALARM
from dialer.store.bodies import plain_body, visit_body
from dialer.store.schema.columns import to_json
from tests.contracts.made_up import at, attempt, ended, visit

CHINESE, ENGLISH = Wording("zh"), Wording("en")
CUSTOMER = Customer(
    code="150701001",
    shop_name="惠民烟酒店",
    person="张三",
    phone="8221234",
    account_manager="李经理",
    department="城东营销部",
)
WHO = "惠民烟酒店（客户代码 150701001，负责人 张三，电话 8221234）"
WHO_EN = "惠民烟酒店 (customer 150701001, 张三, phone 8221234)"
OWNERS = "城东营销部，客户经理 李经理。"
OWNERS_EN = "城东营销部, account manager 李经理."
CALLS = [
    ended(attempt(1, 1)),
    ended(attempt(1, 2), Disposition.BUSY),
    ended(attempt(1, 3), Disposition.UNREACHABLE, round=2),
]


def body(kind: NoticeKind, text: str = "", calls: list[Attempt] | None = None, **fields: Any) -> dict[str, Any]:
    due = NoticeDue("key", kind, at(0), visit=1, text=text)
    made = visit_body(due, visit(1, number="04708221234", **fields), CUSTOMER, CALLS if calls is None else calls)
    return dict(json.loads(to_json(made)))  # as it is stored


@pytest.mark.parametrize(
    ("kind", "made", "chinese", "english"),
    [
        (
            NoticeKind.UNREACHED,
            body(NoticeKind.UNREACHED, counted=2),
            f"{WHO}拨打 2 次均未接通（08:01 无人接听；08:02 占线）。{OWNERS}",
            f"{WHO_EN} was not reached; calls made: 2 (08:01 no answer; 08:02 busy). {OWNERS_EN}",
        ),
        (
            NoticeKind.UNREACHED,
            body(NoticeKind.UNREACHED, calls=[], counted=0, state=VisitState.UNREACHED, called_as="A9"),
            f"{WHO}拨打 0 次均未接通（该号码也为客户 A9 拨打过）。{OWNERS}",
            f"{WHO_EN} was not reached; calls made: 0 (the number was called for customer A9 as well). {OWNERS_EN}",
        ),
        (
            NoticeKind.OUT_OF_TIME,
            body(NoticeKind.OUT_OF_TIME, round=2, counted=1),
            f"{WHO}收班前拨打 1 次，未接通（08:03 关机或无法接通）。{OWNERS}",
            f"{WHO_EN} was not reached before closing; calls made: 1 (08:03 switched off or out of reach). {OWNERS_EN}",
        ),
        (
            NoticeKind.INVALID_NUMBER,
            body(NoticeKind.INVALID_NUMBER),
            f"{WHO}的电话 04708221234 是空号或错号，请核实。{OWNERS}",
            f"{WHO_EN} has a wrong number, 04708221234; please correct it. {OWNERS_EN}",
        ),
        (
            NoticeKind.FEEDBACK,
            body(NoticeKind.FEEDBACK, "送货太晚"),
            f"{WHO}提出意见：送货太晚。{OWNERS}",
            f"{WHO_EN} says: 送货太晚. {OWNERS_EN}",
        ),
        (
            NoticeKind.LATE_START,
            plain_body(NoticeDue("k", NoticeKind.LATE_START, at(0), department="城东营销部", text="系统故障")),
            "城东营销部：今日访销电话推迟开始，系统故障。",
            "城东营销部: today's calls start late: 系统故障.",
        ),
        (
            NoticeKind.ALARM,
            plain_body(NoticeDue("k", NoticeKind.ALARM, at(0), text="the phone PJSIP/1 is dead", alarm="agent:101")),
            "告警：电访员 101 的话机无人接听",
            "Alarm: Agent 101 did not pick up",
        ),
        (
            NoticeKind.ALARM,
            plain_body(NoticeDue("k", NoticeKind.ALARM, at(0), text="trunk carrier fails")),
            "告警：trunk carrier fails",
            "Alarm: trunk carrier fails",
        ),
        (
            NoticeKind.ALARM_OVER,
            plain_body(
                NoticeDue("k", NoticeKind.ALARM_OVER, at(0), text="the phone PJSIP/1 is dead", alarm="agent:101")
            ),
            "告警解除：电访员 101 的话机无人接听",
            "Alarm over: Agent 101 did not pick up",
        ),
    ],
    ids=[
        "unreached",
        "another-code",
        "out-of-time",
        "invalid-number",
        "feedback",
        "late-start",
        "alarm",
        "alarm-without-words",
        "over",
    ],
)
def test_sentences(kind: NoticeKind, made: dict[str, Any], chinese: str, english: str) -> None:
    """Each kind has its sentence in both languages, with local times and the calls of this round."""
    assert CHINESE.sentence(kind, made) == chinese
    assert ENGLISH.sentence(kind, made) == english


def test_not_called_at_all() -> None:
    """A customer for whom there was no time for a single call."""
    text = CHINESE.sentence(NoticeKind.OUT_OF_TIME, body(NoticeKind.OUT_OF_TIME, calls=[]))
    assert "收班前拨打 0 次，未接通。" in text


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_foreign_bodies(wording: Wording) -> None:
    """Whatever a body lacks, or has of the wrong kind, is left out; an unknown kind shows its text."""
    for kind in NoticeKind:
        for made in ({}, {"data": None}, {"data": {"attempts": 3, "customer": []}}, {"data": {"attempts": [None]}}):
            assert wording.sentence(kind, made)
    assert "hello" in wording.sentence("system.news", {"data": {"text": "hello"}})
    assert wording.title("system.news") == "system.news"
    shown = wording.sentence(NoticeKind.UNREACHED, {"data": {"round": 1, "attempts": [{"round": 1, "placed_at": "x"}]}})
    assert wording.disposition("unknown") in shown


def test_every_word_is_there() -> None:
    """Both languages name every kind of notice and every way in which a call can end."""
    assert set(NOTICES) == set(NoticeKind)
    for disposition in Disposition:
        assert CHINESE.disposition(disposition) != ENGLISH.disposition(disposition)
    assert CHINESE.disposition("something new") == "something new"
    assert CHINESE.disposition(None) == "结果不明"


def test_times_are_local() -> None:
    """Times are shown in the department's zone."""
    assert CHINESE.time("2026-11-23T00:01:00.000000Z") == "08:01"
    assert Wording(zone=UTC).time("2026-11-23T00:01:00.000000Z") == "00:01"
    assert (CHINESE.time(None), CHINESE.time("soon")) == ("", "")


@pytest.mark.parametrize(
    "key",
    [
        "link", "trunk:carrier", "agent:101", FAILING_ALARM, DEAD_ALARM,
        FOLDER_ALARM, LIBRARY_ALARM, FILE_ALARM, MISSING_ALARM, STORE_ALARM,
    ],
)  # fmt: skip
def test_every_alarm_has_words(key: str) -> None:
    """Whatever the dialer can raise an alarm about is said in either language, without the technical text."""
    made = plain_body(NoticeDue("k", NoticeKind.ALARM, at(0), text="ENOSPC", alarm=key))
    for wording in (CHINESE, ENGLISH):
        assert "ENOSPC" not in wording.sentence(NoticeKind.ALARM, made)
    assert not any("a" <= letter <= "z" for letter in CHINESE.sentence(NoticeKind.ALARM, made).replace("carrier", ""))
