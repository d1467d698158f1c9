"""The survivors that are known, each with its reason: ``docs/mutants.md``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tests.mutants.session import ROOT, Survivor

DOCUMENT = ROOT / "docs" / "mutants.md"
_MODULE = re.compile(r"## `(?P<module>[^`]+)`")
_ROW = re.compile(r"\| `{1,2} ?(?P<before>.*?) ?`{1,2} \| `{1,2} ?(?P<after>.*?) ?`{1,2} \| (?P<reason>.*) \|")


def listed(text: str) -> Mapping[Survivor, str]:
    """The reason for each survivor that the document names. Raises ValueError for a row without one."""
    return dict(_rows(text))


def _rows(text: str) -> Iterator[tuple[Survivor, str]]:
    module = ""
    for line in text.splitlines():
        if (head := _MODULE.match(line)) is not None:
            module = head["module"]
        elif module and (row := _ROW.match(line)) is not None:
            if not row["reason"].strip():
                raise ValueError(f"{DOCUMENT.name}: no reason for {row['before']}")
            yield Survivor(module, *(row[side].replace(r"\|", "|") for side in ("before", "after"))), row["reason"]


def row_of(survivor: Survivor) -> str:
    """Its row, without the reason, which a person writes."""
    before, after = (_code(side) for side in (survivor.before, survivor.after))
    return f"| {before} | {after} |  |"


def _code(text: str) -> str:
    text = text.replace("|", r"\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"
