"""Finding a customer by what a person remembers: a name, a code, part of a phone number, or pinyin.

"惠民店" is found by 惠民, by its initials ``hmd``, and by ``huimin``; a character with several readings by each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from dialer.campaign.model.customer import Customer

T = TypeVar("T")

_MOST_NAMES = 50_000


async def that_fit(asked: str, rows: list[T], of: Callable[[T], tuple[Customer, str]]) -> list[T]:
    """Those ``of`` whose customer, who is called at a number, fits what was asked; all of them, when nothing was.

    Several words must all fit. A first look at thousands of names costs some tenths of a second: it is in a thread.
    """
    words = asked.casefold().split()
    if not words:
        return rows
    return await asyncio.to_thread(lambda: [row for row in rows if all(_fits(word, *of(row)) for word in words)])


def _fits(word: str, customer: Customer, number: str) -> bool:
    if word in customer.code.casefold():
        return True
    digits = "".join(c for c in word if c.isdigit())
    phones = (number, "".join(c for c in customer.phone if c.isdigit()))
    if len(digits) >= 3 and len(digits) == len(word.replace("-", "").replace("+", "")):
        return any(digits in phone for phone in phones)
    names = (customer.shop_name, customer.person)
    if any(word in name.casefold() for name in names):
        return True
    return word.isascii() and any(_sounds(word, name) for name in names if name)


def _sounds(word: str, name: str) -> bool:
    syllables = _readings(name)
    return any(_spells(word, syllables[start:]) for start in range(len(syllables)))


def _spells(word: str, syllables: tuple[tuple[str, ...], ...]) -> bool:
    """Whether the word is spelt by these syllables in turn, each by its initial or whole (the last one begun)."""
    if not word:
        return True
    if not syllables:
        return False
    for reading in syllables[0]:
        if reading.startswith(word):
            return True
        if word.startswith(reading) and _spells(word[len(reading) :], syllables[1:]):
            return True
    initials = {reading[:1] for reading in syllables[0]}
    return word[0] in initials and _spells(word[1:], syllables[1:])


@lru_cache(maxsize=_MOST_NAMES)
def _readings(name: str) -> tuple[tuple[str, ...], ...]:
    """Every reading of each character, without tones; what is no Chinese character reads as itself."""
    from pypinyin import Style, pinyin

    found: list[tuple[str, ...]] = []
    for character in name.casefold():
        if character.isspace():
            continue
        readings = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)
        found.append(tuple(dict.fromkeys(readings[0])))
    return tuple(found)
