"""What `dialer check` makes of what the PBX says. Judged without I/O but for the users' database of this machine."""

from __future__ import annotations

import grp
import os
import pwd
import re
from collections.abc import Iterator, Sequence

from dialer.ami.actions import is_device
from dialer.ami.check.facts import CONTEXTS, NEEDED_CONTEXTS, PbxFacts, is_true, steps_of
from dialer.ami.check.modules import NEEDED
from dialer.ami.pbxconfig import READ_RIGHTS, WRITE_RIGHTS
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.phone import phones_in
from dialer.cli.pbx.access import is_writable_for
from dialer.cli.pbx.asterisk import dialplan_of
from dialer.cli.pbx.checks import Check, fail, graded, ok, warn
from dialer.cli.pbx.routechecks import route_checks, version_checks
from dialer.errors import BadInput
from dialer.language import N_, Translate
from dialer.settings import Settings, TrunkSettings

TRUNK = "trunk "
"""Before the name of a trunk in the name of its check."""
SAMPLE = "13900000000"
_WRITE_TIMEOUT_MS = 100
"""Asterisk's own."""
_LEAST_WRITE_TIMEOUT_MS = 1000
_SOME = 5
_CLOCK_WARN_S, _CLOCK_FAIL_S = 1.0, 30.0
_PJSIP = re.compile(r"PJSIP/[^@]*\{number\}@(?P<endpoint>[^/@]+)")
_LOCAL = re.compile(r"Local/(?P<number>.*\{number\}.*)@(?P<context>[^/@]+)/n")
_LOAD_STATES = "asterisk -rx 'module load res_manager_devicestate.so'"
_PAST_US = "uri_core"
"""With this redirect_method Asterisk makes another call of a redirection. With ``uri_pjsip`` PJSIP follows it within
ours; with ``user`` nobody does, since our Originates forbid it (measured)."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def devices_of(settings: Settings, agents: Sequence[Agent] = ()) -> tuple[str, ...]:
    """The PJSIP trunks and the agents' phones, whose state the PBX knows."""
    found = (_PJSIP.fullmatch(trunk.template) for trunk in settings.trunks)
    phones = tuple(a.extension for a in agents if is_device(a.extension))
    return (*(f"PJSIP/{match['endpoint']}" for match in found if match), *phones)


def extensions_of(settings: Settings) -> tuple[tuple[str, str], ...]:
    """(context, number) as a customer's call through each Local trunk would enter the dialplan."""
    return tuple(pair for trunk in settings.trunks if (pair := _extension(trunk)))


def _extension(trunk: TrunkSettings) -> tuple[str, str] | None:
    match = _LOCAL.fullmatch(trunk.template)
    return (match["context"], match["number"].replace("{number}", trunk.prefix + SAMPLE)) if match else None


def pbx_checks(settings: Settings, facts: PbxFacts, t: Translate, agents: Sequence[Agent] = ()) -> Iterator[Check]:
    """Version, rights, events, clock, dialplan, trunks, and whether the PBX can write its recordings."""
    yield ok(
        "pbx",
        t(
            "Asterisk {version} at {host}:{port}, logged in",
            version=facts.version,
            host=settings.pbx.host,
            port=settings.pbx.port,
        ),
    )
    yield from version_checks(facts, t)
    yield from _rights(settings, facts, t)
    yield from _events(facts, t)
    yield from _phone_events(facts, t)
    yield from _clock(facts, t)
    yield from _dialplan(settings, facts, t)
    yield from _modules(facts, t)
    yield from _records(facts, t)
    yield from _phones(facts, agents, t)
    yield from _trunks(settings, facts, t)
    yield from _folders(settings, facts, t)


def _rights(settings: Settings, facts: PbxFacts, t: Translate) -> Iterator[Check]:
    granted = t(
        "In manager.conf, section [{user}]: write = {rights}", user=settings.pbx.username, rights=",".join(WRITE_RIGHTS)
    )
    missing, needless = facts.missing_actions(), facts.needless_rights(WRITE_RIGHTS)
    if missing:
        yield fail("ami rights", t("may not use: {actions}", actions=", ".join(missing)), granted)
    elif needless:
        text = "; ".join(f"{right} ({', '.join(sorted(actions)[:3])})" for right, actions in sorted(needless.items()))
        yield warn("ami rights", t("more rights than needed: {rights}", rights=text), granted)
    else:
        yield ok("ami rights", t("exactly the write rights that are needed"))


def _events(facts: PbxFacts, t: Translate) -> Iterator[Check]:
    todo = t("In manager.conf, section of the dialer's user: read = {rights}", rights=",".join(READ_RIGHTS))
    lacking = sorted(set(READ_RIGHTS) - facts.read) if facts.read is not None and "all" not in facts.read else []
    unheard = {*(facts.events or ()), *([] if facts.booted else ["FullyBooted"])}
    if "app_userevent" in facts.modules:
        unheard.discard("UserEvent")  # then it is not sent, and the module's own line says so
    if lacking:
        yield fail("ami events", t("rights for events are missing: {rights}", rights=", ".join(lacking)), todo)
    elif unheard:
        text = t("these events do not arrive: {events}", events=", ".join(sorted(unheard)))
        filters = t(
            "In manager.conf, section of the dialer's user: read = {rights}, and the eventfilter lines that `dialer "
            "asterisk-config --part manager` prints, no others; then: asterisk -rx 'manager reload'",
            rights=",".join(READ_RIGHTS),
        )
        yield fail("ami events", text, filters)
    elif facts.read is not None and facts.read != frozenset(READ_RIGHTS):
        yield warn("ami events", t("more events than needed: {rights}", rights=", ".join(sorted(facts.read))), todo)
    elif facts.read is None:
        yield ok("ami events", t("events arrive; the PBX does not say which others (func_config is not loaded)"))
    else:
        yield ok("ami events", t("events arrive, with all the rights that are needed"))
    yield from _patience(facts, t)
    if facts.event_times is False:
        todo = t("In manager.conf, [general]: timestampevents = yes, so that a slow link does not shift the times.")
        yield warn("event times", t("events carry no timestamp of the PBX"), todo)


def _phone_events(facts: PbxFacts, t: Translate) -> Iterator[Check]:
    name = N_("phone events")
    if "DeviceStateList" not in facts.actions:
        text = t("the PBX does not say when phones come and go: res_manager_devicestate is not loaded")
        todo = t("On the PBX: {command}; and in modules.conf: load = res_manager_devicestate.so", command=_LOAD_STATES)
        yield warn(name, text, todo)
    elif facts.phone_events is False:
        text = t("the manager user does not hear when phones come and go: an eventfilter line is missing")
        todo = t("Load what `dialer asterisk-config --part manager` prints, then: asterisk -rx 'manager reload'")
        yield warn(name, text, todo)
    else:
        yield ok(name, t("the PBX says when phones come and go"))


def _patience(facts: PbxFacts, t: Translate) -> Iterator[Check]:
    if not facts.settings:
        return
    said = facts.settings["writetimeout"]
    if not said.isdigit() or int(said) < _LEAST_WRITE_TIMEOUT_MS:
        text = t("the PBX waits {ms} ms for a busy reader, then ends the link", ms=said or _WRITE_TIMEOUT_MS)
        yield warn("ami link", text, t("In manager.conf, section of the dialer's user: writetimeout = 5000"))


def _modules(facts: PbxFacts, t: Translate) -> Iterator[Check]:
    if not facts.modules:
        yield ok("modules", t("all that the dialplan needs are loaded"))
        return
    names = "; ".join(f"{module} ({', '.join(NEEDED[module])})" for module in facts.modules)
    todo = t(
        "On the PBX: {command}; and let modules.conf load them. Without them customers who answer are cut off.",
        command=" && ".join(f"asterisk -rx 'module load {module}.so'" for module in facts.modules),
    )
    yield fail("modules", t("modules are missing: {modules}", modules=names), todo)


def _records(facts: PbxFacts, t: Translate) -> Iterator[Check]:
    """What `dialer audit` needs of the PBX's own call records."""
    if not facts.settings:
        return
    s = facts.settings
    if s["cdr"] and not is_true(s["cdr"]):
        yield warn("call records", t("the PBX writes none"), t("In cdr.conf, [general]: enable = yes"))
    elif not is_true(s["unanswered"]):
        todo = t("In cdr.conf, [general]: unanswered = yes; or use `dialer audit --answered-only`.")
        yield warn("call records", t("unanswered calls are not written, so an audit misses them"), todo)
    elif not is_true(s["loguniqueid"]):
        todo = t("In cdr.conf, [csv]: loguniqueid = yes; then: asterisk -rx 'module reload cdr_csv.so'")
        yield warn("call records", t("Master.csv has no unique ids, so an audit cannot match it"), todo)
    else:
        yield ok("call records", t("fit for an audit"))


def _phones(facts: PbxFacts, agents: Sequence[Agent], t: Translate) -> Iterator[Check]:
    """Whether the agents' phones are there, as far as the PBX tells."""
    if not agents:
        return

    def those(state: str) -> str:
        found = [f"{a.extension} ({a.number})" for a in agents if facts.states.get(a.extension) == state]
        return ", ".join(found[:_SOME]) + (" …" if len(found) > _SOME else "")

    by_phone: dict[tuple[str, str], list[str]] = {}
    for each in agents:
        for phone in phones_in(each.extension):
            by_phone.setdefault((each.pbx, phone), []).append(each.number)
    shared = [f"{phone} ({', '.join(whose)})" for (_, phone), whose in by_phone.items() if len(whose) > 1]
    if shared:
        todo = t(
            "Give each agent a phone of their own: dialer agents save. Until then one of them waits for the other."
        )
        yield fail("phones", t("several agents share a phone: {phones}", phones=", ".join(shared[:_SOME])), todo)
    elif unknown := those("INVALID"):
        todo = t("Correct the agent's extension: dialer agents save; or add the phone to the PBX.")
        yield fail("phones", t("the PBX has no such phone: {phones}", phones=unknown), todo)
    elif away := those("UNAVAILABLE"):
        todo = t("Switch the phone on, or look at its registration; on the PBX: pjsip show endpoints")
        yield warn("phones", t("not registered, or not answering: {phones}", phones=away), todo)
    else:
        yield ok("phones", t("{count} agents' phones are known to the PBX", count=len(agents)))


def _clock(facts: PbxFacts, t: Translate) -> Iterator[Check]:
    todo = t("Let both machines set their clocks by NTP (chrony or systemd-timesyncd).")
    if facts.clock_ahead_s is None:
        yield warn("clock", t("the PBX does not report its time"), todo)
        return
    ahead = facts.clock_ahead_s
    text = t(
        "PBX clock {ahead:+.3f} s relative to ours (UTC{offset} there)", ahead=ahead, offset=facts.utc_offset or "?"
    )
    apart = max(0.0, abs(ahead) - facts.clock_doubt_s)
    yield graded("clock", text, todo, fails=apart > _CLOCK_FAIL_S, warns=apart > _CLOCK_WARN_S)
    if facts.journal_ahead_s is not None and abs(off := facts.journal_ahead_s - ahead) > _CLOCK_WARN_S:
        text = t("the dialplan writes times that are {off:+.0f} s off the PBX's own clock", off=off)
        yield fail("clock", text, _reload(t))


def _reload(t: Translate) -> str:
    return t("Load what `dialer asterisk-config --part dialplan` prints, then: asterisk -rx 'dialplan reload'")


def _dialplan(settings: Settings, facts: PbxFacts, t: Translate) -> Iterator[Check]:
    prefix, r = settings.pbx.prefix, settings.recordings
    todo = _reload(t)
    missing = {name: f"{prefix}-{name}" for name in CONTEXTS if f"{prefix}-{name}" not in facts.dialplan}
    if needed := [context for name, context in missing.items() if name in NEEDED_CONTEXTS]:
        yield fail("dialplan", t("contexts are missing: {contexts}", contexts=", ".join(needed)), todo)
        return
    if missing:
        text = t("test calls play nothing: {contexts} is missing", contexts=", ".join(missing.values()))
        yield warn("dialplan", text, todo)
        return
    try:
        text = dialplan_of(settings)
    except BadInput as error:
        yield fail("dialplan", str(error), t("Correct the settings."))
        return
    for context, steps in steps_of(text).items():
        there = facts.dialplan[context]
        if there == steps:
            continue
        at = next((a for a, b in zip(there, steps, strict=False) if a != b), None)
        where = (
            f"{context},s,{at.priority}"
            if at
            else t("{name}: {there} steps, not {here}", name=context, there=len(there), here=len(steps))
        )
        # Recording elsewhere than where we look loses every recording; other differences may be meant.
        recorded = any(step.application == "MixMonitor" and step in steps for step in there)
        if context.endswith("-connect") and not recorded:
            yield fail("dialplan", t("it does not record into {spool} and {done}", spool=r.spool, done=r.done), todo)
        else:
            yield warn("dialplan", t("differs from ours at {where}", where=where), todo)
        return
    yield ok("dialplan", t("loaded, and identical to ours"))


def _trunks(settings: Settings, facts: PbxFacts, t: Translate) -> Iterator[Check]:
    for trunk in settings.trunks:
        name = f"{TRUNK}{trunk.name}"
        pjsip, extension = _PJSIP.fullmatch(trunk.template), _extension(trunk)
        if pjsip:
            state = facts.states.get(f"PJSIP/{pjsip['endpoint']}", "")
            if state == "INVALID":
                todo = t("Correct its template, or add the endpoint to pjsip.conf.")
                yield fail(name, t("the PBX has no endpoint {endpoint}", endpoint=pjsip["endpoint"]), todo)
            elif state == "UNAVAILABLE":
                todo = t("Ask the carrier; on the PBX: pjsip show endpoint {endpoint}", endpoint=pjsip["endpoint"])
                yield warn(name, t("{endpoint} does not answer at the moment", endpoint=pjsip["endpoint"]), todo)
            elif facts.redirects.get(f"PJSIP/{pjsip['endpoint']}") == _PAST_US:
                todo = t("In pjsip.conf, endpoint {endpoint}: redirect_method = uri_pjsip", endpoint=pjsip["endpoint"])
                text = t("a redirection (302) of the carrier would be called past our records, and hung up on")
                yield warn(name, text, todo)
            else:
                yield ok(name, f"{trunk.template} ({state or '?'})")
        elif extension:
            taken = facts.routes.get(extension)
            if facts.extensions.get(extension):
                faults = list(route_checks(name, taken, t)) if taken is not None else []
                yield from faults or [ok(name, trunk.template)]
            else:
                text = t("context {name} accepts no number such as {number}", name=extension[0], number=extension[1])
                yield fail(name, text, t("Correct its template, or add an outbound route on the PBX."))
        else:
            yield ok(name, t("{template}: its state cannot be queried", template=trunk.template))


def _folders(settings: Settings, facts: PbxFacts, t: Translate) -> Iterator[Check]:
    """Whether Asterisk's user may write where it records: known on the same machine, when it says who it is."""
    if settings.pbx.host not in _LOOPBACK or not facts.run_user:
        return
    try:
        user = pwd.getpwnam(facts.run_user)
    except KeyError:
        return
    groups = frozenset({user.pw_gid, *(group.gr_gid for group in grp.getgrall() if facts.run_user in group.gr_mem)})
    for folder in (settings.recordings.spool, settings.recordings.done):
        if os.access(folder.parent, os.X_OK) and folder.is_dir() and not is_writable_for(folder, user.pw_uid, groups):
            todo = f"install -d -o {facts.run_user} -g {grp.getgrgid(user.pw_gid).gr_name} -m 2770 {folder}"
            yield fail("recordings", t("Asterisk ({user}) cannot write {path}", user=facts.run_user, path=folder), todo)
