"""What an audit says, as lines for whoever reads a test that failed."""

from __future__ import annotations

from datetime import UTC, tzinfo

from dialer.audit.cdr import CdrCall
from dialer.audit.compare import AuditRule, audit
from dialer.audit.report import AuditReport, Finding
from dialer.campaign.model.attempt import Attempt

RULE = AuditRule()


def finding_text(finding: Finding, zone: tzinfo = UTC) -> str:
    """One line."""
    when = f"{finding.at.astimezone(zone):%Y-%m-%d %H:%M:%S.%f}"[:-3] if finding.at else ""
    named = (
        ("call to", finding.number), ("at", when), ("customer", finding.customer), ("attempt", finding.attempt)
    )  # fmt: skip
    name = " ".join(f"{word} {value}" for word, value in named if value)
    line = f" (CDR line {finding.line})" if finding.line is not None else ""
    return f"{finding.kind}: {name + ': ' if name else ''}{finding.text}{line}"


def report_text(report: AuditReport, zone: tzinfo = UTC) -> str:
    """Several lines, times in ``zone``."""
    verdict = "no difference" if report.clean else f"{len(report.findings)} finding(s)"
    head = f"audit: {report.attempts} attempts in our records, {report.calls} calls on record, {report.matched} matched"
    lines = [f"{head}: {verdict}"]
    lines += [f"  {finding_text(finding, zone)}" for finding in report.findings]
    lines += [f"  remark: {finding_text(remark, zone)}" for remark in report.remarks]
    return "\n".join(lines)


def found(placed: list[Attempt], calls: list[CdrCall], rule: AuditRule = RULE) -> list[tuple[str, str]]:
    """(kind, attempt or number) of each finding."""
    return [(f.kind.value, f.attempt or f.number) for f in audit(placed, calls, rule).findings]
