"""Trunks: how a customer's number becomes a dial string, and how many calls a trunk takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.setting import setting


def _template(value: str) -> str:
    if value.count("{number}") != 1:
        raise ValueError("must contain {number} exactly once, for example PJSIP/{number}@trunk")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9@/._*#+:~=?\[\]-]+", value.replace("{number}", "1")):
        raise ValueError("must not contain spaces, commas or whatever else Asterisk takes apart")
    if value.startswith("Local/") and not value.endswith("/n"):
        raise ValueError("a Local channel must end in /n, or Asterisk optimises it away and its id with it")
    return value


def _caller_id(value: str) -> str:
    if value and not re.fullmatch(r'(?:"[^"\\<>\x00-\x1f\x7f]*" *)?<[0-9+*#]+>|[0-9+*#]+', value):
        raise ValueError("must be a number such as 62880000, or with a name: '\"Order desk\" <62880000>'")
    return value


CAUSE = "cause "
"""What stands before a Q.850 cause, where a SIP answer stands alone."""

_SAID_BY_CARRIERS = frozenset(Disposition) - {
    Disposition.CONNECTED, Disposition.ABANDONED, Disposition.CANCELLED, Disposition.UNKNOWN,
}  # fmt: skip
_CODE = re.compile(rf"[3-6]\d\d|{CAUSE}(?:[1-9]|[1-9]\d|1[01]\d|12[0-7])")


def _dispositions(value: Mapping[str, Disposition] | None) -> Mapping[str, Disposition] | None:
    for code, disposition in (value or {}).items():
        if not _CODE.fullmatch(code):
            raise ValueError(f"{code!r} is neither a final SIP answer such as '404' nor a cause such as 'cause 21'")
        if disposition not in _SAID_BY_CARRIERS:
            words = ", ".join(sorted(_SAID_BY_CARRIERS))
            raise ValueError(f"{code}: no carrier can say that a call was {disposition}; one of {words}")
    return value


@dataclass(frozen=True, slots=True)
class TrunkConfig:
    """One way out of a PBX.

    ``template`` has ``{number}`` in it, for example ``PJSIP/{number}@trunk`` or
    ``Local/{number}@from-internal/n``. ``prefix`` is put before the number; a number in
    ``local_area`` (an area code such as 0470) is dialled without it. ``channels`` is the most
    calls at once. ``reports_ringing`` is False for analogue trunks, which never say that it rings.
    ``dispositions`` are rows of the table of dispositions that are otherwise on this trunk, by final SIP answer
    (``404``) or Q.850 cause (``cause 21``).
    """

    name: str = field(metadata=setting(min_length=1, pattern=r"^[\w.-]+$"))
    template: str = field(metadata=setting(check=_template))
    prefix: str = field(default="", metadata=setting(pattern=r"^[0-9*#+]*$"))
    local_area: str = field(default="", metadata=setting(pattern=r"^(0\d{2,3})?$"))
    caller_id: str = field(default="", metadata=setting(check=_caller_id))
    channels: int = field(default=30, metadata=setting(ge=1))
    reports_ringing: bool = field(default=True, metadata=setting())
    dispositions: Mapping[str, Disposition] | None = field(default=None, metadata=setting(check=_dispositions))
    pbx: str = MAIN_PBX

    def dial_string(self, number: str) -> str:
        """The channel to originate for the normalised ``number``."""
        return self.template.replace("{number}", self.prefix + number.removeprefix(self.local_area))
