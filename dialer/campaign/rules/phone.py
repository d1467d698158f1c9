"""Which dial strings may ring an agent's phone: those that the settings' templates make of an extension of the office.

A phone is rung for every customer who answers, so what stands in its place is called like a phone: somebody's mobile
over a trunk, a context of the dialplan, a socket. None of those calls would be in the books. So nothing is a phone
that is not of one of the forms; and none of them may be a number, an emergency service or a trunk.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from dialer.campaign.model.phone import devices_in
from dialer.campaign.model.trunk import TrunkConfig
from dialer.errors import BadInput

PLACE = "{extension}"
"""Where the extension stands in a template."""
TEMPLATE = f"PJSIP/{PLACE}"
CUSTOMERS_FROM = 7
"""Digits that a customer's number has at least; extensions are shorter."""

_EXTENSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_DEVICE = re.compile(r"[A-Za-z][A-Za-z0-9]*/[A-Za-z0-9._@:/+*#-]+")
_NUMBER = re.compile(rf"\+?[0-9]{{{CUSTOMERS_FROM},}}")
_EMERGENCY = frozenset(("110", "112", "119", "120", "122", "911", "999"))
_LOCAL = re.compile(r"local/", re.IGNORECASE)
_INTERNAL = re.compile(r"local/.*@from-internal", re.IGNORECASE)
"""A way that also leads to the office's own phones: FreePBX's context for what its phones dial."""
_ADDRESS = re.compile(r"/sips?:", re.IGNORECASE)
_PARTS = re.compile(r"[/@:]")
_OPTIONS = re.compile(r"(?<=.)/[a-z]+$")
_LONGEST = 128


class PhoneFault(StrEnum):
    """Why a dial string is no agent's phone."""

    FORM = "form"  # no template makes it
    OUTSIDE = "outside"  # it is, or may be, somebody's number or a trunk


class PhoneNotAllowed(BadInput):
    """This dial string is none that the settings allow for a phone."""

    code = "phone-not-allowed"


@dataclass(frozen=True, slots=True)
class PhoneRule:
    """The forms of phones. The first of ``templates`` takes a bare extension; ``trunks`` are what no phone may be."""

    templates: tuple[str, ...] = (TEMPLATE,)
    trunks: tuple[TrunkConfig, ...] = ()

    def fault(self, dial_string: str) -> PhoneFault | None:
        """Why this is no agent's phone; None when it is one."""
        extensions = [found for each in self.templates if (found := _extension(each, dial_string)) is not None]
        if not extensions or len(dial_string) > _LONGEST:
            return PhoneFault.FORM
        outside = any(self._is_outside(each, device) for each in extensions for device in devices_in(dial_string))
        return PhoneFault.OUTSIDE if outside else None

    def check(self, dial_string: str) -> None:
        """Raises :class:`PhoneNotAllowed`."""
        fault = self.fault(dial_string)
        if fault is PhoneFault.OUTSIDE:
            raise PhoneNotAllowed(f"{dial_string}: this is a number or a trunk, not a phone of the office")
        if fault is not None:
            forms = ", ".join(self.templates)
            raise PhoneNotAllowed(
                f"{dial_string}: phones are of the form {forms}; the settings can allow others "
                "(lists.other_phone_templates)"
            )

    def _is_outside(self, extension: str, device: str) -> bool:
        """Whether a device may lead to somebody outside; also one of which that cannot be said."""
        return (
            _NUMBER.fullmatch(extension) is not None
            or extension.lower() in {name for trunk in self.trunks for name in _names(trunk)}
            or (_LOCAL.match(device) is not None and not extension.isdigit())  # s, h, t and i are no extensions
            or _is_number(device, {_outside_digits(trunk) for trunk in self.trunks})
            or any(_leads_out(device, trunk) for trunk in self.trunks)
        )


def is_template(text: str) -> bool:
    """Whether this makes dial strings, of one device or of several with ``&`` between them, of an extension."""
    return all(PLACE in each and _DEVICE.fullmatch(each.replace(PLACE, "8001")) for each in devices_in(text))


def is_bare(text: str) -> bool:
    """Whether this is an extension alone."""
    return _EXTENSION.fullmatch(text) is not None


def _extension(template: str, dial_string: str) -> str | None:
    """The extension of which ``template`` makes this dial string."""
    first, *others = template.split(PLACE)
    pattern = re.escape(first) + f"({_EXTENSION.pattern})" + r"\1".join(map(re.escape, others))
    found = re.fullmatch(pattern, dial_string)
    return found and found[1]


def _names(trunk: TrunkConfig) -> Set[str]:
    """What a trunk's template names: its endpoint, its group, its host."""
    return set(_PARTS.split(trunk.template.lower())[1:])


def _outside_digits(trunk: TrunkConfig) -> str:
    """What a trunk has before a number to get a line, for example 9; "" if nothing."""
    return _PARTS.split(trunk.template.partition("{number}")[0])[-1] + trunk.prefix


def _leads_out(phone: str, trunk: TrunkConfig) -> bool:
    """Whether a trunk can have made this. Extensions go a trunk's way only where it is theirs as well.

    Behind the outside digits of such a way there are no extensions, but whoever has a number, however short.
    """
    internal, plain = bool(_INTERNAL.match(trunk.template)), _plain(phone)
    outside = _outside_digits(trunk)
    if internal and outside and _INTERNAL.match(plain) and plain.removeprefix("local/").startswith(outside):
        return True
    before, _, after = _plain(trunk.template).partition("{number}")
    return plain.startswith(before) and plain.endswith(after) and not internal


def _plain(way: str) -> str:
    """Asterisk does not tell PJSIP from pjsip; what follows a Local channel's context are options."""
    low = way.lower()
    return _OPTIONS.sub("", low) if low.startswith("local/") else low


def _is_number(phone: str, outside: Set[str]) -> bool:
    """Whether somebody's number goes through something: PJSIP/13800138000@any, Local/120@any, or a SIP address.

    ``outside`` are the digits that a number may have before it to get a line.
    """
    parts = _PARTS.split(phone)[1:]
    numbers = {part.removeprefix(digits) for part in parts for digits in ("", *outside)}
    return bool(_ADDRESS.search(phone)) or (
        len(parts) > 1 and any(_NUMBER.fullmatch(number) or number in _EMERGENCY for number in numbers)
    )
