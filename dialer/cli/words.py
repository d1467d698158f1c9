"""Codes as the campaign's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialer.campaign.breaker import BreakerState
from dialer.campaign.records import RecordingState
from dialer.campaign.wording import Language, Words

BREAKERS: dict[BreakerState, Words] = {
    BreakerState.CLOSED: Words("可用", "in use"),
    BreakerState.OPEN: Words("已暂停使用", "paused"),
    BreakerState.PROBING: Words("正在试拨", "being tried with one call"),
}

RECORDINGS: dict[RecordingState, Words] = {
    RecordingState.KEPT: Words("已保存", "kept"),
    RecordingState.FAULTY: Words("有缺陷", "with a fault"),
    RecordingState.MISSING: Words("缺失", "missing"),
    RecordingState.DELETED: Words("到期已删除", "removed by age"),
}


def word(words: Mapping[Any, Words], code: str | None, language: Language) -> str:
    """The word for a code; "" for none, and a code that has no word stays as it is."""
    if not code:
        return ""
    return words[code].of(language) if code in words else str(code)
