"""What `dialer check` makes of the outbound routes behind Local channels, and of Asterisk's version.

A route is read, and nobody is called. What FreePBX and Issabel write is known by the names of their subroutines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialer.ami.check.facts import PbxFacts, Taken
from dialer.cli.pbx.checks import Check, fail, warn
from dialer.language import Translate

_GOES_ON = re.compile(r"(dial|macro|gosub|gosubif|goto|gotoif|gotoiftime|execif|agi|queue|stasis)\(", re.IGNORECASE)
_DIALS = re.compile(r"dial\(|(?:macro|gosub)\((?:macro-)?dialout", re.IGNORECASE)
"""A Dial, or the subroutine that dials one of a route's trunks."""
_ANSWERS = re.compile(
    r"answer\(|authenticate\(|(?:playback|background)\((?!.*noanswer)|(?:macro|gosub)\((?:macro-)?pinsets",
    re.IGNORECASE,
)
"""What takes a call off the hook by itself; to ask for a PIN, it must."""

_LEAST = {20: 11, 21: 6, 22: 1}
_EXACT = {20: 17, 22: 7, 23: 1}
"""The first releases with MixMonitor's option D, and with TechCause, by branch; those after the last branch have it."""


def version_checks(facts: PbxFacts, t: Translate) -> Iterator[Check]:
    """Whether this Asterisk records both sides apart, and tells the carrier's own answer."""
    if not _has(facts.version, _LEAST):
        text = t("Asterisk {version} ignores MixMonitor's option D: recordings are not stereo", version=facts.version)
        yield fail("version", text, t("Install Asterisk 20.11, 22.1 or later."))
    elif not _has(facts.version, _EXACT):
        text = t("Asterisk {version} does not tell the SIP answer of a trunk in its events", version=facts.version)
        todo = t("Install Asterisk 20.17, 22.7 or later; until then some failures are told by their cause alone.")
        yield warn("version", text, todo)


def _has(version: str, since: dict[int, int]) -> bool:
    """Whether a release has what came to each branch with that minor release; unknown versions are believed."""
    found = re.search(r"(\d+)\.(\d+)", version)
    if found is None:
        return True
    major, minor = int(found[1]), int(found[2])
    return minor >= since[major] if major in since else major > max(since)


def route_checks(name: str, taken: Taken, t: Translate) -> Iterator[Check]:
    """What keeps a route from being a way to customers, as far as its own steps show that."""
    steps = [f"{step.application}({step.data})" for step in taken.steps]
    dials = [place for place, step in enumerate(steps) if _DIALS.match(step)]
    where = f"{taken.context},{taken.pattern}"
    if not any(_GOES_ON.match(step) for step in steps):
        text = t("no route takes such a number: {where} dials nobody ({step})", where=where, step=steps[0])
        yield fail(
            name, text, t("Add an outbound route on the PBX; on FreePBX use @outbound-allroutes in the template.")
        )
    elif any(_ANSWERS.match(step) for step in steps[: dials[0] if dials else None]):
        text = t("the route answers by itself before it dials ({where})", where=where)
        yield fail(name, text, t("Take PIN and announcements out of the route: nobody would be called over it."))
    elif len(dials) > 1:
        text = t("the route tries a second trunk after one that said no ({where})", where=where)
        todo = t(
            "One trunk for each route, and a [[trunks]] section for each: a customer who declines would be rung twice."
        )
        yield fail(name, text, todo)
