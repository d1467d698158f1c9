"""What an administrator puts on the PBX for the dialer: dialplan, AMI user, and the names that both sides agree on.

Pure text generators; `dialer asterisk-config` prints what they return, and the rehearsal rig runs on the same text.
Every construct here was measured on Asterisk 22 and is pinned by tests/rig.

Contract between dialplan and dialer
    The dialer originates each call with a ChannelId of its own, which becomes the channel's UNIQUEID: the attempt id.
    On answer the call enters `<prefix>-connect`,s,1. Channel variables that Originate may set:

    DIALER_AGENT          dial string of the agent's phone, e.g. PJSIP/8001
    DIALER_AGENT_TIMEOUT  seconds that it may ring (default: what `dialplan()` was given)
    DIALER_CUSTOMER       number to show on the agent's phone (default: the call's caller id)
    DIALER_SHOP           name to show with it

    `handler_variable()` must be among the Originate's variables, exactly once. It makes `<prefix>-ended` run whenever
    the call ends, answered or not. That writes the journal.

Journal
    One entry per attempt in the PBX's own database, family `<prefix>`, key = attempt id: `key=value` joined by `|`:

    answered=|connected=|leg=|end=|cause=|state=|agent=|by=|tech=

    Times are ISO 8601 in UTC with milliseconds, on the PBX's clock; keys without a value are empty. (Epoch seconds, as
    `STRFTIME(,UTC,%s)` was once taken to give, are turned back with the zone of the PBX's machine.) An entry begins as
    `answered=…` when the customer answers, gains `connected=…` with the agent, and is complete once it has `end=`.
    leg: UNIQUEID of the agent's phone's channel while the call lasts; empty when its dial string is a Local channel.
    cause: Q.850 cause as in the Hangup event. state: Down, Ringing or Up (how far the customer's line came).
    agent: DIALSTATUS of the agent's leg. by: `customer`, `agent` or `pbx`, where the PBX knows who hung up first.
    tech: last SIP status line, e.g. `SIP 486 Busy Here`; through a Local channel that of the leg behind it, empty when
    that was gone already or nobody answered the INVITE. An entry with state=Up and without `answered` is of a call that
    the office's own route answered.
    Read it with DBGet or DBGetTree; clear an entry with Setvar `DB_DELETE(<prefix>/<id>)`: DBDel asks for more rights.
    Asterisk writes its database about once a second, so kill -9 of Asterisk can lose the last second.

Test calls
    A phone that an administrator tests enters `<prefix>-test`,s,1 when it is picked up: tones, then the end. There is
    no recording, no journal and no hangup handler; its channel id is `test-` and twelve hexadecimal digits.

UserEvents
    DialerAnswered, DialerIntercepted, DialerConnected, DialerAgentMissed (DialStatus, Cause), DialerEnded (Cause,
    State, Agent, HangupBy, Answered, Connected, Tech), DialerTested; each has `Attempt: <the call's id>`.
"""

from __future__ import annotations

import re

from dialer.errors import BadInput

EVENTS: tuple[str, ...] = (
    "OriginateResponse", "DialState", "DialEnd", "BlindTransfer", "AttendedTransfer", "SoftHangupRequest", "Hangup",
    "FullyBooted", "Shutdown",
)  # fmt: skip
"""Events that the AMI user gets, besides some of the next."""

FILTERS = {
    "UserEvent": ("eventfilter(action(include),name(UserEvent),header(UserEvent),method(starts_with))", "Dialer"),
    "DeviceStateChange": (
        "eventfilter(action(include),name(DeviceStateChange),header(Device),method(regex))",
        "^(PJSIP|SIP|IAX2|SCCP|DAHDI|Custom:DND)",
    ),
}
"""Name and value of the lines for events of which only some are wanted: the dialplan's own, and those of phones."""

NARROWBAND = "alaw,ulaw"
"""What both sides of a call may speak: every phone and every carrier has one of the two."""

READ_RIGHTS = ("call", "user", "system")
WRITE_RIGHTS = ("originate", "call", "reporting")

_PREFIX = re.compile(r"[a-z][a-z0-9]{0,30}")
_FOLDER = re.compile(r"/[A-Za-z0-9._/+-]+")
_SOUND = re.compile(r"[A-Za-z0-9._/&+-]+")
_WORD = re.compile(r"[A-Za-z0-9._+-]+")
_SECRET = re.compile(r"[!#-:<-~]{8,}")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]+(?:/[0-9.]+)?")


AUTO_ANSWER = (
    ("Call-Info", "<sip:dialer>;answer-after=0"),
    ("Alert-Info", "<http://dialer>;info=alert-autoanswer;delay=0"),
    ("Answer-Mode", "Auto"),
)
"""The headers by which common phones answer by themselves, a customer's call and a test call alike."""


def handler_variable(prefix: str = "dialer") -> str:
    """The Originate variable that pushes the hangup handler; the quotes keep AMI from splitting it at the commas."""
    return f'CHANNEL(hangup_handler_push)="{_checked(_PREFIX, prefix, "prefix")}-ended,s,1"'


def narrowband(channel: str) -> tuple[tuple[str, str], ...]:
    """Headers of an Originate that keep the customer's leg at 8,000 samples a second, which the recording needs.

    PJSIP is told what to offer (the quotes as above), for other technologies the function would be an error. The half
    of a Local channel that is recorded gets a codec that the trunk has too: as signed linear (its default) it would
    drop every packet of a sender that begins anew with lower sequence numbers (measured on Asterisk 22).
    """
    if channel.startswith("PJSIP/"):
        return (("Variable", f'PJSIP_MEDIA_OFFER(audio)="!all,{NARROWBAND}"'),)
    return (("Codecs", NARROWBAND),) if channel.startswith("Local/") else ()


def unfollowed_context(context: str) -> str:
    """Where Asterisk looks for the number that a carrier or a phone redirects (302) our call in ``context`` to.

    There is no such context. In the endpoint's own, the default, the number may be found: Asterisk then calls it by
    itself, under an id that is not ours, and our call is over (measured with redirect_method = user).
    """
    return f"{context}-redirected"


def connect_context(prefix: str = "dialer") -> str:
    """The context that an answered call enters, at extension s, priority 1."""
    return f"{_checked(_PREFIX, prefix, 'prefix')}-connect"


def tones_context(prefix: str = "dialer") -> str:
    """The context that a phone enters which picked up a test call, at extension s, priority 1."""
    return f"{_checked(_PREFIX, prefix, 'prefix')}-test"


def dialplan(
    spool: str,
    done: str,
    agent_timeout_s: int,
    announcement: str,
    prefix: str = "dialer",
    *,
    longest_s: int = 43_200,
) -> str:
    """The dialer's contexts, for extensions.conf (plain Asterisk) or extensions_custom.conf (FreePBX, Issabel).

    `spool` and `done` are absolute folders on one file system, writable for Asterisk: recordings grow in the first and
    are moved into the second when complete. `announcement` is a sound that Playback knows (without its extension;
    several joined by `&`), heard by a customer whose agent did not pick up. The PBX itself ends a call `longest_s`
    after the answer, whoever is in it by then. Raises BadInput for a value that cannot stand in a dialplan.
    """
    if agent_timeout_s < 1:
        raise BadInput(f"The agent's phone must ring for at least one second, not {agent_timeout_s}.")
    if longest_s < 1:
        raise BadInput(f"A call must last for at least one second, not {longest_s}.")
    values = {
        "spool": _checked(_FOLDER, spool.rstrip("/"), "recordings folder"),
        "done": _checked(_FOLDER, done.rstrip("/"), "folder of finished recordings"),
        "timeout": str(agent_timeout_s),
        "longest": str(longest_s),
        "announcement": _checked(_SOUND, announcement, "announcement"),
        "prefix": _checked(_PREFIX, prefix, "prefix"),
        "answer": "\n".join(
            f" same => n,Set(PJSIP_HEADER(add,{name})={value})".replace(";", r"\;") for name, value in AUTO_ANSWER
        ),
        "entry": "|".join(f"{key}={value}" for key, value in _ENTRY),
        "narrowband": NARROWBAND,
        "other": '${IF($["${CHANNEL(hangupsource)}" = ""]?pbx:agent)}',
        "told": ",".join(f"{key}: {value}" for key, value in _TOLD),
    }
    return re.sub(r"<(\w+)>", lambda found: values[found[1]], _DIALPLAN)


def manager_user(name: str, secret: str, permit: str) -> str:
    """The AMI user for manager.conf (plain) or manager_custom.conf (FreePBX, Issabel), with the least rights that do.

    `permit` is where the dialer connects from, as address or address/mask. Raises BadInput.
    """
    _checked(_WORD, name, "AMI user name")
    if not _SECRET.fullmatch(secret):
        raise BadInput("The AMI secret needs at least 8 printable characters, without spaces, quotes and semicolons.")
    _checked(_ADDRESS, permit, "permitted address")
    lines = [*((f"eventfilter(action(include),name({event}))", "") for event in EVENTS), *FILTERS.values()]
    filters = "\n".join(f"{line} = {value}".rstrip() for line, value in lines)
    return _MANAGER_USER.format(
        name=name,
        secret=secret,
        permit=permit,
        read=",".join(READ_RIGHTS),
        write=",".join(WRITE_RIGHTS),
        filters=filters,
    )


def manager_general(port: int = 5038, *, freepbx: bool = False) -> str:
    """Lines for the [general] section of manager.conf: AMI itself, and events that carry the PBX's own time.

    FreePBX and Issabel turn AMI on themselves; what they lack is added to that section from manager_custom.conf.
    """
    return _MANAGER_GENERAL_ADDED if freepbx else _MANAGER_GENERAL.format(port=port)


def _checked(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value):
        raise BadInput(
            f"The {what} {value!r} cannot stand in an Asterisk configuration: it must match {pattern.pattern}"
        )
    return value


_ENTRY = (
    ("answered", "${DIALER_ANSWERED}"),
    ("connected", "${DIALER_CONNECTED}"),
    ("end", "${STRFTIME(,UTC,%FT%T.%3qZ)}"),
    ("cause", "${HANGUPCAUSE}"),
    ("state", "${CHANNEL(state)}"),
    ("agent", "${DIALSTATUS}"),
    ("by", "${DIALER_HANGUP_BY}"),
    ("tech", "${DIALER_TECH}"),
)
"""The journal's entry of a call that has ended. Each step of a dialplan is work for the PBX: these are one step."""

_TOLD = (
    ("Cause", "${HANGUPCAUSE}"),
    ("State", "${CHANNEL(state)}"),
    ("Agent", "${DIALSTATUS}"),
    ("Answered", "${DIALER_ANSWERED}"),
    ("Connected", "${DIALER_CONNECTED}"),
    ("HangupBy", "${DIALER_HANGUP_BY}"),
    ("Tech", "${DIALER_TECH}"),
)
"""The same in the event DialerEnded, whose own time is that of the end."""

_DIALPLAN = r"""; The dialer's part of the dialplan. It touches nothing else: no call reaches these contexts
; unless the dialer originated it. Load it with `dialplan reload`. To take it away, delete these contexts and reload.

; A customer has answered. Record, ring the agent's phone, let them talk.
[<prefix>-connect]
exten => s,1,GotoIf($["${CHANNEL(channeltype)}" != "Local"]?answered)
 same => n,Gosub(<prefix>-somebody,s,1)
 same => n,GotoIf(${GOSUB_RETVAL}?answered)
 same => n,UserEvent(DialerIntercepted,Attempt: ${UNIQUEID})
 same => n,Hangup()
; A call that nobody hangs up, on a phone off its hook, is ended here. This stays with the customer when transferred.
 same => n(answered),Set(TIMEOUT(absolute)=<longest>)
 same => n,Set(DIALER_ANSWERED=${STRFTIME(,UTC,%FT%T.%3qZ)})
 same => n,Set(DB(<prefix>/${UNIQUEID})=answered=${DIALER_ANSWERED})
 same => n,UserEvent(DialerAnswered,Attempt: ${UNIQUEID})
; One file per call, named after the attempt: 16-bit 8 kHz, customer on the left, agent on the right. It grows in the
; first folder and is moved into the second when complete. Both must be writable for Asterisk.
 same => n,Set(DIALER_FILE=${FILTER(A-Za-z0-9.\-,${UNIQUEID})}.raw)
 same => n,MixMonitor(<spool>/${DIALER_FILE},D,mv -f <spool>/${DIALER_FILE} <done>/${DIALER_FILE})
; The agent's phone shows who the customer is.
 same => n,GotoIf($["${DIALER_CUSTOMER}" = ""]?ring)
 same => n,Set(CALLERID(num)=${DIALER_CUSTOMER})
 same => n,Set(CALLERID(name)=${DIALER_SHOP})
 same => n,Set(CALLERID(pres)=allowed)
 same => n(ring),Set(DIALER_RING=${IF($["${DIALER_AGENT_TIMEOUT}" = ""]?<timeout>:${DIALER_AGENT_TIMEOUT})})
 same => n,Set(DIALER_OPTIONS=gib(<prefix>-agent^s^1)U(<prefix>-connected^${UNIQUEID}^${DIALER_ANSWERED}))
 same => n,GotoIf($["${DIALER_AGENT}" = ""]?missed)
 same => n,Dial(${DIALER_AGENT},${DIALER_RING},${DIALER_OPTIONS})
; Something answered that is no phone, and was not let in.
 same => n,ExecIf($["${DIALSTATUS}${DIALER_CONNECTED}" = "ANSWER"]?Set(DIALSTATUS=NOANSWER))
 same => n,GotoIf($["${DIALSTATUS}" != "ANSWER"]?missed)
 same => n,Set(DIALER_HANGUP_BY=agent)
 same => n,Hangup()
; The agent did not pick up, or the phone is not there: the customer hears why nobody speaks.
 same => n(missed),UserEvent(DialerAgentMissed,Attempt: ${UNIQUEID},DialStatus: ${DIALSTATUS},Cause: ${HANGUPCAUSE})
 same => n,Playback(<announcement>)
 same => n,Set(DIALER_HANGUP_BY=pbx)
 same => n,Hangup()

; Whether a phone answered this Local channel: returns 1, or 0 for the office's own route (an announcement, a request
; for a PIN, a voicemail). Then the other half's Dial has not come to ANSWER; or that of the Local channel which it
; dialled in its turn, and so on. A half that is gone cannot be asked.
[<prefix>-somebody]
exten => s,1,Set(LOCAL(DIALER_WAY)=${CHANNEL})
 same => n(next),Set(LOCAL(DIALER_WAY)=${DIALER_WAY:0:-1}2)
 same => n,GotoIf($["${IMPORT(${DIALER_WAY},CHANNEL)}" = ""]?yes)
 same => n,GotoIf($["${IMPORT(${DIALER_WAY},DIALSTATUS)}" != "ANSWER"]?no)
 same => n,Set(LOCAL(DIALER_WAY)=${IMPORT(${DIALER_WAY},DIALEDPEERNAME)})
 same => n,GotoIf($["${DIALER_WAY:0:6}" = "Local/"]?next)
 same => n(yes),Return(1)
 same => n(no),Return(0)

; Runs on the agent's leg before it is dialled: what makes common phones answer by themselves.
; Call-Info: Yealink, Grandstream, Polycom, Snom, Fanvil, Cisco SPA. Alert-Info: Yealink, Grandstream, Mitel, Htek.
; Answer-Mode: RFC 5373. A phone that knows none of them simply rings.
[<prefix>-agent]
exten => s,1,GotoIf($["${CHANNEL(channeltype)}" != "PJSIP"]?done)
<answer>
; MixMonitor's option D writes half the sound at half the pitch when a leg is wideband (measured with G.722).
 same => n,Set(PJSIP_MEDIA_OFFER(audio)=!all,<narrowband>)
 same => n(done),Return()

; Runs on the agent's leg when it is answered, just before both are joined. ARG1 is the attempt, ARG2 when the customer
; answered. Behind a Local channel it may be the extension's voicemail that answered: nobody is joined with that.
[<prefix>-connected]
exten => s,1,GotoIf($["${CHANNEL(channeltype)}" != "Local"]?answered)
 same => n,Gosub(<prefix>-somebody,s,1)
 same => n,GotoIf(${GOSUB_RETVAL}?answered)
 same => n,Set(GOSUB_RESULT=CONTINUE)
 same => n,Return()
 same => n(answered),Set(DIALER_NOW=${STRFTIME(,UTC,%FT%T.%3qZ)})
 same => n,Set(MASTER_CHANNEL(DIALER_CONNECTED)=${DIALER_NOW})
 same => n,Set(DIALER_PHONE=${IF($["${CHANNEL(channeltype)}" = "Local"]?:${UNIQUEID})})
 same => n,Set(DB(<prefix>/${ARG1})=answered=${ARG2}|connected=${DIALER_NOW}|leg=${DIALER_PHONE})
 same => n,UserEvent(DialerConnected,Attempt: ${ARG1})
 same => n,Return()

; Runs on the customer's channel whenever a call of the dialer ends, answered or not (the dialer asks for it when it
; originates the call). The entry in Asterisk's database tells the dialer how the call ended even if it was not there to
; hear it; the dialer deletes the entry once it is in its books. See them with `database show <prefix>`.
[<prefix>-ended]
exten => s,1,GotoIf($["${CHANNEL(channeltype)}" = "Local"]?local)
 same => n,GotoIf($["${CHANNEL(channeltype)}" != "PJSIP"]?known)
 same => n,Set(DIALER_TECH=${FILTER(A-Za-z0-9\x20,${HANGUPCAUSE(${CHANNEL},tech)})})
 same => n,ExecIf($["${CHANNEL(hangupsource)}" = "${CHANNEL}"]?Set(DIALER_HANGUP_BY=customer))
 same => n,ExecIf($["${DIALER_HANGUP_BY}" = "" & "${DIALER_ANSWERED}" != ""]?Set(DIALER_HANGUP_BY=<other>))
 same => n,Goto(known)
; Of a Local channel Asterisk does not tell who ended it, but whether its time was over.
; The SIP answer is that of the leg which the other half dialled, if that half is still there to be asked.
 same => n(local),ExecIf($["${DIALER_ANSWERED}" != "" & 0${TIMEOUT(absolute)} <= 0]?Set(DIALER_HANGUP_BY=pbx))
 same => n,Set(ARRAY(DIALER_LEG)=${IMPORT(${CHANNEL:0:-1}2,HANGUPCAUSE_KEYS())})
 same => n,GotoIf($["${DIALER_LEG}" = ""]?known)
 same => n,Set(DIALER_TECH=${FILTER(A-Za-z0-9\x20,${IMPORT(${CHANNEL:0:-1}2,HANGUPCAUSE(${DIALER_LEG},tech))})})
 same => n(known),Set(DB(<prefix>/${UNIQUEID})=<entry>)
 same => n,UserEvent(DialerEnded,Attempt: ${UNIQUEID},<told>)
 same => n,Return()

; An administrator tests a phone (`dialer test-call`), and it was picked up: three tones, then good-bye. No sound file
; is needed, nothing is recorded, and no customer ever comes here.
[<prefix>-test]
exten => s,1,GotoIf($["${CHANNEL(channeltype)}" != "Local"]?answered)
 same => n,Gosub(<prefix>-somebody,s,1)
 same => n,GotoIf(${GOSUB_RETVAL}?answered)
 same => n,Ringing()
 same => n,UserEvent(DialerIntercepted,Attempt: ${UNIQUEID})
 same => n,Hangup()
 same => n(answered),UserEvent(DialerTested,Attempt: ${UNIQUEID})
 same => n,Wait(0.5)
 same => n,Playtones(!523/300,!659/300,!784/600,!0/200)
 same => n,Wait(2)
 same => n,StopPlaytones()
 same => n,Hangup()
"""

_MANAGER_USER = """; The dialer's AMI user. Load it with `manager reload`. To take it away, delete this section
; and reload.
[{name}]
secret = {secret}
; Only from where the dialer runs.
deny = 0.0.0.0/0.0.0.0
permit = {permit}
; read: call and user are the calls' own events; system is for "Asterisk is up" and "Asterisk shuts down".
; write: originate and call place calls and hang them up; reporting asks what is up. No commands, no configuration.
read = {read}
write = {write}
; The default of 100 ms throws a reader out that was busy for a moment.
writetimeout = 5000
; A session that broke half open must not lock the dialer out.
allowmultiplelogin = yes
; Only these events are sent, so that a busy PBX does not have to tell the dialer about every other call's details.
; (This form of eventfilter needs Asterisk 20.11 or 22.1; on older ones leave the eventfilter lines out.)
{filters}
"""

_MANAGER_GENERAL = """; Belongs into the [general] section. The last line makes events carry the PBX's own time
; (microseconds); without it the dialer takes the time at which it reads them.
[general]
enabled = yes
port = {port}
bindaddr = 127.0.0.1
timestampevents = yes
"""

_MANAGER_GENERAL_ADDED = """; Makes events carry the PBX's own time (microseconds); without it the dialer takes the
; time at which it reads them.
[general](+)
timestampevents = yes
"""
