"""Health: whether each part does its work, and that in words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import structlog

from dialer.campaign.model.phone import PhoneState
from dialer.campaign.state import State
from dialer.campaign.views.wording import HELD, some
from dialer.errors import DialerError
from dialer.language import N_, Language, Text
from dialer.web.kit.context import Context
from dialer.web.kit.metrics import HELD_UP_S, Lag
from dialer.web.kit.services import Health, Probe

log = structlog.get_logger(__name__)

_LOG = Text("look into the log")
PARTS: Mapping[str, str] = {
    "engine": N_("Campaign"),
    "calls": N_("Calls", context="column"),
    "pbx": N_("PBX link"),
    "owner": N_("Owner of the PBX"),
    "phones": N_("Agents' phones"),
    "database": N_("Database"),
    "disk": N_("Disk"),
    "recordings": N_("Recordings"),
    "notices": N_("Notices to the info platform"),
    "backup": N_("Backup"),
    "parts": N_("Parts of the service"),
    "lag": N_("Response time"),
}
LEVELS: Mapping[str, tuple[str, str]] = {
    "ok": (N_("OK"), "good"),
    "degraded": (N_("Degraded"), "warn"),
    "failed": (N_("Failed"), "bad"),
}


class Part(NamedTuple):
    """A part; ``name`` and ``level`` are to be translated, ``kind`` is the badge."""

    name: str
    level: str
    kind: str
    state: str
    advice: str


def shown(part: Health, language: Language) -> Part:
    """A part in the person's language; an error's own words stay as they are."""
    level, kind = LEVELS[part.level]
    state, advice = part.words(language)
    return Part(PARTS.get(part.part, part.part), level, kind, state, advice)


async def examine(context: Context) -> list[Health]:
    """Every part with its state and what to do about it."""
    probes = [_probed(probe, context.config.probe_s) for probe in context.services.probes]
    return [*_engine(context), *await asyncio.gather(*probes)]


def is_ready(parts: list[Health]) -> bool:
    """Whether no part has failed."""
    return all(part.level != "failed" for part in parts)


def _engine(context: Context) -> list[Health]:
    engine = context.services.engine
    try:
        state = engine.state
    except DialerError as error:
        return [Health("engine", "failed", str(error), Text("wait; if it lasts, look into the log for the database"))]
    if engine.trouble:
        advice = Text(
            "check that the disk has room and the database file can be written; calling goes on by itself then"
        )
        parts = [Health("engine", "failed", Text("nothing can be written: {error}", error=engine.trouble), advice)]
    else:
        days = Text("{count} day" if len(state.days) == 1 else "{count} days", count=len(state.days))
        calls = Text("{count} call" if len(state.attempts) == 1 else "{count} calls", count=len(state.attempts))
        parts = [Health("engine", "ok", Text("{days} loaded, {calls} up", days=days, calls=calls))]
    for streak in state.streaks.held():
        advice = Text("'dialer check' looks for the cause; one call tries now and then, and calling goes on by itself")
        parts.append(Health("calls", "degraded", Text("held: {why}", why=Text(HELD[streak.kind])), advice))
    parts += _phones(state)
    for machine in state.owners.values():
        said = Text("the dialer on {machine} owns the PBX; this one only watches", machine=machine)
        advice = Text(
            "if this one is to place the calls, take the PBX over: 'dialer campaign take-over', or the button below"
        )
        parts.append(Health("owner", "failed", said, advice))
    if state.link_up:
        return [*parts, Health("pbx", "ok", Text("linked"))]
    advice = Text("check that Asterisk runs and that its manager.conf lets the dialer in: 'dialer check' says which")
    return [*parts, Health("pbx", "failed", Text("there is no link to the PBX"), advice)]


def _phones(state: State) -> list[Health]:
    """Agents whose phones are never rung, since an older record has a dial string that is none now."""
    barred = [f"{a.number} ({a.extension})" for a in state.agents.values() if a.phone is PhoneState.NOT_ALLOWED]
    if not barred:
        return []
    said = Text("phones that the settings do not allow, and that are not called: {phones}", phones=some(barred))
    advice = Text(
        "correct the extension of each agent; other forms of phones are set under lists.other_phone_templates"
    )
    return [Health("phones", "degraded", said, advice)]


async def lag_health(lag: Lag) -> Health:
    """How long everything was held up at a time of late."""
    longest = lag.longest
    said = Text("everything waited for at most {ms} ms at a time in the last ten minutes", ms=round(longest * 1000))
    if longest < HELD_UP_S:
        return Health("lag", "ok", said)
    advice = Text("look for web.held_up in the log: what else ran then on this machine, a backup, another program?")
    return Health("lag", "degraded", said, advice)


async def _probed(probe: Probe, seconds: float) -> Health:
    """A probe that breaks, or takes too long, has found something."""
    name = getattr(probe, "__name__", type(probe).__name__)
    try:
        async with asyncio.timeout(seconds):
            return await probe()
    except TimeoutError:
        return Health(name, "failed", Text("no answer within {seconds:g} s", seconds=seconds), _LOG)
    except Exception as error:
        log.exception("health probe broke", action="web.probe", part=name)
        return Health(name, "failed", str(error), _LOG)
