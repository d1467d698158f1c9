"""How much one person, or one system, may have under way at a time: nobody's work starves the others'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, NamedTuple

from dialer.web.kit.access.tokens import Caller
from dialer.web.kit.http.refusals import TooMuch

Turn = Literal["light", "heavy", "file", "stream"]
"""What a request is: one of the many that take a moment; one that looks through a day or a year, or reads a list; a
recording on its way to a listener; or a stream of events, which stays."""


class Most(NamedTuple):
    """Requests at a time, of a person and of a system."""

    person: int
    system: int


MOST: Mapping[Turn, Most] = {
    "light": Most(24, 64),  # several windows whose parts are looked at anew in one moment
    "heavy": Most(3, 6),
    "file": Most(6, 12),
    "stream": Most(10, 20),  # a window each
}


class Turns:
    """What is under way, by whom. One for a server."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, Turn]] = Counter()

    @contextmanager
    def take(self, caller: Caller, turn: Turn) -> Iterator[None]:
        """Do it inside. Raises TooMuch when the caller does as much already."""
        key = (f"person {caller.staff.number}" if caller.staff else f"system {caller.digest}", turn)
        if self._taken[key] >= (MOST[turn].person if caller.staff else MOST[turn].system):
            raise TooMuch
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
