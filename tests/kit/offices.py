"""Offices as other hands set them up: the ways out and in of a FreePBX, of an Issabel, and of some that went wrong.

The dialplan is our own and has the same effects as what their generators write; all of it stands on the rig's one
office, behind the same carrier, each in contexts of its own.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    """One way to have set up a PBX.

    ``template`` is the trunk's, in the settings; ``tech_cause`` whether Asterisk tells the SIP answer of a leg in its
    Hangup event, which it does from 20.17 and 22.7 on, and never with chan_sip.
    """

    name: str
    template: str
    tech_cause: bool = True


PLAIN = Office("plain", "PJSIP/{number}@carrier")
ROUTED = Office("routed", "Local/{number}@from-internal/n")
OLD = Office("old", "Local/{number}@from-internal/n", tech_cause=False)
FREEPBX = Office("freepbx", "Local/{number}@freepbx-routes/n")
ISSABEL = Office("issabel", "Local/{number}@issabel-routes/n", tech_cause=False)

CHAINED = Office("chained", "Local/{number}@freepbx-chained/n")
"""The route is a context of somebody's own, which hands on to FreePBX's routes through a second Local channel."""

OFFICES = (PLAIN, ROUTED, OLD, FREEPBX, ISSABEL, CHAINED)
ANSWERING = "Local/{number}@freepbx-answering/n"
"""Without the module outroutemsg every failure is told by a bare Playback, which answers."""
CHAINED_ANSWERING = "Local/{number}@freepbx-chained-answering/n"
"""The same, where the route at the end of the chain answers by itself."""
PIN = "Local/{number}@freepbx-pin/n"
"""Asks for a PIN before it dials: it answers, and nobody was called."""
EMERGENCY = "Local/{number}@freepbx-emergency/n"
"""A dead trunk, then an announcement that answers."""
DEAD = "Local/{number}@freepbx-dead/n"
"""A trunk that answers no SIP; then the route plays something, and says congestion."""
TWO_TRUNKS = "Local/{number}@freepbx-two-trunks/n"
"""Tries a second trunk whatever the first one said but busy."""
CATCH_ALL = "Local/{number}@freepbx-no-route/n"
"""No route fits; a context that takes every number plays an announcement."""

WAYS = (*OFFICES, Office("pin", PIN))
"""Those over which a whole service works in a test; the rig knows their templates by name."""

WITH_VOICEMAIL = "Local/{extension}@freepbx-internal/n"
"""An agent's extension as a colleague dials it: after a second the voicemail takes the call."""
SKIP_VOICEMAIL = "Local/{extension}@freepbx-skipvm/n"


@contextmanager
def silence() -> Iterator[int]:
    """A UDP port of 127.0.0.1 at which somebody listens and never answers: a dead trunk."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield deaf.getsockname()[1]


def dialplan(dead_port: int) -> str:
    """All their contexts, for the office of the rig; ``dead_port`` is that of a dead trunk."""
    return _DIALPLAN.replace("<dead>", f"PJSIP/carrier/sip:${{EXTEN}}@127.0.0.1:{dead_port}")


_DIALPLAN = """
; A port of this machine: whoever listens there (tests/kit/sip).
[party]
exten => _X.,1,Dial(PJSIP/carrier/sip:party@127.0.0.1:${EXTEN})
 same => n,Hangup(${HANGUPCAUSE})

[freepbx-routes]
exten => _[*#0-9].,1,Dial(PJSIP/${EXTEN}@carrier,300)
 same => n,Goto(freepbx-failed,s,1)

; What came of the last trunk, told to whoever dialled: never an answer.
[freepbx-failed]
exten => s,1,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)
 same => n,GotoIf($[${HANGUPCAUSE} = 1 | ${HANGUPCAUSE} = 22 | ${HANGUPCAUSE} = 28]?unallocated)
 same => n,Progress()
 same => n,Wait(0.2)
 same => n,Congestion(20)
 same => n(unallocated),Progress()
 same => n,Wait(0.2)
 same => n(busy),Busy(20)

[issabel-routes]
exten => _[*#0-9].,1,Dial(PJSIP/${EXTEN}@carrier,300)
 same => n,GotoIf($[${HANGUPCAUSE} = 1 | ${HANGUPCAUSE} = 28]?unallocated)
 same => n,Goto(freepbx-failed,s,1)
 same => n(unallocated),Answer()
 same => n,Wait(2)
 same => n,Congestion(20)

[freepbx-answering]
exten => _[*#0-9].,1,Dial(PJSIP/${EXTEN}@carrier,300)
 same => n,Answer()
 same => n,Wait(2)
 same => n,Congestion(20)

[freepbx-chained]
exten => _[*#0-9].,1,Progress()
 same => n,Dial(Local/${EXTEN}@freepbx-routes/n,300)
 same => n,Goto(freepbx-failed,s,1)

[freepbx-chained-answering]
exten => _[*#0-9].,1,Dial(Local/${EXTEN}@freepbx-answering/n,300)
 same => n,Goto(freepbx-failed,s,1)

; Nobody types the PIN.
[freepbx-pin]
exten => _[*#0-9].,1,Answer()
 same => n,Wait(2)
 same => n,GotoIf($["${PIN}" = ""]?end)
 same => n,Dial(PJSIP/${EXTEN}@carrier,300)
 same => n(end),Hangup()

[freepbx-emergency]
exten => _[*#0-9].,1,Dial(<dead>,300)
 same => n,Answer()
 same => n,Wait(2)
 same => n,Congestion(20)

[freepbx-dead]
exten => _[*#0-9].,1,Dial(<dead>,300)
 same => n,Progress()
 same => n,Wait(0.2)
 same => n,Congestion(20)

[freepbx-two-trunks]
exten => _[*#0-9].,1,Dial(PJSIP/${EXTEN}@carrier,300)
 same => n,GotoIf($["${DIALSTATUS}" = "BUSY"]?freepbx-failed,s,1)
 same => n,Dial(PJSIP/${EXTEN}@carrier,300)
 same => n,Goto(freepbx-failed,s,1)

[freepbx-no-route]
exten => _X.,1,Progress()
 same => n,Wait(0.5)
 same => n,Congestion(20)

[freepbx-internal]
exten => _80XX,1,Dial(PJSIP/${EXTEN},1)
 same => n,Answer()
 same => n,Wait(20)
 same => n,Hangup()

[freepbx-skipvm]
exten => _80XX,1,Dial(PJSIP/${EXTEN})
 same => n,Hangup()
"""
