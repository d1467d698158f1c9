"""What the timeline says, in one language at a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from dialer.campaign.views.timeline_words import details, evidence, signs
from dialer.language import translator

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def clock(at: datetime) -> str:
    return f"{at:%H:%M}"


@pytest.mark.parametrize(
    ("known", "english", "chinese"),
    [
        ({"trunk": "carrier", "visit": 7}, "trunk carrier", "中继 carrier"),
        (
            {"disposition": "busy", "counts": True, "counted": 2, "source": "486 or 600", "agent": "001"},
            "busy · calls counted so far: 2",
            "占线 · 已计 2 次",
        ),
        ({"result": "ordered", "text": "2 cartons"}, "result: ordered · 2 cartons", "结果：已订货 · 2 cartons"),
        ({"promised": AT.isoformat()}, "promised for 01:00", "约定 01:00"),
        ({"sign": "ringing", "channel": "x-1"}, "call progress: The customer's phone is ringing · channel x-1", ""),
        ({"restarted": False, "old": "", "stray": 3}, "stray 3", "stray 3"),
        ({"restarted": True, "until": AT.isoformat()}, "the PBX was restarted · until 01:00", ""),
    ],
)
def test_an_entry_of_the_history(known: dict[str, Any], english: str, chinese: str) -> None:
    """Codes as words, times on a clock; what the line says already is not said again."""
    assert details(translator("en"), known, clock) == english
    assert not chinese or details(translator("zh"), known, clock) == chinese


def test_the_evidence_of_a_call_is_in_one_language() -> None:
    """No English word stands in the Chinese but for what the PBX itself wrote."""
    known = {"sip": 486, "cause": 17, "reason": 0, "ringing": True, "answered": False}
    assert evidence(translator("en"), known) == "SIP 486 · cause 17 · originate reason 0 · it rang"
    chinese = evidence(translator("zh"), known) + signs(translator("zh"), {"status": "BUSY", "text": ""})
    assert set(re.findall(r"[A-Za-z]+", chinese)) <= {"SIP", "BUSY", "Originate"}
