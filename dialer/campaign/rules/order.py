"""An order as an agent types it: full-width digits and blanks are read as they are meant; figures are figures."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from dialer.errors import BadInput

LONGEST = 80
_FIGURE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")
_BLANKS = re.compile(r"\s+")


class OrderUnfit(BadInput):
    """Something of an order cannot be what it says; ``code`` says what."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Entry:
    """An order that was typed: its number, and the figures "" or a decimal number from 0 on."""

    number: str = ""
    quantity: str = ""
    amount: str = ""


def read_order(number: str, quantity: str = "", amount: str = "") -> Entry:
    """What is meant by what was typed. Raises :class:`OrderUnfit`.

    A number keeps its letters and signs; full-width ones become the usual ones (Unicode's NFKC), and blanks go, since
    one order must be one number whoever types it.
    """
    entry = Entry(_plain(number), *(_plain(each).replace(",", "") for each in (quantity, amount)))
    if len(entry.number) > LONGEST:
        raise OrderUnfit("text-too-long", f"the order's number has {len(entry.number)} characters; at most {LONGEST}")
    for code, name, figure in (
        ("quantity-unfit", "quantity", entry.quantity),
        ("amount-unfit", "amount", entry.amount),
    ):
        if figure and not _FIGURE.fullmatch(figure):
            raise OrderUnfit(code, f"{name}: {figure!r} is not a number from 0 on, such as 16 or 1234.50")
    return entry


def _plain(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))
