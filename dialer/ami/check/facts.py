"""What a PBX says of itself and of our manager user: the facts for `dialer check`.

Nothing is changed; one call into our own test context, which rings nobody, shows whether events come.
Measured on Asterisk 22 with exactly the rights of
:mod:`dialer.ami.pbxconfig`: all of these are answered to them; Command and STAT() are not, as it should be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dialer.ami.actions import Header
from dialer.ami.check.modules import missing_modules
from dialer.ami.check.provoked import Heard, provoke
from dialer.ami.config import AmiConfig
from dialer.ami.pbxclock import ahead, asked, journal_ahead
from dialer.ami.pbxconfig import FILTERS
from dialer.ami.protocol import Fields
from dialer.ami.session import Session
from dialer.errors import ActionRefused

NEEDED_CONTEXTS = ("connect", "somebody", "agent", "connected", "ended")
"""The dialplan's contexts without which no customer can be called, each with the prefix before it."""

CONTEXTS = (*NEEDED_CONTEXTS, "test")
"""All of them; the last is for test calls alone."""

NEEDED_ACTIONS = ("Originate", "Hangup", "Setvar", "Getvar", "CoreShowChannels", "CoreStatus", "DBGetTree", "Ping")
_TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})
"""What Asterisk takes for yes."""
SETTINGS = {
    "read": "manager.conf,{user},read",
    "writetimeout": "manager.conf,{user},writetimeout",
    "timestampevents": "manager.conf,general,timestampevents",
    "cdr": "cdr.conf,general,enable",
    "unanswered": "cdr.conf,general,unanswered",
    "loguniqueid": "cdr.conf,csv,loguniqueid",
}
"""Settings of the PBX that matter to us, where they stand."""
_PRIVILEGES = re.compile(r"\(Priv: ([^)]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Step:
    """One priority of an extension `s`."""

    priority: int
    application: str
    data: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The extension that takes a number: its context, its pattern and its steps."""

    context: str
    pattern: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PbxFacts:
    """What the PBX said.

    ``actions`` are those that our user may use, each with the rights of which one is enough. ``read`` are the rights
    that manager.conf gives it for events, None where the PBX does not tell (func_config is not loaded). ``booted``:
    FullyBooted came, so events come at all. ``event_times``: manager.conf lets events carry the PBX's own time, None
    like ``read`` (FullyBooted itself never carries one: it answers the login). ``clock_ahead_s`` is by
    how much the PBX's clock is ahead of ours, ``clock_doubt_s`` how exact that is, ``journal_ahead_s`` the same of the
    times that the loaded dialplan writes into the journal. ``dialplan`` has the steps by
    context, without those that do not exist; ``states`` the device states asked for. ``modules`` are those that our
    dialplan needs and the PBX lacks; ``events`` those of a call that did not arrive, None when none could be made;
    ``settings`` what its files say (:data:`SETTINGS`), empty like ``read``. ``phone_events``: the changes of
    phones' states reach us, None like ``read``. ``redirects``: what the PJSIP endpoints asked for do with a
    redirection, "" where the PBX does not tell. ``owner`` is the sign of the dialer that owns it.
    """

    version: str
    actions: Mapping[str, frozenset[str]]
    read: frozenset[str] | None
    booted: bool
    event_times: bool | None
    clock_ahead_s: float | None
    clock_doubt_s: float
    utc_offset: str
    run_user: str
    dialplan: Mapping[str, tuple[Step, ...]]
    states: Mapping[str, str] = field(default_factory=dict)
    phone_events: bool | None = None
    rtp_timeouts: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    routes: Mapping[tuple[str, str], Taken | None] = field(default_factory=dict)
    journal_ahead_s: float | None = None
    modules: tuple[str, ...] = ()
    events: tuple[str, ...] | None = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    redirects: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""

    def missing_actions(self) -> list[str]:
        """Actions that we need and may not use."""
        return [name for name in NEEDED_ACTIONS if name not in self.actions]

    def needless_rights(self, granted: Sequence[str]) -> dict[str, list[str]]:
        """Rights beyond ``granted`` that the user surely has, each with actions that show it."""
        found: dict[str, list[str]] = {}
        for name, rights in self.actions.items():
            if rights and not rights & set(granted) and len(rights) == 1:
                found.setdefault(next(iter(rights)), []).append(name)
        return found


async def look(
    config: AmiConfig,
    *,
    devices: Sequence[str] = (),
    extensions: Sequence[tuple[str, str]] = (),
    endpoints: Sequence[str] = (),
    owner: str = "",
) -> PbxFacts:
    """Log in, ask, and leave.

    ``devices`` are asked for their state, ``extensions`` (context, number) whether they exist, and
    ``endpoints`` of PJSIP for their ``rtp_timeout``; ``owner`` is the variable that names the PBX's owner. Raises
    ``LinkDown``, ``LinkLost``, ``LoginRefused``, and ``ActionRefused`` when even simple questions are refused.
    """
    heard = Heard()
    session = Session(config, heard, lambda _reason: None)
    try:
        await session.open()
        await session.ready()
        ahead_s, doubt_s = await ahead(session)
        said = {
            name: await asked(session, f"AST_CONFIG({place.format(user=config.username)})")
            for name, place in SETTINGS.items()
        }
        read = said["read"]
        core = await _first(session, "CoreSettings")
        dialplan = await _dialplan(session, config.prefix)
        actions = await _actions(session)
        callable_ = f"{config.prefix}-test" in dialplan and "Originate" in actions
        written = "".join(step.data for step in dialplan.get(f"{config.prefix}-ended", ()))
        return PbxFacts(
            version=core.get("AsteriskVersion", ""),
            actions=actions,
            read=_words(read) if read else None,
            events=await provoke(session, heard, config.prefix) if callable_ else None,
            booted="FullyBooted" in heard.names,
            event_times=is_true(said["timestampevents"]) if read else None,
            modules=tuple(await missing_modules(lambda expression: asked(session, expression), actions)),
            settings=said if read else {},
            clock_ahead_s=ahead_s,
            clock_doubt_s=doubt_s,
            utc_offset=await asked(session, "STRFTIME(,,%z)"),
            run_user=core.get("CoreRunUser", ""),
            dialplan=dialplan,
            journal_ahead_s=await journal_ahead(session, written),
            phone_events=await _phone_events(session, config.username) if read else None,
            states={device: await asked(session, f"DEVICE_STATE({device})") for device in devices},
            redirects={
                device: await asked(session, f"PJSIP_ENDPOINT({device.removeprefix('PJSIP/')},redirect_method)")
                for device in devices
                if device.startswith("PJSIP/")
            },
            extensions={
                (where, number): await asked(session, f"DIALPLAN_EXISTS({where},{number},1)") == "1"
                for where, number in extensions
            },
            rtp_timeouts={each: await asked(session, f"PJSIP_ENDPOINT({each},rtp_timeout)") for each in endpoints},
            routes={each: await _taken(session, *each) for each in extensions},
            owner=await asked(session, owner) if owner else "",
        )
    finally:
        await session.close()


def is_true(word: str) -> bool:
    """Whether Asterisk takes it for yes."""
    return word.lower() in _TRUE


async def _first(session: Session, action: str, *headers: Header) -> Fields:
    """The PBX's response, empty when it refuses."""
    try:
        return (await session.ask(("Action", action), *headers))[0]
    except ActionRefused:
        return {}


async def _phone_events(session: Session, user: str) -> bool:
    """Whether the manager user's filters, if it has ours at all, let the changes of phones through."""
    own, phones = [
        await asked(session, f'AST_CONFIG(manager.conf,{user},"{FILTERS[event][0]}")')
        for event in ("UserEvent", "DeviceStateChange")
    ]
    return bool(phones) or not own


async def _actions(session: Session) -> dict[str, frozenset[str]]:
    found = {}
    for name, text in (await _first(session, "ListCommands")).items():
        if privileges := _PRIVILEGES.search(text):
            found[name] = _words(privileges[1]) - {"all", "<none>"}
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


async def _dialplan(session: Session, prefix: str) -> dict[str, tuple[Step, ...]]:
    found = {}
    for name in CONTEXTS:
        context = f"{prefix}-{name}"
        try:
            rows = await session.ask(("Action", "ShowDialPlan"), ("Context", context))
        except ActionRefused:
            continue
        found[context] = tuple(
            Step(int(row["Priority"]), row.get("Application", ""), row.get("AppData", ""))
            for row in rows[1:]
            if row.get("Extension") == "s" and row.get("Priority", "").isdigit()
        )
    return found


async def _taken(session: Session, context: str, number: str) -> Taken | None:
    """What takes ``number`` in ``context`` or in what that includes; None when nothing does, or the PBX does not tell.

    Asterisk shows all that fits in the order in which it would look (measured).
    """
    try:
        rows = await session.ask(("Action", "ShowDialPlan"), ("Context", context), ("Extension", number))
    except ActionRefused:
        return None
    found = [row for row in rows if row.get("Priority", "").isdigit()]
    if not found:
        return None
    first = [row for row in found if all(row.get(key) == found[0].get(key) for key in ("Context", "Extension"))]
    steps = (Step(int(row["Priority"]), row.get("Application", ""), row.get("AppData", "")) for row in first)
    return Taken(found[0].get("Context", ""), found[0].get("Extension", ""), tuple(steps))


def steps_of(dialplan: str) -> dict[str, tuple[Step, ...]]:
    """The steps of a dialplan as :func:`dialer.ami.pbxconfig.dialplan` writes it, as the PBX shows them."""
    found: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for line in dialplan.splitlines():
        text = line.strip()
        if text.startswith("["):
            steps = found.setdefault(text.strip("[]"), [])
        elif text.startswith(("exten", "same")):
            call = text.partition("=>")[2].strip()
            if text.startswith("exten"):
                call = call.partition(",")[2]
            application, _, data = call.partition(",")[2].partition("(")
            steps.append(Step(len(steps) + 1, application, data.removesuffix(")").replace("\\;", ";")))
    return {context: tuple(each) for context, each in found.items()}
