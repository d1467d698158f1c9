"""The carrier's number plan: the last two digits of a dialled number decide what happens to the call.

One table, from which the carrier's dialplan and the documentation are generated. A number whose ending is not in the
table belongs to a customer who answers and talks, so any list can be called. A second one is of carriers that treat
every number alike: whatever the number, the digits before it decide.
"""

from __future__ import annotations

from dataclasses import dataclass

ANSWERED = 200
NO_FINAL_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the called side does with one call."""

    name: str
    title: str
    sip: int
    """Final SIP answer; NO_FINAL_ANSWER when it waits for the caller to give up."""
    steps: tuple[str, ...]
    """Dialplan applications; {ring}, {talk}, {limit} and {patience} are seconds."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The meaning of one pair of last digits."""

    digits: str
    calls: tuple[Behaviour, ...]
    """First call, second call, …; the last one stands for all that follow."""
    chinese: str

    def nth(self, call: int) -> Behaviour:
        """What happens to the nth call (from 1) to one number with this ending."""
        return self.calls[min(call, len(self.calls)) - 1]

    @property
    def title(self) -> str:
        """One line for people."""
        return ", then ".join(behaviour.title for behaviour in self.calls)


_RING = ("Ringing()", "Wait({ring})")


def _final(name: str, title: str, sip: int, *before: str) -> Behaviour:
    return Behaviour(name, title, sip, (*before, f"PJSIPHangup({sip})"))


def _picked_up(name: str, title: str, *after: str) -> Behaviour:
    return Behaviour(name, title, ANSWERED, (*_RING, "Answer()", *after))


_TALKS = "Goto(talk,1)"
ANSWERS = _picked_up("answers", "answers, talks, hangs up", "Set(TIMEOUT(absolute)={talk})", _TALKS)
RINGS_OUT = Behaviour("rings-out", "rings until the caller gives up", NO_FINAL_ANSWER, ("Ringing()", "Wait({limit})"))
BUSY = _final("busy", "busy (486)", 486)
OUR_FAULT = _final("congested", "the network is congested (503)", 503)
SWITCHED_OFF = _final(
    "switched-off",
    "an announcement as early media (183), then 480",
    480,
    "Progress()",
    "Playback(ss-noservice,noanswer)",
)
_MUTE = _picked_up("mute", "answers, is not heard, hangs up", "Wait({talk})", "Hangup(16)")
_LISTENS = _picked_up(
    "listens", "answers and talks until the agent hangs up", "Set(TIMEOUT(absolute)={patience})", _TALKS
)

ENDINGS: tuple[Ending, ...] = (
    Ending("60", (RINGS_OUT,), "无人接听"),
    Ending("61", (BUSY,), "占线"),
    Ending("62", (_final("busy-everywhere", "busy everywhere (600)", 600),), "各处占线"),
    Ending("63", (_final("absent", "temporarily unavailable (480)", 480, *_RING),), "暂时无法接通"),
    Ending("64", (SWITCHED_OFF,), "关机提示音"),
    Ending("65", (_final("timed-out", "request timeout (408)", 408, *_RING),), "请求超时"),
    Ending("66", (_final("unallocated", "no such number (404)", 404),), "空号"),
    Ending("67", (_final("nowhere", "does not exist anywhere (604)", 604),), "任何地方都不存在"),
    Ending("68", (_final("forbidden", "forbidden (403)", 403),), "禁止呼叫"),
    Ending("69", (_final("declined", "declined (603)", 603, *_RING),), "拒接"),
    Ending("70", (_final("gone", "number changed (410)", 410),), "号码已变更"),
    Ending("71", (_final("incomplete", "address incomplete (484)", 484),), "号码不完整"),
    Ending("72", (_final("terminated", "request terminated (487)", 487),), "呼叫被终止"),
    Ending("73", (_final("server-error", "server error (500)", 500),), "服务器错误"),
    Ending("74", (_final("bad-gateway", "bad gateway (502)", 502),), "网关错误"),
    Ending("75", (OUR_FAULT,), "线路拥塞"),
    Ending("76", (Behaviour("silence", "nothing but 100 Trying", NO_FINAL_ANSWER, ("Wait({limit})",)),), "毫无回应"),
    Ending("77", (_MUTE,), "接通但无声"),
    Ending("78", (_picked_up("hangs-up", "answers and hangs up at once", "Hangup(16)"),), "接通即挂断"),
    Ending("79", (_LISTENS,), "由电访员挂断"),
    Ending("80", (RINGS_OUT, ANSWERS), "第二次接听"),
    Ending("81", (RINGS_OUT, RINGS_OUT, ANSWERS), "第三次接听"),
    Ending("82", (RINGS_OUT,) * 4 + (ANSWERS,), "第五次接听"),
    Ending("83", (BUSY, ANSWERS), "先占线后接听"),
    Ending("84", (BUSY, BUSY, ANSWERS), "两次占线后接听"),
    Ending("85", (OUR_FAULT, ANSWERS), "先线路故障后接听"),
    Ending("86", (OUR_FAULT, OUR_FAULT, ANSWERS), "两次线路故障后接听"),
    Ending("87", (BUSY, RINGS_OUT, SWITCHED_OFF, ANSWERS), "占线、无人接听、关机，然后接听"),
    Ending("88", (BUSY,) * 4 + (ANSWERS,), "四次占线后接听"),
)

DEFAULT = Ending("", (ANSWERS,), "接听并通话")
"""Every other ending."""


def ending_of(number: str) -> Ending:
    """What the plan says about a number."""
    return next((ending for ending in ENDINGS if number.endswith(ending.digits)), DEFAULT)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a carrier gives the one answer that it has for everybody.

    ``digit`` is dialled after a `#`, then three digits, then the customer's number; a trunk whose template or prefix
    begins its numbers so is such a carrier's. In ``steps`` {answer} is what the three digits say, a SIP answer if
    nothing else, and {number} the customer's number.
    """

    digit: str
    title: str
    steps: tuple[str, ...]


AT_ONCE = Manner("0", "answers everybody so at once", ("PJSIPHangup({answer})",))
AFTER_RINGING = Manner("1", "rings (180), then answers so", (*_RING, "PJSIPHangup({answer})"))
AFTER_EARLY_MEDIA = Manner(
    "2", "plays something (183), then answers so", ("Progress()", "Wait({ring})", "PJSIPHangup({answer})")
)
CAPPED = Manner(
    "3",
    "lets one call to each number through, and answers all further ones so",
    (
        "Set(CALL=$[0${DB(capped/{number})} + 1])",
        "Set(DB(capped/{number})=${CALL})",
        "GotoIf($[${CALL} = 1]?{number},1)",
        "PJSIPHangup({answer})",
    ),
)
BY_CAUSE = Manner("4", "rings, then ends with this Q.850 cause", (*_RING, "Hangup({answer})"))
REDIRECTING = Manner("5", "redirects (302) to the number itself", ("Transfer(PJSIP/sip:{number}@127.0.0.1)",))

MANNERS = (AT_ONCE, AFTER_RINGING, AFTER_EARLY_MEDIA, CAPPED, BY_CAUSE, REDIRECTING)


def always(manner: Manner, answer: int) -> str:
    """What to dial before a number, so that the carrier deals with it in that manner."""
    return f"#{manner.digit}{answer:03}"
