"""The office PBX of the rig: a trunk to the carrier, the agents' phones, and the dialer's own configuration."""

from __future__ import annotations

from itertools import islice

from dialer.demo.rig.carrier import ENDPOINT, NARROWBAND, ODD_PHONES, TRANSPORT

WIDEBAND = "wideband"
"""A trunk, and a way to the phones, that offers G.722 before anything else."""

DESK_PHONES = ("8201", "8202")
"""Phones that are where they register from, and can make calls."""

LISTENED_TO = "8203"
"""Another one: a call in which it falls silent is ended."""

PRIVATE = "7000"
"""What a desk phone dials for a private call: it is answered and goes on until the phone hangs up."""

_DESK = """[{name}]
type = endpoint
transport = udp
context = from-phones
disallow = all
allow = alaw,ulaw
aors = {name}
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
{more}[{name}]
type = aor
max_contacts = 1
remove_existing = yes
minimum_expiration = 1
"""


FOLLOWING = "following"
"""A trunk whose redirections the office follows, with a call of its own."""


def phone_numbers(count: int) -> list[str]:
    """8001, 8002, …: the agents' extensions, up to 8399 without those of the odd phones and of desks."""
    every = (str(number) for number in (*range(8001, 8200), *range(8300, 8400)))
    return list(islice((number for number in every if number not in ODD_PHONES), count))


def extensions_conf(dialplan: str) -> str:
    """A dialplan like that of a small office, with the dialer's contexts after it."""
    return f"""[general]
static = yes
writeprotect = yes
; The way out, as `Local/<number>@from-internal/n` takes it.
[from-internal]
exten => _[+*#0-9].,1,Dial(PJSIP/${{EXTEN}}@carrier)
 same => n,Hangup(${{HANGUPCAUSE}})
; A colleague's phone. A call that was transferred to one who does not answer goes back to who transferred it.
exten => _8[013]XX,1,Dial(PJSIP/${{EXTEN}},${{IF($["${{BLINDTRANSFER}}" != ""]?1)}})
 same => n,ExecIf($["${{BLINDTRANSFER}}" != ""]?Dial(${{BLINDTRANSFER:0:10}}))
 same => n,Hangup(${{HANGUPCAUSE}})
[from-phones]
exten => {PRIVATE},1,Answer()
 same => n,Wait(60)

{dialplan}"""


def pjsip_conf(port: int, carrier_port: int, phones: int) -> str:
    """The trunks `carrier` and `wideband` and one endpoint for each phone; but for the desk phones all live on the
    carrier's Asterisk.

    SIP's timers are a fifth of the usual, as suits one machine: an INVITE that nobody answers is given up after 6.4 s
    (RFC 3261, timer B) instead of 32 s.
    """
    system = "[system]\ntype = system\ntimer_t1 = 100\ntimer_b = 6400\n"
    trunks = [("carrier", "nowhere", NARROWBAND), (WIDEBAND, "nowhere", f"g722,{NARROWBAND}")]
    trunks += [(FOLLOWING, "from-internal", NARROWBAND)]
    every = [(name, context, "", codecs) for name, context, codecs in trunks]
    every += [(n, "from-internal", f"{n}@", NARROWBAND) for n in (*phone_numbers(phones), *ODD_PHONES)]
    endpoints = [
        ENDPOINT.format(name=name, context=context, user=user, port=carrier_port, codecs=codecs)
        for name, context, user, codecs in every
    ]
    endpoints += [_DESK.format(name=name, more="") for name in DESK_PHONES]
    endpoints.append(_DESK.format(name=LISTENED_TO, more="rtp_timeout = 2\n"))
    return system + TRANSPORT.format(port=port) + "".join(endpoints)


def cdr_conf() -> str:
    """Plain Master.csv with unique ids, unanswered calls too."""
    return "[general]\nenable = yes\nunanswered = yes\nbatch = no\n[csv]\nusegmtime = yes\nloguniqueid = yes\n"
