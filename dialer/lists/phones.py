"""Phone numbers as lists write them, brought into the one form that is stored, compared and dialled.

The shape of Chinese numbers is checked here (libphonenumber takes 10-digit mobiles for possible, and
strips carrier prefixes silently); whether a number is possible and assigned is libphonenumber's word. It is imported
when there is a number to look at: a service that starts has calls to find again first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from dialer.errors import SettingsError
from dialer.lists.wording import Unusable

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−.()・·_]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_EXTENSION = re.compile(r"转|轉|分机|内线|#|\bext|x\d|(?<=\d)\s*,\s*\d{1,5}$", re.IGNORECASE)
_SEVERAL = re.compile(r"\d[\s)]*(?:[/、,;|\\]|\bor\b|或)[\s(]*\+?\d|\d\s*\+\s*\d")
_SPREADSHEET_ZERO = re.compile(r"(\d{7,})\.0")
_DATE = re.compile(r"(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}")
_CALCULATED = re.compile(r"-\d")
# China: Numbering plan of 2003 with its later changes. Area codes are 10, 2x (two digits) or three digits.
_CN_MOBILE = re.compile(r"1[3-9]")
_CN_CARRIER = re.compile(r"(17\d{3}|12593|10193|11808)(?=0?\d{10})")
_CN_AREA = re.compile(r"10|2\d|[3-9]\d\d")
_CN_FREE = re.compile(r"[48]00\d{7}")
_COUNTRY = "86"
_LONGEST = 100
"""Characters of a cell: what is longer is no number, and every way to divide it would be looked at."""


class Number(NamedTuple):
    """A number as it is stored. ``doubtful``: possible, but the numbering plan has not assigned it."""

    number: str
    doubtful: bool = False


class NumberPlan:
    """The numbering plan of the place.

    ``area_code`` (with or without its 0) completes local numbers; ``allow`` are patterns (of the whole number) of
    short, service or test numbers that are taken as they stand.
    """

    def __init__(self, area_code: str = "", allow: Sequence[str] = ()) -> None:
        if area_code and not re.fullmatch(r"0?\d{1,5}", area_code):
            raise SettingsError(f"area_code: '{area_code}' is not an area code; write digits like 0470")
        self.area_code = area_code.removeprefix("0")
        try:
            self._allow = tuple(re.compile(pattern) for pattern in allow)
        except re.error as error:
            raise SettingsError(f"allow: {error.pattern!r} is not a regular expression: {error}") from error

    def normalise(self, raw: str) -> Number:
        """``raw`` in its stored form: mobiles with 11 digits, landlines with area code and leading 0.

        Raises :class:`~dialer.lists.wording.Unusable` (a ``BadInput``) that says why not.
        """
        groups, international = _groups(raw)
        digits = "".join(groups)
        if any(pattern.fullmatch(digits) for pattern in self._allow):
            return Number(digits)
        if international:
            groups = _own_country(groups)
        elif groups[0] == _COUNTRY and groups[1:]:
            groups, international = groups[1:], True
        self._refuse_rest(groups, international)
        stored = self._national("".join(groups), international)
        _refuse_unclear_area(groups, stored)
        import phonenumbers

        number = phonenumbers.PhoneNumber(country_code=int(_COUNTRY), national_number=int(stored.removeprefix("0")))
        if not phonenumbers.is_possible_number(number):
            raise Unusable("phone-impossible", digits=stored)
        return Number(stored, doubtful=not phonenumbers.is_valid_number(number))

    def _refuse_rest(self, groups: Sequence[str], international: bool) -> None:
        """Refuse digits after a whole number, or before one: joined with it they would make another one's number."""
        if groups[1:] and re.fullmatch(r"[2-9]", groups[0]) and len(groups[1]) > 1:
            raise Unusable("phone-carrier-prefix", prefix=groups[0])
        if groups[0] in ("400", "800") and _CN_FREE.fullmatch("".join(groups)):
            return
        for count in range(1, len(groups)):
            number, rest = "".join(groups[:count]), "".join(groups[count:])
            try:
                self._national(number, international)
            except Unusable as error:
                if error.reason.code != "phone-no-area-code":
                    continue
            if len(rest) < 7:
                raise Unusable("phone-extension", number=number, rest=rest)
            raise Unusable("phone-several")

    def _national(self, digits: str, international: bool) -> str:
        """The national form of a number, by its shape."""
        if carrier := _CN_CARRIER.match(digits):
            raise Unusable("phone-carrier-prefix", prefix=carrier[1])
        if len(digits) == 13 and digits.startswith(_COUNTRY) and _CN_MOBILE.match(digits, 2):
            digits = digits[2:]  # +86 whose + a spreadsheet has eaten
        bare = digits.removeprefix("0")
        if _CN_MOBILE.match(bare):
            if len(bare) != 11:
                raise Unusable("phone-mobile-length", count=len(bare))
            return bare
        if _CN_FREE.fullmatch(digits):
            return digits
        if digits == bare and not international and len(digits) in (7, 8) and digits[0] in "2345678":
            if not self.area_code:
                raise Unusable("phone-no-area-code", digits=digits)
            return f"0{self.area_code}{digits}"
        if digits == bare and not international and len(digits) < 9:
            raise Unusable("phone-short", digits=digits)
        area = _CN_AREA.match(bare)
        if area is None:
            raise Unusable("phone-impossible", digits=digits)
        if len(bare) - len(area[0]) not in ((8,) if len(area[0]) == 2 else (7, 8)):
            raise Unusable("phone-landline-length", digits=digits)
        return f"0{bare}"


def _groups(raw: str) -> tuple[Sequence[str], bool]:
    """The digits between separators, and whether a ``+`` or ``00`` says that a country code comes first."""
    if len(raw) > _LONGEST:
        raise Unusable("text-too-long", length=len(raw), limit=_LONGEST)
    if marks := "".join(dict.fromkeys(c for c in raw if unicodedata.category(c) == "No")):
        raise Unusable("phone-characters", characters=marks)  # of ② and ² NFKC would make a 2
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text:
        raise Unusable("phone-missing")
    if _SCIENTIFIC.fullmatch(text):
        raise Unusable("phone-scientific")
    if _CALCULATED.match(text):
        raise Unusable("phone-calculated", value=text)
    if _DATE.fullmatch(text):
        raise Unusable("phone-impossible", digits=text)
    if extension := _EXTENSION.search(text):
        at = extension.start()
        raise Unusable("phone-extension", number=text[:at].strip(), rest=text[at:].strip(" ,"))
    if _SEVERAL.search(text):
        raise Unusable("phone-several")
    if whole := _SPREADSHEET_ZERO.fullmatch(text):
        text = whole[1]
    text = _SEPARATORS.sub(" ", text).strip()
    plus = text.startswith("+")
    groups = text.removeprefix("+").split()
    digits = "".join(groups)
    if not digits.isascii() or not digits.isdigit():
        strange = "".join(dict.fromkeys(c for c in digits if not ("0" <= c <= "9")))
        raise Unusable("phone-characters", characters=strange) if strange else Unusable("phone-missing")
    if not plus and digits.startswith("00"):
        return _without(groups, 2), True
    return groups, plus


def _without(groups: Sequence[str], count: int) -> Sequence[str]:
    """The groups without their first ``count`` digits, and without those that are empty then."""
    left: list[str] = []
    for group in groups:
        left.append(group[count:])
        count = max(count - len(group), 0)
    return [group for group in left if group] or [""]


def _own_country(groups: Sequence[str]) -> Sequence[str]:
    digits = "".join(groups)
    if digits.startswith(_COUNTRY):
        return _without(groups, len(_COUNTRY))
    import phonenumbers

    for length in (1, 2, 3):
        if int(digits[:length] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            raise Unusable("phone-foreign", country=digits[:length], own=_COUNTRY)
    raise Unusable("phone-impossible", digits=digits)


def _refuse_unclear_area(groups: Sequence[str], stored: str) -> None:
    """Refuse an area code without its 0 that ends inside a group: ``8221234 8001`` is not 0822-12348001."""
    area = _CN_AREA.match(stored, 1) if stored.startswith("0") else None
    if area is None or not groups[1:] or "".join(groups) != stored[1:]:
        return
    if len(area[0]) not in accumulate(map(len, groups)):
        raise Unusable("phone-area-unclear", digits=" ".join(groups))
