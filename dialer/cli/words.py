"""Codes as the campaign's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialer.campaign.wording import Language, Words


def word(words: Mapping[Any, Words], code: str | None, language: Language) -> str:
    """The word for a code; "" for none, and a code that has no word stays as it is."""
    if not code:
        return ""
    return words[code].of(language) if code in words else str(code)
