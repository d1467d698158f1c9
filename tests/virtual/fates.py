"""How the far end deals with a call, and what a real Asterisk was measured to tell of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """How the far end deals with a call."""

    ANSWERS = "answers"
    DROPS = "drops"  # answers and hangs up at once
    RINGS_OUT = "rings_out"
    BUSY = "busy"
    BUSY_EVERYWHERE = "busy_everywhere"
    DECLINES = "declines"
    ABSENT = "absent"  # rings, then unavailable
    TIMED_OUT = "timed_out"  # rings, then the carrier gives up
    UNREACHABLE = "unreachable"
    ANNOUNCED = "announced"  # early media, then unavailable
    UNALLOCATED = "unallocated"
    NOWHERE = "nowhere"
    GONE = "gone"
    INCOMPLETE = "incomplete"
    FORBIDDEN = "forbidden"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    TERMINATED = "terminated"  # the network ends it without a ring
    CONGESTED = "congested"
    SILENT = "silent"  # the carrier never answers the INVITE
    REDIRECTED = "redirected"  # 302, and the PBX calls the new number by itself
    DEAD_TRUNK = "dead_trunk"  # nor before SIP's own time is over
    NO_TRUNK = "no_trunk"  # the PBX does not know the trunk: no call comes of it
    INTERCEPTED = "intercepted"  # the PBX's own route answers: nothing goes out to anybody


OUTSIDE: tuple[Fate, ...] = tuple(fate for fate in Fate if fate is not Fate.INTERCEPTED)
"""What the far end itself does, and not the PBX in its place."""


@dataclass(frozen=True, slots=True)
class Says:
    """A fate of any final SIP answer: at once, after ringing (180) or after early media (183)."""

    sip: int
    rings: bool = False
    plays: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens to one call: after ``ring_s`` seconds the fate; a conversation lasts ``talk_s``."""

    fate: Fate | Says
    ring_s: float = 5.0
    talk_s: float = 180.0


World = Callable[[str, int], Turn]
"""(dial string, how many calls it has had before) -> what happens this time."""

ANSWERS_OF: dict[Fate, tuple[int, int, str]] = {
    Fate.BUSY: (17, 486, "BUSY"),
    Fate.BUSY_EVERYWHERE: (17, 600, "BUSY"),
    Fate.DECLINES: (21, 603, "NOANSWER"),
    Fate.ABSENT: (19, 480, "NOANSWER"),
    Fate.TIMED_OUT: (18, 408, "NOANSWER"),
    Fate.UNREACHABLE: (19, 480, "NOANSWER"),
    Fate.ANNOUNCED: (19, 480, "NOANSWER"),
    Fate.UNALLOCATED: (1, 404, "NOANSWER"),
    Fate.NOWHERE: (1, 604, "NOANSWER"),
    Fate.GONE: (22, 410, "NOANSWER"),
    Fate.INCOMPLETE: (28, 484, "NOANSWER"),
    Fate.FORBIDDEN: (21, 403, "NOANSWER"),
    Fate.SERVER_ERROR: (38, 500, "NOANSWER"),
    Fate.BAD_GATEWAY: (27, 502, "NOANSWER"),
    Fate.TERMINATED: (127, 487, "NOANSWER"),
    Fate.CONGESTED: (34, 503, "CONGESTION"),
    Fate.REDIRECTED: (23, 302, "CANCEL"),
    Fate.DEAD_TRUNK: (18, 408, "NOANSWER"),
}
"""Q.850 cause, SIP code and DialStatus, as measured over a PJSIP trunk."""

RINGS = (Fate.ANSWERS, Fate.DROPS, Fate.RINGS_OUT, Fate.DECLINES, Fate.ABSENT, Fate.TIMED_OUT)
"""Those of which the phone rings first."""

_NO_CAUSE = 127
"""Q.850: interworking; what Asterisk makes of a SIP answer that has no cause of its own."""


def answer_of(fate: Fate | Says) -> tuple[int, int, str] | None:
    """What is told of a call that the far end does not take; None when it answers."""
    if isinstance(fate, Says):
        known = (each for each in ANSWERS_OF.values() if each[1] == fate.sip)
        return next(known, (_NO_CAUSE, fate.sip, "NOANSWER"))
    return ANSWERS_OF.get(fate)
