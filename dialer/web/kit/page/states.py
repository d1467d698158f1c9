"""The one vocabulary of states: the colour, the icon and the word of whatever has one, for every page.

Templates show them by the macro ``status`` of ``parts.html``: ``{{ status("presence", agent.presence) }}``; the word
alone is a filter of the same name: ``{{ agent.presence|presence }}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.notice import NoticeKind
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views import wording
from dialer.language import N_, Language, look_up
from dialer.notices.outbox import NoticeState
from dialer.web.kit.page.format import capital

Kind = Literal["good", "warn", "bad", "busy", "idle"]
"""The colours: done well, needs a look, went wrong, under way, neutral."""


class Status(NamedTuple):
    """How a state is shown; ``icon`` is a name in ``requirements/icons.txt``, ``word`` English and to be translated."""

    kind: Kind
    icon: str
    word: str


def _worded(words: Mapping[Any, str], looks: Mapping[Any, tuple[Kind, str]]) -> Mapping[str, Status]:
    return {code: Status(*look, words[code]) for code, look in looks.items()}


STATES: Mapping[str, Mapping[str, Status]] = {
    "visit_state": _worded(wording.VISIT_STATES, {
        VisitState.WAITING: ("idle", "clock"),
        VisitState.CALLING: ("busy", "phone-outgoing"),
        VisitState.REACHED: ("good", "check"),
        VisitState.UNREACHED: ("bad", "phone-missed"),
        VisitState.INVALID_NUMBER: ("warn", "ban"),
        VisitState.WITHDRAWN: ("idle", "undo-2"),
        VisitState.OUT_OF_TIME: ("bad", "clock-alert"),
    }),
    "result": _worded(wording.RESULTS, {
        Result.ORDERED: ("good", "shopping-cart"),
        Result.NOT_NEEDED: ("idle", "circle-minus"),
        Result.LATER: ("idle", "calendar-clock"),
        Result.WRONG_NUMBER: ("bad", "ban"),
        Result.REFUSED: ("bad", "thumbs-down"),
        Result.NOT_UNDERSTOOD: ("bad", "circle-question-mark"),
        Result.FEEDBACK: ("bad", "message-square-warning"),
    }),
    "disposition": _worded(wording.DISPOSITIONS, {
        Disposition.CONNECTED: ("good", "phone-call"),
        Disposition.ABANDONED: ("bad", "phone-missed"),
        Disposition.NO_ANSWER: ("idle", "phone-missed"),
        Disposition.BUSY: ("idle", "phone-call"),
        Disposition.DECLINED: ("idle", "phone-off"),
        Disposition.UNREACHABLE: ("idle", "signal-zero"),
        Disposition.INVALID_NUMBER: ("bad", "ban"),
        Disposition.CONGESTION: ("warn", "network"),
        Disposition.OUR_FAULT: ("bad", "unplug"),
        Disposition.CANCELLED: ("idle", "undo-2"),
        Disposition.UNKNOWN: ("warn", "circle-question-mark"),
    }),
    "attempt_state": _worded(wording.ATTEMPT_STATES, {
        AttemptState.PLACED: ("busy", "phone-outgoing"),
        AttemptState.RINGING: ("busy", "bell-ring"),
        AttemptState.ANSWERED: ("busy", "phone-incoming"),
        AttemptState.CONNECTED: ("good", "phone-call"),
        AttemptState.UNKNOWN: ("warn", "circle-question-mark"),
        AttemptState.ENDED: ("idle", "phone-off"),
    }),
    "presence": _worded(wording.PRESENCES, {
        Presence.SIGNED_OUT: ("idle", "log-out"),
        Presence.READY: ("good", "check"),
        Presence.RINGING: ("busy", "phone-outgoing"),
        Presence.ON_CALL: ("busy", "phone-call"),
        Presence.WRAP_UP: ("warn", "notebook-pen"),
        Presence.PAUSED: ("warn", "circle-pause"),
    }),
    "notice": _worded(wording.NOTICES, {
        NoticeKind.UNREACHED: ("warn", "phone-missed"),
        NoticeKind.INVALID_NUMBER: ("warn", "ban"),
        NoticeKind.OUT_OF_TIME: ("warn", "clock-alert"),
        NoticeKind.LATE_START: ("warn", "clock-alert"),
        NoticeKind.FEEDBACK: ("warn", "message-square-warning"),
        NoticeKind.TAKEN_BACK: ("idle", "undo-2"),
        NoticeKind.ALARM: ("bad", "triangle-alert"),
        NoticeKind.ALARM_OVER: ("good", "check"),
    }),
    "notice_state": {
        NoticeState.PENDING: Status("busy", "send", N_("Pending")),
        NoticeState.DELIVERED: Status("good", "check", N_("Delivered")),
        NoticeState.DEAD: Status("bad", "x", N_("Not delivered")),
    },
    "recording_state": {
        RecordingState.KEPT: Status("good", "audio-lines", N_("Complete")),
        RecordingState.FAULTY: Status("warn", "triangle-alert", N_("Defective")),
        RecordingState.MISSING: Status("bad", "x", N_("Missing")),
        RecordingState.DELETED: Status("idle", "trash-2", N_("Deleted")),
    },
}  # fmt: skip
"""By the kind of state, then by its code."""

ICONS: Mapping[Kind, str] = {
    "good": "check",
    "warn": "triangle-alert",
    "bad": "x",
    "busy": "circle-dot",
    "idle": "circle",
}
"""Of what has a colour and a word of its own."""


def status_of(language: Language, family: str, code: str | StrEnum) -> Status:
    """The look of a state with its word as a label begins; a code of another version is shown as it is."""
    found = STATES[family].get(code)
    if found is None:
        return Status("idle", ICONS["idle"], str(code))
    return found._replace(word=capital(look_up(language, found.word)))
