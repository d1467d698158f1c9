"""What is wrong with a value, for people: the sentences of pydantic are English, and for programmers."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import ErrorDetails

from dialer.language import N_, Text

_DIGITS = N_("write a number in digits")
_SENTENCES: Mapping[str, str] = {
    "missing": N_("fill this in"),
    "string_too_short": N_("too short: at least {min_length} characters"),
    "string_too_long": N_("too long: at most {max_length} characters"),
    "too_short": N_("choose at least {min_length}"),
    "too_long": N_("choose at most {max_length}"),
    "string_pattern_mismatch": N_("letters, digits and the signs . _ - only, without spaces"),
    "greater_than": N_("more than {gt}"),
    "greater_than_equal": N_("at least {ge}"),
    "less_than": N_("less than {lt}"),
    "less_than_equal": N_("at most {le}"),
    "int_parsing": _DIGITS,
    "int_type": _DIGITS,
    "float_parsing": _DIGITS,
    "float_type": _DIGITS,
    "enum": N_("choose one of the list"),
    "literal_error": N_("choose one of the list"),
}
"""By pydantic's type of an error. Both patterns that people can miss, staff numbers and tokens, are of these signs."""


def unfit(detail: ErrorDetails) -> Text | None:
    """One error of pydantic in words; None where there are none for it."""
    sentence = _SENTENCES.get(detail["type"])
    return None if sentence is None else Text(sentence, **detail.get("ctx", {}))
