"""What an audit says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FindingKind(StrEnum):
    """What is wrong, as a stable word."""

    EXTRA = "extra"  # a call that the records do not know
    MISSING = "missing"  # an attempt that reached the trunk, and nobody saw its call
    TOO_EARLY = "too_early"  # less than the gap after the call before to the same number
    OVERLAP = "overlap"  # two calls at once to one number or one customer
    LIMIT = "limit"  # more counted attempts than the rule allows
    CONTRADICTION = "contradiction"  # answered for one, not answered for the other
    DOUBLE = "double"  # the same record twice
    END_DIFFERS = "end_differs"  # a remark: our records and theirs disagree about when the call ended
    UNDECIDED = "undecided"  # a remark: the records say that nobody knows how the call ended
    OTHERS = "others"  # a remark: records that are not the dialer's


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or a remark, about one call. ``at`` is when the call began; ``line`` of the CDR file."""

    kind: FindingKind
    text: str
    at: datetime | None = None
    number: str = ""
    customer: str = ""
    attempt: str = ""
    visit: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome of an audit. Remarks are worth knowing, and no reason to fail."""

    attempts: int
    calls: int
    matched: int
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether our records and theirs agree and the rule was kept."""
        return not self.findings
