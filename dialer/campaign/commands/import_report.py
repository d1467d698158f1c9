"""What came of a list that was brought in, or why it was not taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from dialer.errors import Conflict


class WithdrawsMany(Conflict):
    """The list would withdraw ``count`` customers, a large part of the day; that must be meant."""

    code = "withdraws-many"

    def __init__(self, message: str, count: int) -> None:
        super().__init__(message)
        self.count = count


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do. Customer codes, in the list's order.

    ``kept`` differ from the list but have been called already, or were withdrawn by a person. ``stayed`` are not on the
    list, or may not be: they are, or could be, in rows that were left out; or a person put them back on the list.
    ``shared`` have a phone number that another customer of the day has too; ``doubtful`` one that the
    numbering plan has not assigned. ``skipped`` counts bad rows that were left out on request.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)
    unchanged: int = 0
    shared: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    skipped: int = 0
    preview: bool = False
