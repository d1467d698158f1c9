"""Phone numbers as lists write them, brought into the one form that is stored, compared and dialled.

The shape of Chinese numbers is checked here (libphonenumber takes 10-digit mobiles for possible, and
strips carrier prefixes silently); whether a number is possible and assigned is libphonenumber's word. It is imported
when there is a number to look at: a service that starts has calls to find again first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from dialer.errors import SettingsError
from dialer.lists.wording import Unusable

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−.()・·_]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_EXTENSION = re.compile(r"转|轉|分机|内线|#|\bext|x\d|(?<=\d)\s*,\s*\d{1,5}$", re.IGNORECASE)
_SEVERAL = re.compile(r"\d[\s)]*(?:[/、,;|\\]|\bor\b|或)[\s(]*\+?\d|\d{7}\s+\+?\d{7}")
_SPREADSHEET_ZERO = re.compile(r"(\d{7,})\.0")
# China: Numbering plan of 2003 with its later changes. Area codes are 10, 2x (two digits) or three digits.
_CN_MOBILE = re.compile(r"1[3-9]")
_CN_CARRIER = re.compile(r"(17\d{3}|12593|10193|11808)(?=0?\d{10})")
_CN_AREA = re.compile(r"10|2\d|[3-9]\d\d")
_CN_FREE = re.compile(r"[48]00\d{7}")
_COUNTRY = "86"


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
        digits, international = self._digits(raw)
        if any(pattern.fullmatch(digits) for pattern in self._allow):
            return Number(digits)
        if international:
            digits = self._own_country(digits)
        stored = self._national(digits, international)
        import phonenumbers

        number = phonenumbers.PhoneNumber(country_code=int(_COUNTRY), national_number=int(stored.removeprefix("0")))
        if not phonenumbers.is_possible_number(number):
            raise Unusable("phone-impossible", digits=stored)
        return Number(stored, doubtful=not phonenumbers.is_valid_number(number))

    def _digits(self, raw: str) -> tuple[str, bool]:
        """The bare digits, and whether a ``+`` or ``00`` says that a country code comes first."""
        text = unicodedata.normalize("NFKC", raw).strip()
        if not text:
            raise Unusable("phone-missing")
        if _SCIENTIFIC.fullmatch(text):
            raise Unusable("phone-scientific")
        if _EXTENSION.search(text):
            raise Unusable("phone-extension")
        if _SEVERAL.search(text):
            raise Unusable("phone-several")
        if whole := _SPREADSHEET_ZERO.fullmatch(text):
            text = whole[1]
        text = _SEPARATORS.sub("", text)
        plus = text.startswith("+")
        text = text.removeprefix("+")
        if not text.isascii() or not text.isdigit():
            strange = "".join(dict.fromkeys(c for c in text if not ("0" <= c <= "9")))
            raise Unusable("phone-characters", characters=strange) if strange else Unusable("phone-missing")
        if not plus and text.startswith("00"):
            return text[2:], True
        return text, plus

    def _own_country(self, digits: str) -> str:
        if digits.startswith(_COUNTRY):
            return digits.removeprefix(_COUNTRY)
        import phonenumbers

        for length in (1, 2, 3):
            if int(digits[:length] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
                raise Unusable("phone-foreign", country=digits[:length], own=_COUNTRY)
        raise Unusable("phone-impossible", digits=digits)

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
