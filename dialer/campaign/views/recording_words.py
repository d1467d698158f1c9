"""What is wrong with a recording or an order, in the words of people: the database keeps stable codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dialer.language import N_, Translate

WRONG: Mapping[str, str] = {
    "no_file": N_("the PBX delivered no file"),
    "empty": N_("the file is empty"),
    "unreadable": N_("the file cannot be read as audio"),
    "cut_short": N_("the PBX never finished the file"),
    "too_short": N_("shorter than the call"),
    "too_long": N_("longer than the call"),
    "silent": N_("silent"),
    "agent_silent": N_("the agent cannot be heard"),
    "customer_silent": N_("the customer cannot be heard"),
    "agent_lost": N_("nothing of the agent"),
    "customer_lost": N_("nothing of the customer"),
    "agent_gaps": N_("gaps in the agent's sound"),
    "customer_gaps": N_("gaps in the customer's sound"),
    "half_sound": N_("half of the sound is missing, the rest is too low: a phone or trunk spoke a wideband codec"),
    "length_unchecked": N_("the duration has not been checked yet"),
    "header_repaired": N_("the file header was repaired"),
    "this is no name that the dialer gives to a recording": N_("not the name of a recording made by this system"),
    "the books know no such call": N_("there is no such call on record"),
    "the recording of this call was deleted when its time was over": N_("the recording has already been deleted"),
    "another and longer recording of this call is kept already": N_("a longer recording of this call has been kept"),
    "no call known": N_("no matching call"),
    "several calls fit": N_("several calls match; to be checked by a person"),
}
_SLIP = re.compile(r"(.+) entered this order for customer (.+)(?:; it is (.+)'s|, but it is of (.+))")
_SPAN = re.compile(r"(\d+)–(\d+) s")
_FIGURES = re.compile(r"([\d.]+) s of ([\d.]+) s")


@dataclass(frozen=True, slots=True)
class Absence:
    """Whole seconds of a recording in which a side ("agent" or "customer") is not heard; ``code`` is one of WRONG's."""

    side: str
    code: str
    since_s: int
    until_s: int

    def length_s(self, duration_s: float) -> float:
        """How much of it lies within a recording of that length."""
        return min(self.until_s, duration_s) - self.since_s


def absences(faults: Iterable[str]) -> tuple[Absence, ...]:
    """The seconds that the faults of a recording name, by time."""
    found = [
        Absence(code.partition("_")[0], code, int(since), int(until))
        for code, _, detail in (fault.partition(":") for fault in faults)
        if code in WRONG
        for since, until in _SPAN.findall(detail)
    ]
    return tuple(sorted(found, key=lambda each: (each.since_s, each.side)))


def wrong(reasons: Iterable[str], t: Translate) -> str:
    """The reasons in one line; what is none of our codes stays as it is."""
    return t("; ").join(_one(part.strip(), t) for reason in reasons for part in _parts(reason) if part.strip())


def _parts(reason: str) -> list[str]:
    return [reason] if _SLIP.fullmatch(reason) else reason.split(";")


def _one(reason: str, t: Translate) -> str:
    if slip := _SLIP.fullmatch(reason):
        return t(
            "{who} entered it for customer {first}; the order system has it for {second}",
            who=t("an agent") if slip[1] == "an agent" else slip[1], first=slip[2], second=slip[3] or slip[4],
        )  # fmt: skip
    code, _, detail = reason.partition(":")
    if code not in WRONG:
        return reason
    if found := _FIGURES.fullmatch(detail.strip()):
        return t("{fault} ({file} s of {call} s)", fault=t(WRONG[code]), file=found[1], call=found[2])
    if spans := _SPAN.findall(detail):
        parts = [t("{since}–{until} s", since=since, until=until) for since, until in spans]
        parts += ["…"] if detail.endswith("…") else []
        return t("{fault} ({parts})", fault=t(WRONG[code]), parts=t(", ").join(parts))
    return t(WRONG[code])
