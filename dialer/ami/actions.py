"""Actions as bytes: every header is checked here, so that no value can smuggle in a header or an action."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from dialer.ami.pbxconfig import AUTO_ANSWER, narrowband, unfollowed_context
from dialer.callid import is_asterisks, is_attempt, is_ours, is_test
from dialer.campaign.changes import Place
from dialer.campaign.model.phone import devices_in
from dialer.errors import BadInput

EOL = "\r\n"
LONGEST_LINE = 1024
"""Bytes in a header line with its line end; Asterisk's buffer for one line. Longer ones are dropped by it."""

MOST_LINES = 128
"""Header lines in one action; Asterisk refuses more."""

SHOWN_BYTES = 48
"""Of a name on a phone: 16 Chinese characters. With the number it stays within the 80 bytes that call records keep."""

Header = tuple[str, str]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Originate's Variable header is split at commas and stripped of quotes; a backslash escapes the next character, and
# ${...} or $[...] would be worked out by the dialplan.
_UNSAFE_IN_VARIABLE = re.compile(r"[,\"'\\$`]")

_TAKEN_APART = frozenset(",;\"'\\$`<>|{}[]^%&=")
_DIALLED = frozenset("0123456789+*#")

# What the PBX takes apart: a quote or a backslash in the name would arrive as something else.
_CALLER_ID = re.compile(r'(?:(?:"[^"\\<>]*"|[^"\\<>]*) *<[0-9A-Za-z+*#._-]*>|[0-9+*#]+)')

_DEVICE = re.compile(r"(?:[A-Za-z0-9]+/|Custom:)[A-Za-z0-9@/._*#+-]+")
# What Originate and Dial() dial: no separator of theirs, no option, no variable, and not several channels at once.
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9@/._*#+:~=?\[\]-]+")


def is_device(extension: str) -> bool:
    """Whether this names one phone, or one custom state of the PBX, and can stand in a dialplan function."""
    return _DEVICE.fullmatch(extension) is not None


def encode(headers: Iterable[Header]) -> bytes:
    """One action on the wire. Raises :class:`BadInput` when a header cannot be sent as it is."""
    lines = [_line(name, value) for name, value in headers]
    if len(lines) > MOST_LINES:
        raise BadInput(f"an action may have {MOST_LINES} header lines, this one has {len(lines)}")
    return "".join([*lines, EOL]).encode()


def _line(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is not a header name")
    shown = "its value" if name == "Secret" else repr(value)
    if _CONTROL.search(value):
        raise BadInput(f"{name}: {shown} has a line end or another control character")
    line = f"{name}: {value}{EOL}"
    try:
        size = len(line.encode())
    except UnicodeEncodeError as error:
        raise BadInput(f"{name}: {shown} cannot be written as UTF-8") from error
    if size > LONGEST_LINE:
        raise BadInput(f"{name}: {size} bytes are too long, the PBX takes {LONGEST_LINE} in a line")
    return line


def variable(name: str, value: str) -> Header:
    """A channel variable for Originate. Raises :class:`BadInput` for what Asterisk would take apart."""
    if _UNSAFE_IN_VARIABLE.search(value):
        raise BadInput(
            f"{name}: {value!r} has a comma, quote, backslash or dollar sign, which Asterisk would take apart"
        )
    return "Variable", f"{name}={value}"


def shown(name: str) -> str:
    """What a phone shows of a name: one line, without what Asterisk would take apart, cut at a whole character."""
    plain = "".join(each if each.isprintable() and each not in _TAKEN_APART else " " for each in name)
    whole: list[str] = []
    for each in " ".join(plain.split()):
        if whole and unicodedata.category(each).startswith("M"):  # an accent belongs to the letter before it
            whole[-1] += each
        else:
            whole.append(each)
    while len("".join(whole).encode()) > SHOWN_BYTES:
        whole.pop()
    return "".join(whole).strip()


def originate(order: Place, *, context: str, handler: str) -> bytes:
    """The Originate of ``order``: answered calls enter ``context``; ``handler`` is the hangup handler's variable.

    ActionID and ChannelId are the attempt's id: the immediate answer, OriginateResponse and every event of the
    channel carry it. ``Async`` keeps the link free while it rings. Raises :class:`BadInput`.
    """
    if not is_attempt(order.attempt):
        raise BadInput(f"{order.attempt!r} is not an attempt's id")
    for device in devices_in(order.agent) if order.agent else ():
        _dialled("DIALER_AGENT", device)
    if order.timeout_s <= 0 or order.agent_timeout_s <= 0:
        raise BadInput("a call needs a time to ring, both for the customer and for the agent")
    headers = [
        *_call(order.attempt, order.channel, order.timeout_s, context),
        variable("DIALER_AGENT", order.agent),
        variable("DIALER_AGENT_TIMEOUT", str(max(1, round(order.agent_timeout_s)))),
        ("Variable", handler),
        *narrowband(order.channel),
    ]
    if number := "".join(each for each in order.number if each in _DIALLED):
        headers += [variable("DIALER_CUSTOMER", number), variable("DIALER_SHOP", shown(order.shop))]
    if order.caller_id:
        if not _CALLER_ID.fullmatch(order.caller_id):
            raise BadInput(f"CallerID: {order.caller_id!r} is neither a number nor a name with a number in <>")
        headers.append(("CallerID", order.caller_id))
    return encode(headers)


def ring(test: str, extension: str, timeout_s: float, *, context: str) -> bytes:
    """The Originate of a test call; a phone that is picked up enters ``context``. Raises :class:`BadInput`.

    There is no hangup handler: nothing of a test call is in the PBX's journal. As with a customer's call the phone is
    made to answer by itself, and is offered the same codecs.
    """
    if not is_test(test):
        raise BadInput(f"{test!r} is not a test call's id")
    answer = AUTO_ANSWER if extension.startswith("PJSIP/") else ()
    headers = [("Variable", f'PJSIP_HEADER(add,{name})="{value}"') for name, value in answer]
    call = _call(test, extension, timeout_s, context)
    return encode([*call, ("CallerID", '"Dialer test" <0>'), *headers, *narrowband(extension)])


def _call(name: str, channel: str, timeout_s: float, context: str) -> list[Header]:
    """What every Originate has; its id is that of the call."""
    _dialled("Channel", channel)
    return [
        ("Action", "Originate"),
        ("ActionID", name),
        ("ChannelId", name),
        ("Channel", channel),
        ("Context", context),
        ("Exten", "s"),
        ("Priority", "1"),
        ("Timeout", str(max(1, round(timeout_s * 1000)))),
        ("Async", "true"),
        variable("FORWARD_CONTEXT", unfollowed_context(context)),
    ]


def _dialled(what: str, channel: str) -> None:
    """Raises :class:`BadInput` for what Asterisk would take apart, whoever wrote it down and when."""
    if not _CHANNEL.fullmatch(channel):
        raise BadInput(f"{what}: {channel!r} is no channel that can be dialled, for example PJSIP/8001")


def hang_up(attempt: str, action_id: str) -> bytes:
    """End the channel of ``attempt``, of a test call or of a stranger. Raises :class:`BadInput`."""
    if not (is_ours(attempt) or is_asterisks(attempt)):
        raise BadInput(f"{attempt!r} is no channel's id")
    return encode([("Action", "Hangup"), ("ActionID", action_id), ("Channel", attempt)])


def forget(attempt: str, family: str, action_id: str) -> bytes:
    """Delete the journal entry of ``attempt`` on the PBX. DBDel would need more rights than we ask for."""
    if not is_attempt(attempt):
        raise BadInput(f"{attempt!r} is not an attempt's id")
    target = f"DB_DELETE({family}/{attempt})"
    return encode([("Action", "Setvar"), ("ActionID", action_id), ("Variable", target), ("Value", "x")])
