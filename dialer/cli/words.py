"""Codes as the campaign's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialer.campaign.model.recording import RecordingState
from dialer.campaign.rules.breaker import BreakerState
from dialer.language import N_, Translate
from dialer.notices.outbox import NoticeState

BREAKERS: dict[BreakerState, str] = {
    BreakerState.CLOSED: N_("in use", context="trunk"),
    BreakerState.OPEN: N_("paused", context="trunk"),
    BreakerState.PROBING: N_("being tried with one call", context="trunk"),
}

NOTICES: dict[NoticeState, str] = {
    NoticeState.PENDING: N_("pending"),
    NoticeState.DELIVERED: N_("delivered"),
    NoticeState.DEAD: N_("given up"),
}

RECORDINGS: dict[RecordingState, str] = {
    RecordingState.KEPT: N_("kept", context="recording"),
    RecordingState.FAULTY: N_("with a fault"),
    RecordingState.MISSING: N_("missing"),
    RecordingState.DELETED: N_("removed by age"),
}


def word(words: Mapping[Any, str], code: str | None, t: Translate) -> str:
    """The word for a code; "" for none, and a code that has no word stays as it is."""
    if not code:
        return ""
    return t(words[code]) if code in words else str(code)
