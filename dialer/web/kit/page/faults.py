"""What is wrong with a recording or an order, in the words of people: the books keep stable codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dialer.web.kit.page.texts import Translate, mark

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
    "this is no name that the dialer gives to a recording": mark("the dialer gives no recording such a name"),
    "the books know no such call": mark("the books know no such call"),
    "the recording of this call was deleted when its time was over": mark("its call's recording is deleted already"),
    "another and longer recording of this call is kept already": mark("a longer recording of its call is kept"),
    "no call known": mark("no call is known for it"),
    "several calls fit": mark("several calls fit; somebody must choose"),
}
_SLIP = re.compile(r"(.+) entered this order for customer (.+); it is (.+)'s")
_WITH_FIGURES = ("too_short", "too_long")


def wrong(reasons: Iterable[str], t: Translate) -> str:
    """The reasons in one line; what is none of our codes stays as it is."""
    return t("; ").join(_one(part.strip(), t) for reason in reasons for part in _parts(reason) if part.strip())


def _parts(reason: str) -> list[str]:
    return [reason] if _SLIP.fullmatch(reason) else reason.split(";")


def _one(reason: str, t: Translate) -> str:
    if slip := _SLIP.fullmatch(reason):
        return t(
            "%(who)s entered it for customer %(first)s; the order system says %(second)s",
            who=slip[1], first=slip[2], second=slip[3],
        )  # fmt: skip
    code, _, detail = reason.partition(":")
    if code not in WRONG:
        return reason
    figures = f" ({detail.strip()})" if code in _WITH_FIGURES and detail else ""
    return t(WRONG[code]) + figures
