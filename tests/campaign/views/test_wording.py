"""Every code that a person may see has its words in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.rules.streak import Kind
from dialer.campaign.views import wording
from dialer.campaign.views.why import Answer, Why
from dialer.campaign.views.wording import sentence
from dialer.language import LANGUAGES, Language, look_up

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
FULL: dict[Why, dict[str, Any]] = {
    Why.NOT_ON_LIST: {"customer": "C1", "day": "2026-11-23"},
    Why.BY_HAND: {"who": "001", "at": AT, "tries": 2, "outcome": Result.ORDERED},
    Why.REACHED: {"at": AT, "result": Result.ORDERED},
    Why.UNREACHED: {"counted": 5, "at": AT},
    Why.NUMBER_SPENT: {"customer": "C2", "counted": 2},
    Why.INVALID_NUMBER: {"number": "13904700001"},
    Why.WITHDRAWN: {"reason": "ordered online"},
    Why.OUT_OF_TIME: {"attempts": 3},
    Why.CALLING: {"agent": "001", "since": AT, "state": AttemptState.RINGING},
    Why.TRANSFERRED: {"agent": "001", "to": "8002", "since": AT},
    Why.OTHER_DAY: {"day": "2026-11-24"},
    Why.DAY_OFF: {"note": "国庆节"},
    Why.NOT_OPEN: {"at": AT},
    Why.NO_LINK: {"since": AT},
    Why.NOT_OWNER: {"machine": "production"},
    Why.PAUSED: {"by": "director"},
    Why.PROMISED: {"at": AT},
    Why.GAP: {"until": AT, "last": "busy"},
    Why.NUMBER_IN_USE: {"customer": "C2"},
    Why.NUMBER_GAP: {"until": AT},
    Why.NO_AGENT: {"agent": None, "team": "A"},
    Why.AGENT_AWAY: {"agent": "001", "team": None, "presence": "paused", "reason": "phone_not_answered", "since": AT},
    Why.HELD: {"kind": Kind.DROPPED, "name": "main", "until": AT},
    Why.PHONE: {"agent": "001", "team": None, "phone": "away", "extension": "PJSIP/8001"},
    Why.TRUNKS_DOWN: {"until": AT},
    Why.TRUNKS_FULL: {},
    Why.IN_LINE: {"agent": None, "team": "A", "ahead": 4},
    Why.NEXT: {"agent": "001", "team": None},
}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (wording.VISIT_STATES, VisitState),
        (wording.RESULTS, Result),
        (wording.DISPOSITIONS, Disposition),
        (wording.ATTEMPT_STATES, AttemptState),
        (wording.PRESENCES, Presence),
        (wording.HELD, Kind),
        (wording.PHONES, PhoneState),
    ],
)
def test_every_code_has_words(table: dict[StrEnum, str], codes: type[StrEnum]) -> None:
    """No state, result or outcome reaches a person as a bare code."""
    assert set(table) == set(codes)
    assert all(look_up("zh", words) != words for words in table.values())


@pytest.mark.parametrize("why", list(Why))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_sentence(why: Why, language: Language) -> None:
    """Each reason becomes one sentence that shows all of its parameters."""
    said = sentence(Answer(why, FULL[why]), language, ZONE)
    assert said.endswith("." if language == "en" else "。")
    assert "None" not in said
    assert "{" not in said
    assert ("09:02:03" in said) == (AT in FULL[why].values())


@pytest.mark.parametrize("why", list(Why))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_left_out(why: Why, language: Language) -> None:
    """A reason without the parameters that may be missing still reads well."""
    optional = {name for w, name in wording._WITHOUT if w is why}
    params = {name: None if name in optional else value for name, value in FULL[why].items()}
    assert not re.search(r"None|\(\)|（）", sentence(Answer(why, params), language, ZONE))


def test_codes_inside_sentences_are_worded() -> None:
    """Parameters that are codes are shown in words, the owner by agent or team."""
    away = Answer(Why.AGENT_AWAY, FULL[Why.AGENT_AWAY])
    assert sentence(away, "zh", ZONE) == "电访员 001当前暂停（话机无人接听），自 09:02:03 起。"
    assert sentence(Answer(Why.GAP, FULL[Why.GAP]), "en", ZONE).startswith("The last call ended as 'busy'")
    assert "team A" in sentence(Answer(Why.IN_LINE, FULL[Why.IN_LINE]), "en", ZONE)


def test_alarms_and_reasons() -> None:
    """Alarms of ours have their words, foreign ones their own text; what a person entered stays."""
    assert wording.alarm("trunk:city", "x", "zh") == "中继 city 故障，已暂停使用"
    assert wording.alarm("link", "x", "en") == "The link to the PBX is lost"
    assert wording.alarm("disk", "the disk is full", "zh") == "the disk is full"
    assert [wording.reason(code, "zh") for code in ("phone_not_answered", "去吃饭")] == ["话机无人接听", "去吃饭"]
    agent = Agent("001", extension="PJSIP/8001", presence=Presence.PAUSED, reason="phone_not_answered")
    assert wording.hindrance(agent, "zh") == "话机无人接听"
    agent.phone = PhoneState.AWAY
    assert wording.hindrance(agent, "en") == (
        "the phone was not answered · the phone PJSIP/8001 is not registered or not reachable"
    )
    assert wording.hindrance(Agent("001", presence=Presence.PAUSED, reason="lunch"), "zh") == "lunch"
    assert wording.hindrance(Agent("001", phone=PhoneState.AWAY), "zh") == "", "who has left needs no phone"
