"""An agent's phone: what the PBX says of it, and whose it is."""

from __future__ import annotations

import re
from enum import StrEnum

_NAME = re.compile(r"[A-Za-z0-9]+/([^@/&]+)")


class PhoneState(StrEnum):
    """What the PBX knows of a phone, and we of its dial string."""

    FREE = "free"
    BUSY = "busy"  # on a call
    RINGING = "ringing"
    ON_HOLD = "on_hold"
    DO_NOT_DISTURB = "do_not_disturb"
    AWAY = "away"  # set up, but not registered or not answering the PBX
    UNKNOWN = "unknown"  # the PBX has no such phone
    UNSAID = "unsaid"  # the PBX does not tell
    NOT_ALLOWED = "not_allowed"  # its dial string is none that the settings allow: it is never rung

    @property
    def able(self) -> bool:
        """Whether nothing is known to keep a call from it."""
        return self in _ABLE

    @property
    def in_use(self) -> bool:
        """Whether somebody is on it, be it a customer of ours."""
        return self in _IN_USE


_ABLE = (PhoneState.FREE, PhoneState.UNSAID)
_IN_USE = (PhoneState.BUSY, PhoneState.RINGING, PhoneState.ON_HOLD)


def devices_in(extension: str) -> tuple[str, ...]:
    """The devices that a dial string rings: ``PJSIP/8001&PJSIP/8002`` are two."""
    return tuple(extension.split("&"))


def phones_in(extension: str) -> frozenset[str]:
    """The phones that a dial string rings, whatever the way to them: PJSIP/8001 and Local/8001@office/n are one."""
    each = (_NAME.match(device) for device in devices_in(extension))
    return frozenset(found[1] for found in each if found) or frozenset((extension,))
