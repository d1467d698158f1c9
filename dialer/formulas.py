"""Text that a spreadsheet would take for a formula: whoever writes a table for people looks here first."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[\s\x00-\x1f\x7f\u200b\ufeff]*[=+\-@＝＋－＠]")
"""Signs of full width are taken for the same."""


def begins_formula(text: str) -> bool:
    """Whether ``text`` begins as a formula does; blanks and invisible signs before it may get lost on the way."""
    return _FORMULA.match(text) is not None


def harmless(cell: str) -> str:
    """``cell`` for a CSV file, where nothing but a quote before it says that it is text."""
    return f"'{cell}" if begins_formula(cell) else cell
