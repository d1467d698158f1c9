"""Message streams as the real PBX sent them for whole calls (Asterisk 22.10.1, filtered as pbxconfig asks)."""

from __future__ import annotations

from tests.ami.server import ATTEMPT, T0, Headers

A = ATTEMPT
LEG = "office-1795294363.12"
AGENT = "office-1795294363.15"


def event(name: str, after: float = 0.0, **headers: str) -> Headers:
    return {"Event": name, "Privilege": "call,all", "Timestamp": f"{T0 + after:.6f}", **headers}


def user(name: str, after: float = 0.0, uid: str = A, **headers: str) -> Headers:
    return event("UserEvent", after, Uniqueid=uid, Linkedid=A, UserEvent=name, Attempt=A, **headers)


def response(reason: int, after: float = 0.0) -> Headers:
    result = "Success" if reason == 4 else "Failure"
    return event("OriginateResponse", after, ActionID=A, Response=result, Reason=str(reason), Uniqueid=A)


def hangup(cause: int, tech: str = "", after: float = 5.0, uid: str = A, channel: str = "PJSIP/trunk-1") -> Headers:
    return event("Hangup", after, Channel=channel, Uniqueid=uid, Linkedid=A, Cause=str(cause), TechCause=tech)


def picked_up(after: float, leg: str = AGENT, channel: str = "PJSIP/8001-1", by: str = A) -> Headers:
    """A phone of the office answers ``by``, which dialled it."""
    return event(
        "DialEnd", after, Uniqueid=by, Linkedid=A, DestUniqueid=leg, DestLinkedid=A, DestChannel=channel,
        DialStatus="ANSWER",
    )  # fmt: skip


def blind_transfer(after: float, to: str, leg: str = AGENT, result: str = "Success") -> Headers:
    return event(
        "BlindTransfer", after, Result=result, TransfererUniqueid=leg, TransfererLinkedid=A, TransfereeUniqueid=A,
        TransfereeLinkedid=A, Context="from-internal", Extension=to,
    )  # fmt: skip


RINGING = event("DialState", 1, DestUniqueid=A, DestLinkedid=A, DialStatus="RINGING")
ANSWERED = event("DialEnd", 2, DestUniqueid=A, DialStatus="ANSWER")

CONNECTED_CALL = (
    RINGING,
    ANSWERED,
    response(4, 2),
    user("DialerAnswered", 2.1),
    event("DialState", 2.2, Uniqueid=A, Linkedid=A, DestUniqueid=AGENT, DialStatus="RINGING"),
    user("DialerConnected", 3, uid=AGENT),
    picked_up(3),
    hangup(16, after=200, uid=AGENT, channel="PJSIP/8001-1"),
    user("DialerEnded", 200, Cause="16", State="Up", Tech="SIP 200 OK", Agent="ANSWER", HangupBy="customer"),
    hangup(16, "200", after=200),
)

BUSY_CALL = (
    RINGING,
    event("DialEnd", 2, DestUniqueid=A, DialStatus="BUSY"),
    user("DialerEnded", 2, Cause="17", State="Ringing", Tech="SIP 486 Busy Here"),
    hangup(17, "486", after=2),
    response(0, 2),
)

TIMED_OUT_CALL = (
    RINGING,
    user("DialerEnded", 30, Cause="19", State="Ringing", Tech="SIP 180 Ringing"),
    response(3, 30),
    hangup(19, "480", after=30),
)

COLLEAGUE = "office-1795294363.19"
BLINDLY_TRANSFERRED = (
    *CONNECTED_CALL[:7],
    blind_transfer(60, "8002"),
    hangup(16, after=60, uid=AGENT, channel="PJSIP/8001-1"),
    event("DialState", 60.1, Uniqueid=A, Linkedid=A, DestUniqueid=COLLEAGUE, DialStatus="RINGING"),
    picked_up(61, COLLEAGUE, "PJSIP/8002-2"),
)
AFTER_A_CONSULTATION = (
    *CONNECTED_CALL[:7],
    event(
        "AttendedTransfer", 60, Result="Success", OrigTransfererUniqueid=AGENT, OrigTransfererLinkedid=A,
        SecondTransfererUniqueid="office-1795294363.17", SecondTransfererExten="8002", TransfereeUniqueid=A,
    ),
    hangup(16, after=60, uid=AGENT, channel="PJSIP/8001-1"),
)  # fmt: skip

LOCAL_REJECTED_CALL = (
    event("DialState", 1, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=LEG, DialStatus="PROCEEDING"),
    event("DialEnd", 2, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=LEG, DialStatus="CHANUNAVAIL"),
    user("DialerEnded", 2, Cause="21", State="Down", Tech=""),
    response(0, 2),
    hangup(21, after=2, channel="Local/139@from-internal-1;1"),
    hangup(21, "403", after=2, uid=LEG),
    hangup(21, after=2, uid=f"{A};2", channel="Local/139@from-internal-1;2"),
)

LOCAL_INTERCEPTED_CALL = (
    event("DialState", 1, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=LEG, DialStatus="RINGING"),
    event("DialEnd", 2, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=LEG, DialStatus="NOANSWER"),
    hangup(1, "404", after=2, uid=LEG),
    event("DialEnd", 2, DestUniqueid=A, DestChannel="Local/139@routes-1;1", DialStatus="ANSWER"),
    {**response(4, 2), "Channel": "Local/139@routes-1;1"},
    user("DialerIntercepted", 2),
    user("DialerEnded", 2, Cause="16", State="Up", Tech="SIP 404 Not Found"),
    hangup(16, after=2, channel="Local/139@routes-1;1"),
)
