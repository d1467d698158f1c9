"""Finding a customer by what a person remembers: a name, code, licence, address, part of a phone number, or pinyin.

"惠民店" is found by 惠民, by its initials ``hmd``, and by ``huimin``; a character with several readings by each.
An address is spelt in the same way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, TypeVar
from unicodedata import normalize

from dialer.campaign.model.customer import Customer
from dialer.errors import BadInput

T = TypeVar("T")
Aside = Callable[[Callable[[Callable[[], bool]], Any]], Awaitable[Any]]

LONGEST = 80
"""Characters of a search."""
_MOST_NAMES = 100_000
_MOST_CHARACTERS = 10_000


async def that_fit(aside: Aside, asked: str, rows: list[T], of: Callable[[T], tuple[Customer, str]]) -> list[T]:
    """Those ``of`` whose customer, who is called at a number, fits what was asked; all of them, when nothing was.

    Several words must all fit. A first look at thousands of names costs some tenths of a second: it is done
    ``aside`` (:meth:`~dialer.web.kit.context.InHand.aside`).
    Raises BadInput for what is longer than :data:`LONGEST`.
    """
    if len(asked) > LONGEST:
        raise BadInput(f"search for at most {LONGEST} characters: a name, a code, digits or pinyin")
    words = [Word(word) for word in dict.fromkeys(plain(asked).split())]
    if not words:
        return rows

    def fitting(left: Callable[[], bool]) -> list[T]:
        return [row for row in rows if not left() and all(word.fits(*of(row)) for word in words)]

    found: list[T] = await aside(fitting)
    return found


def plain(text: str) -> str:
    """As it is compared: digits, letters and blanks of a Chinese keyboard are those of any other, and all are small."""
    return text.casefold() if text.isascii() else normalize("NFKC", text).casefold()


class Word:
    """A word that is looked for.

    A set of places in it is a number whose bits stand for them, so that a name costs a few operations for each reading
    of its characters, however often it almost fits.
    """

    def __init__(self, word: str) -> None:
        self._text = word
        digits = "".join(c for c in word if c.isdigit())
        plain = len(digits) >= 3 and len(digits) == len(word.replace("-", "").replace("+", ""))
        self._digits = digits if plain else ""
        self._steps: dict[str, tuple[int, int, int]] = {}

    def fits(self, customer: Customer, number: str) -> bool:
        """Whether it is part of the code, licence, address, number or a name; or spells a part of a name or address."""
        names = (customer.shop_name, customer.person, customer.address)
        if any(self._text in plain(known) for known in (customer.code, customer.licence, *names)):
            return True
        if self._digits:
            phones = (number, "".join(c for c in customer.phone if c.isdigit()))
            return any(self._digits in phone for phone in phones)
        return self._text.isascii() and any(self.spells_part_of(_readings(name)) for name in names if name)

    def spells_part_of(self, syllables: tuple[tuple[str, ...], ...]) -> bool:
        """Whether it is spelt by some of these syllables in turn, each by its initial or whole, the last one begun."""
        at = 0  # the places up to which it has been spelt
        for readings in syllables:
            at, before = 0, at | 1  # a spelling may begin with each syllable
            for reading in readings:
                whole, initial, last = self._steps.get(reading) or self._look(reading)
                if before & last:
                    return True
                at |= (before & whole) << len(reading) | (before & initial) << 1
        return False

    def _look(self, reading: str) -> tuple[int, int, int]:
        """The places where the reading stands, where its initial does, and where the rest of the word begins it."""
        places = range(len(self._text))
        whole = sum(1 << place for place in places if self._text.startswith(reading, place))
        initial = sum(1 << place for place in places if self._text[place] == reading[0])
        last = sum(1 << place for place in places if reading.startswith(self._text[place:]))
        self._steps[reading] = whole, initial, last
        return self._steps[reading]


@lru_cache(maxsize=_MOST_NAMES)
def _readings(name: str) -> tuple[tuple[str, ...], ...]:
    """Every reading of each character, without tones; what is no Chinese character reads as itself."""
    return tuple(spelt for character in plain(name) if not character.isspace() and (spelt := _spelt(character)))


@lru_cache(maxsize=_MOST_CHARACTERS)
def _spelt(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    readings = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)
    return tuple(dict.fromkeys(reading for reading in readings[0] if reading))
