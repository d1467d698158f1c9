"""What a call's id looks like: the ChannelId on the PBX, the name of its recording, the key of its attempt.

==============  ==============================================  =========================================
kind            form                                            example
==============  ==============================================  =========================================
campaign call   ``<installation>-<visit>-<seq>-<time>``, the    ``k3x9pq-1207-2-toy3k0``
                time in seconds since 1970 to the base 36
test call       ``test-`` and twelve hexadecimal digits         ``test-0123456789ab``
==============  ==============================================  =========================================

Asterisk's own ids always have a dot. Of a Local channel the half ``;1`` has the call's id, and the other one has ``;2``
behind it; call records have ``;1`` behind the first one, too.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

ATTEMPT = r"[a-z0-9]+(?:-[a-z0-9]+)*-[0-9]{1,15}-[0-9]{1,9}-[a-z0-9]+"
"""A campaign call's id, as a regular expression."""

TEST = r"test-[0-9a-f]{12}"
"""A test call's id, as a regular expression."""

_ATTEMPT, _TEST = re.compile(ATTEMPT), re.compile(TEST)
_ASTERISKS = re.compile(r"(?:[A-Za-z0-9_.-]+-)?[0-9]+\.[0-9]+")
_HALF = re.compile(r";[12]\Z")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_TIME = 7
"""Digits of a time; those of one that has more have no year."""


@dataclass(frozen=True, slots=True)
class AttemptId:
    """What a campaign call's id says; ``placed_at`` is UTC, in whole seconds."""

    installation: str
    visit: int
    seq: int
    placed_at: datetime


def for_attempt(installation: str, visit: int, seq: int, at: datetime) -> str:
    """The id of the call ``seq`` of a visit, placed at ``at``."""
    return f"{installation}-{visit}-{seq}-{base36(int(at.timestamp()))}"


def for_test() -> str:
    """The id of a new test call, which no other call has, on this PBX or another."""
    return f"test-{secrets.token_hex(6)}"


def is_attempt(text: str) -> bool:
    """Whether a channel's id or a name can be that of a campaign call."""
    return _ATTEMPT.fullmatch(text) is not None


def is_test(text: str) -> bool:
    """Whether a channel's id can be that of a test call."""
    return _TEST.fullmatch(text) is not None


def is_ours(text: str) -> bool:
    """Whether a channel's id can be that of a call of a dialer's, of whichever kind."""
    return is_attempt(text) or is_test(text)


def read(text: str) -> AttemptId | None:
    """What a campaign call's id says; None when it is not one that :func:`for_attempt` makes."""
    if not is_attempt(text):
        return None
    installation, visit, seq, time = text.rsplit("-", 3)
    if len(time) > _LONGEST_TIME:
        return None
    return AttemptId(installation, int(visit), int(seq), datetime.fromtimestamp(int(time, 36), UTC))


def installation_of(attempt: str) -> str:
    """Whose call it is, by its id."""
    return attempt.rsplit("-", 3)[0]


def is_asterisks(text: str) -> bool:
    """Whether a channel's id is one that Asterisk makes by itself."""
    return _ASTERISKS.fullmatch(text) is not None


def second_half(channel: str) -> str | None:
    """The call of whose Local channel this is the second half; None when it is not one of ours."""
    call = channel.removesuffix(";2")
    return call if call != channel and is_ours(call) else None


def whole(channel: str) -> str:
    """The id of a channel without what tells the halves of a Local channel apart."""
    return _HALF.sub("", channel)


def base36(value: int) -> str:
    """A number from 0 on to the base 36."""
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
