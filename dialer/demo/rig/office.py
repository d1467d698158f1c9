"""The office PBX of the rig: a trunk to the carrier, the agents' phones, and the dialer's own configuration."""

from __future__ import annotations

from dialer.demo.rig.carrier import DEAD_PHONE, DECLINING_PHONE

_ENDPOINT = """[{name}]
type = endpoint
transport = udp
context = nowhere
disallow = all
allow = alaw,ulaw
aors = {name}
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
[{name}]
type = aor
contact = sip:{user}127.0.0.1:{port}
"""


def phone_numbers(count: int) -> list[str]:
    """8001, 8002, …: the agents' extensions."""
    return [str(8000 + number) for number in range(1, count + 1)]


def extensions_conf(dialplan: str) -> str:
    """A dialplan like that of a small office, with the dialer's contexts after it."""
    return f"""[general]
static = yes
writeprotect = yes
; The way out, as `Local/<number>@from-internal/n` takes it.
[from-internal]
exten => _[+*#0-9].,1,Dial(PJSIP/${{EXTEN}}@carrier)
 same => n,Hangup(${{HANGUPCAUSE}})
exten => _80XX,1,Dial(PJSIP/${{EXTEN}})
 same => n,Hangup(${{HANGUPCAUSE}})

{dialplan}"""


def pjsip_conf(port: int, carrier_port: int, phones: int) -> str:
    """The trunk `carrier` and one endpoint for each phone; all of them live on the carrier's Asterisk.

    SIP's timers are a fifth of the usual, as suits one machine: an INVITE that nobody answers is given up after 6.4 s
    (RFC 3261, timer B) instead of 32 s.
    """
    system = "[system]\ntype = system\ntimer_t1 = 100\ntimer_b = 6400\n"
    transport = f"[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{port}\n"
    trunk = _ENDPOINT.format(name="carrier", user="", port=carrier_port)
    numbers = [*phone_numbers(phones), DECLINING_PHONE, DEAD_PHONE]
    return (
        system + transport + trunk + "".join(_ENDPOINT.format(name=n, user=f"{n}@", port=carrier_port) for n in numbers)
    )


def cdr_conf() -> str:
    """Plain Master.csv with unique ids, unanswered calls too."""
    return "[general]\nenable = yes\nunanswered = yes\nbatch = no\n[csv]\nusegmtime = yes\nloguniqueid = yes\n"
