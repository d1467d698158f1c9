"""The outside world: a private Asterisk that owns the customers' numbers and the agents' phones.

Its call records are the independent witness of who was called, when and for how long: one row for each INVITE to a
customer's number, however it ended, written at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.rig.numbers import ANSWERS, DEFAULT, ENDINGS, MANNERS, Behaviour, Ending, Manner

CDR_HEADER = "dst,start,answer,end,disposition,duration,billsec,uniqueid"
"""Columns of the carrier's records. Times are epoch seconds UTC with microseconds, `answer` is empty when nobody
answered; duration (from INVITE) and billsec (from answer) are seconds with microseconds."""

OUTAGE = "OUTAGE"
"""Global variable of the carrier's dialplan: the SIP answer that every customer's number gets; empty: its own."""

DEAD_PHONE = "8099"
DECLINING_PHONE = "8098"
FORWARDING_PHONE = "8097"
TRANSFERRING_PHONE = "8096"
TWICE_PHONE = "8095"
RETURNED_PHONE = "8094"
CONSULTING_PHONE = "8093"
COLLEAGUE = "8001"
"""Whom phones forward and transfer to: one that answers and speaks."""
ODD_PHONES = (
    DEAD_PHONE, DECLINING_PHONE, FORWARDING_PHONE, TRANSFERRING_PHONE, TWICE_PHONE, RETURNED_PHONE, CONSULTING_PHONE,
)  # fmt: skip
MOST_PHONES = 299 - len(ODD_PHONES)

NARROWBAND = "alaw,ulaw"
TRANSPORT = "[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{port}\n"
ENDPOINT = """[{name}]
type = endpoint
transport = udp
context = {context}
disallow = all
allow = {codecs}
aors = {name}
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
[{name}]
type = aor
contact = sip:{user}127.0.0.1:{port}
"""
"""One side's view of somebody on the other side."""


@dataclass(frozen=True, slots=True)
class RigSpeed:
    """How long things take in the outside world, in seconds."""

    ring_s: float = 0.3
    """A customer's phone rings before it is answered or declined."""
    talk_s: float = 4.0
    """A customer talks before hanging up."""
    talk_spread_s: float = 0.0
    """Up to this much longer, by the third digit from the end: calls of a rehearsal should not all be alike."""
    ring_limit_s: float = 120.0
    """A call that rings, or stays without an answer, is given up by the carrier itself after this long."""
    patience_s: float = 60.0
    """A customer who leaves it to the agent to hang up does so at last after this long."""
    phone_ring_s: float = 0.2
    """An agent's phone rings before it answers by itself."""
    phone_talk_s: float = 60.0
    """An agent hangs up after so long, if the customer has not."""
    transfer_after_s: float = 0.5
    """How long an agent who transfers talks before."""


def extensions_conf(speed: RigSpeed, office_port: int) -> str:
    """The carrier's dialplan: agents' phones, and the number plan for every other number."""
    behaviours = {call.name: call for ending in (*ENDINGS, DEFAULT) for call in ending.calls}
    numbers = "\n".join(_ending(ending) for ending in ENDINGS)
    manners = "\n".join(_manner(manner, speed) for manner in MANNERS)
    return f"""[general]
static = yes
writeprotect = yes
[trunk]
exten => _[+*#0-9].,1,Set(CDR(dialled)=${{EXTEN}})
 same => n,ExecIf($["${{{OUTAGE}}}" != ""]?PJSIPHangup(${{{OUTAGE}}}))
 same => n,Set(NUMBER=${{EXTEN}})
 same => n,Set(TALK=$[{speed.talk_s} + {speed.talk_spread_s} * 0${{EXTEN:-3:1}} / 10])
 same => n,GotoIf($[${{DIALPLAN_EXISTS(numbers,${{EXTEN:-2}},1)}}]?numbers,${{EXTEN:-2}},1)
 same => n,Goto(behaviour,{ANSWERS.name},1)
{manners}
exten => _8[013]XX,1,Set(CDR_PROP(disable)=1)
 same => n,NoOp(Call-Info: ${{PJSIP_HEADER(read,Call-Info)}} Alert-Info: ${{PJSIP_HEADER(read,Alert-Info)}})
 same => n,NoOp(Answer-Mode: ${{PJSIP_HEADER(read,Answer-Mode)}} Caller: ${{CALLERID(num)}})
 same => n,Ringing()
 same => n,Wait({speed.phone_ring_s})
 same => n,Answer()
 same => n,Set(TIMEOUT(absolute)={speed.phone_talk_s})
 same => n(speak),Playback(demo-congrats)
 same => n,Goto(speak)
exten => {DEAD_PHONE},1,Set(CDR_PROP(disable)=1)
 same => n,Ringing()
 same => n,Wait(3600)
exten => {DECLINING_PHONE},1,Set(CDR_PROP(disable)=1)
 same => n,PJSIPHangup(486)
{_odd_phones(speed, f"127.0.0.1:{office_port}")}
[numbers]
{numbers}
[behaviour]
exten => talk,1,Playback(demo-instruct)
 same => n,Goto(1)
""" + "\n".join(_behaviour(each, speed) for each in behaviours.values())


def _odd_phones(speed: RigSpeed, office: str) -> str:
    """Phones that send callers elsewhere: by 302, by a blind transfer, or by one after a consultation.

    They do so only when the dialer calls (which asks them to answer by themselves); to everybody else they speak.
    """

    def transfers(phone: str, to: str, condition: str) -> str:
        return f"""exten => {phone},1,Set(CDR_PROP(disable)=1)
 same => n,Answer()
 same => n,GotoIf($[{condition}]?speak,1)
 same => n,Wait({speed.transfer_after_s})
 same => n,Transfer(PJSIP/sip:{to}@{office})
 same => n,Wait({speed.phone_talk_s})"""

    again = '"${PJSIP_HEADER(read,Call-Info)}" = ""'
    return f"""exten => {FORWARDING_PHONE},1,Set(CDR_PROP(disable)=1)
 same => n,Transfer(PJSIP/sip:{COLLEAGUE}@{office})
{transfers(TRANSFERRING_PHONE, COLLEAGUE, "0")}
{transfers(TWICE_PHONE, TRANSFERRING_PHONE, "0")}
{transfers(RETURNED_PHONE, DEAD_PHONE, again)}
exten => {CONSULTING_PHONE},1,Set(CDR_PROP(disable)=1)
 same => n,Answer()
 same => n,Set(GLOBAL(CONSULTATION)=)
 same => n,Originate(PJSIP/{COLLEAGUE}@office,exten,consultation,s,1,5,ac({CONSULTING_PHONE}))
 same => n,Wait({speed.transfer_after_s})
 same => n,Transfer(PJSIP/sip:{COLLEAGUE}@{office}?Replaces=${{CONSULTATION}}%3Bfrom-tag%3D${{CONSULTING}})
 same => n,Wait({speed.phone_talk_s})
exten => speak,1,Set(TIMEOUT(absolute)={speed.phone_talk_s})
 same => n(speak),Playback(demo-congrats)
 same => n,Goto(speak)
[consultation]
exten => s,1,Set(GLOBAL(CONSULTING)=${{CHANNEL(pjsip,local_tag)}})
 same => n,Set(GLOBAL(CONSULTATION)=${{CHANNEL(pjsip,call-id)}}%3Bto-tag%3D${{CHANNEL(pjsip,remote_tag)}})
 same => n,Wait({speed.phone_talk_s})"""


def pjsip_conf(port: int, office_port: int) -> str:
    """Everything from the office comes in by one trunk; its address is all the identification."""
    endpoint = ENDPOINT.format(name="office", context="trunk", user="", port=office_port, codecs=f"{NARROWBAND},g722")
    return TRANSPORT.format(port=port) + endpoint + "[office]\ntype = identify\nendpoint = office\nmatch = 127.0.0.1\n"


def cdr_files() -> dict[str, str]:
    """cdr.conf and the mapping of cdr_custom: unanswered calls too, nothing held back for a batch."""
    quoted = "${{CSV_QUOTE(${{CDR({0})}})}}".format
    answer = "${IF($[${CDR(answer,u)} > 0]?${CDR(answer,u)})}"
    fields = [quoted("dialled"), "${CDR(start,u)}", answer, "${CDR(end,u)}", quoted("disposition")]
    fields += ["${CDR(duration,f)}", "${CDR(billsec,f)}", quoted("uniqueid")]
    return {
        "cdr.conf": "[general]\nenable = yes\nunanswered = yes\ncongestion = yes\nbatch = no\n",
        "cdr_custom.conf": f"[mappings]\ncarrier.csv => {','.join(fields)}\n",
    }


def begin_records(folder: Path) -> Path:
    """The carrier's record file in the folder of its Asterisk, begun with the header row if it is not there yet."""
    path = folder / "log/cdr-custom/carrier.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(CDR_HEADER + "\n", encoding="utf-8")
    return path


def _ending(ending: Ending) -> str:
    if len(ending.calls) == 1:
        return f"exten => {ending.digits},1,Goto(behaviour,{ending.calls[0].name},1)"
    lines = [
        f"exten => {ending.digits},1,Set(CALL=$[0${{DB(calls/${{NUMBER}})}} + 1])",
        " same => n,Set(DB(calls/${NUMBER})=${CALL})",
    ]
    lines += [
        f" same => n,GotoIf($[${{CALL}} = {number}]?behaviour,{call.name},1)"
        for number, call in enumerate(ending.calls[:-1], start=1)
    ]
    return "\n".join([*lines, f" same => n,Goto(behaviour,{ending.calls[-1].name},1)"])


def _manner(manner: Manner, speed: RigSpeed) -> str:
    values = {"ring": str(speed.ring_s), "answer": "${EXTEN:2:3}", "number": "${EXTEN:5}"}
    steps = [re.sub(r"{(\w+)}", lambda found: values.get(found[1], found[0]), step) for step in manner.steps]
    first = f"exten => _#{manner.digit}XXX.,1,Set(CDR(dialled)=${{EXTEN:5}})"
    return "\n".join([first, *(f" same => n,{step}" for step in steps)])


def _behaviour(behaviour: Behaviour, speed: RigSpeed) -> str:
    seconds = {"ring": speed.ring_s, "talk": "${TALK}", "patience": speed.patience_s, "limit": speed.ring_limit_s}
    steps = [step.format(**seconds) for step in behaviour.steps]
    first, *rest = steps
    return "\n".join([f"exten => {behaviour.name},1,{first}", *(f" same => n,{step}" for step in rest)])
