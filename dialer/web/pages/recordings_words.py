"""What is wrong with a recording or an order, in the words of people: the books keep stable codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialer.web.pages.texts import Translate, mark

WRONG: Mapping[str, str] = {
    "no_file": mark("no file came from the PBX"),
    "empty": mark("the file is empty"),
    "unreadable": mark("the file cannot be read as audio"),
    "cut_short": mark("the PBX never finished the file"),
    "too_short": mark("shorter than the call"),
    "too_long": mark("longer than the call"),
    "silent": mark("nothing can be heard"),
    "agent_silent": mark("the agent cannot be heard"),
    "customer_silent": mark("the customer cannot be heard"),
    "length_unchecked": mark("the length is not checked yet"),
    "header_repaired": mark("the file's header was repaired"),
    "no call known": mark("no call is known for it"),
    "several calls fit": mark("several calls fit; somebody must choose"),
}
_WITH_FIGURES = ("too_short", "too_long")


def wrong(reasons: Iterable[str], t: Translate) -> str:
    """The reasons in one line; what is none of our codes stays as it is."""
    return "; ".join(_one(part.strip(), t) for reason in reasons for part in reason.split(";") if part.strip())


def _one(reason: str, t: Translate) -> str:
    code, _, detail = reason.partition(":")
    if code not in WRONG:
        return reason
    figures = f" ({detail.strip()})" if code in _WITH_FIGURES and detail else ""
    return t(WRONG[code]) + figures
