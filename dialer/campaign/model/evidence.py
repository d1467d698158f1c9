"""How an attempt can end, and what is known of one: the evidence from which its disposition is derived."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """How an attempt ended, in the field's words."""

    CONNECTED = "connected"  # the customer talked with an agent
    ABANDONED = "abandoned"  # the customer answered and no agent came on the line
    NO_ANSWER = "no_answer"  # rang out
    BUSY = "busy"
    DECLINED = "declined"  # the customer pressed the red key
    UNREACHABLE = "unreachable"  # switched off, out of coverage, line out of order
    INVALID_NUMBER = "invalid_number"  # does not exist, changed, incomplete
    CONGESTION = "congestion"  # trunk or carrier had no way through
    OUR_FAULT = "our_fault"  # trunk unknown, refused, barred, unanswered by the carrier
    CANCELLED = "cancelled"  # we hung up before an answer, for a reason of our own
    UNKNOWN = "unknown"  # nobody can say


class Side(StrEnum):
    """Who can end a call."""

    CUSTOMER = "customer"
    AGENT = "agent"
    PBX = "pbx"  # we, somebody who asked us to, or the PBX


NO_COMMON_CODEC = 58
"""Q.850: what Asterisk makes of a phone's 488 or 606, which speaks none of the codecs that it was offered."""
FAILED, OUR_TIMEOUT, ANSWERED, BUSY, CONGESTION = 0, 3, 4, 5, 8
"""OriginateResponse's Reason; 3 is that our own Timeout ended the call."""


@dataclass(slots=True)
class Evidence:
    """What is known of one attempt, gathered from the PBX's events.

    ``cause`` is the Q.850 cause of the customer's channel, ``sip`` the last SIP code on the trunk
    leg, ``dial_status`` Asterisk's DialStatus, ``reason`` the Reason of OriginateResponse (3 is our
    own timeout), ``ringing`` and ``progress`` whether the far end rang or sent early media.
    """

    cause: int | None = None
    sip: int | None = None
    dial_status: str = ""
    reason: int | None = None
    ringing: bool = False
    progress: bool = False
    answered: bool = False
    connected: bool = False
    intercepted: bool = False  # the office's own route answered, not who was called
    agent_rang: bool = False  # an agent's phone was dialled
    agent_missed: bool = False  # the agent's phone did not pick up
    phone_incompatible: bool = False  # for it speaks none of the codecs that we offer
    refused: bool = False  # the PBX refused the Originate, or could make no channel of it, or it never left
    cancelled: bool = False  # we asked for the hang-up before an answer
    hung_up: bool = False
    hung_up_here: bool = False  # somebody asked us to end it after the answer
    stopped: bool = False  # the PBX ended it before an answer: a hang-up that was asked for there, or it stopped
    responded: bool = False
    overslept: bool = False  # a timeout was told much too late, or missed: PBX or link stood still
    unobserved: bool = False  # the link was down, or the dialer was, while it lasted
    rings_reported: bool = True  # False for analogue trunks, which never report ringing

    @property
    def got_through(self) -> bool:
        """Whether somebody's line was reached: it rang, or was answered."""
        return self.ringing or self.answered

    @property
    def given_up_unheard(self) -> bool:
        """Whether we ended the call before the far end had reacted in any way, not even with a 100 Trying.

        Asterisk then reports 480, or nothing at all when we hung up.
        """
        ours = self.reason == OUR_TIMEOUT or self.cancelled
        heard = self.got_through or self.progress or not self.rings_reported
        return ours and not self.refused and not heard and self.sip in (None, 480)

    @property
    def complete(self) -> bool:
        """Whether nothing more of the call's end will come.

        The order of OriginateResponse, DialEnd and Hangup changes from call to call: a call that was not answered is
        over when both the response and the hang-up have been seen.
        """
        return self.refused or (self.hung_up and (self.answered or self.responded))

    @property
    def settling(self) -> bool:
        """Whether one of the two events of the end is still missing."""
        return not self.complete and (self.hung_up or (self.responded and not self.answered))
