"""Mistakes on the PBX, and in what the dialer is told of it: each is made on the rig's office and put right again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialer.demo.rig.rig import Rig
from tests.cli.check.place import Mistake, Place, well
from tests.cli.conftest import AGENTS, run_command

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]

RELOADED = {"manager.conf": "manager", "extensions.conf": "pbx_config", "cdr.conf": "cdr"}
MODULES = ("app_mixmonitor", "app_playback", "app_playtones", "app_userevent", "app_exec", "func_callerid")
HANGUP = "eventfilter(action(include),name(Hangup)) =\n"


@dataclass(frozen=True)
class Edit:
    """In a file of the office, ``old`` (a piece of it) becomes ``new``."""

    file: str
    old: str
    new: str = ""


@dataclass(frozen=True)
class Without:
    """The office without one of its modules."""

    module: str


def none(_: Place) -> None:
    """The mistake is on the PBX."""


def agent(extension: str) -> Callable[[Place], None]:
    """An agent with that phone is in the records."""

    def make(p: Place) -> None:
        (p.folder / "agents.csv").write_text(
            AGENTS.splitlines()[0] + f"\n1001,张三丰,{extension},A\n", encoding="utf-8"
        )
        p.named()  # writes the settings
        ran = run_command("--config", str(p.folder / "dialer.toml"), "agents", "import", str(p.folder / "agents.csv"))
        assert ran.code == 0, ran

    return make


def without_module(module: str) -> tuple[Mistake, Without]:
    """A row for one of the modules that the dialplan needs."""
    return Mistake(f"no {module}", none, "modules", module, f"module load {module}.so"), Without(f"{module}.so")


def template(value: str) -> Callable[[Place], None]:
    """A trunk of that template."""
    return lambda p: p.set("trunks", template=value)


def elsewhere(p: Place) -> None:
    """The settings name other folders than the loaded dialplan, and these are fit."""
    p.set("recordings", spool=str(p.folder / "spool"), done=str(p.folder / "done"))


def wrong_secret(p: Place) -> None:
    """Another than the PBX has."""
    (p.folder / "ami.secret").write_text("wrong")


LOAD = "dialplan reload"
MORE = "call,user,system,dialplan"
RIGHTS = "read = call,user,system\nwrite = originate,call,reporting\n"
OURS = "eventfilter(action(include),name(UserEvent),header(UserEvent),method(starts_with)) = Dialer"
NO_DIAL_END = "eventfilter(action(exclude),name(DialEnd)) =\n"
OUTSIDE = "Local/{number}@from-outside/n"


def rights(read: str = "call,user,system", write: str = "originate,call,reporting") -> Edit:
    """Other rights of the dialer's user."""
    return Edit("manager.conf", RIGHTS, f"read = {read}\nwrite = {write}\n")


ON_THE_PBX: tuple[tuple[Mistake, Edit | Without | None], ...] = (
    *map(without_module, MODULES),
    (Mistake("a filter is missing", none, "ami events", "Hangup", "eventfilter"), Edit("manager.conf", HANGUP)),
    (
        Mistake("a filter excludes", none, "ami events", "DialEnd", "eventfilter"),
        Edit("manager.conf", HANGUP, HANGUP + NO_DIAL_END),
    ),
    (Mistake("no filter for ours", none, "ami events", "UserEvent", "eventfilter"), Edit("manager.conf", OURS)),
    (Mistake("read lacks user", none, "ami events", "user", "read ="), rights(read="call,system")),
    (
        Mistake("read has more", none, "ami events", "dialplan", "read =", "warn"),
        rights(read="call,user,system,dialplan"),
    ),
    (Mistake("write lacks originate", none, "ami rights", "Originate", "write ="), rights(write="call,reporting")),
    (
        Mistake("write has more", none, "ami rights", "command", "write =", "warn"),
        rights(write="originate,call,reporting,command"),
    ),
    (
        Mistake("a short writetimeout", none, "ami link", "200 ms", "writetimeout = 5000", "warn"),
        Edit("manager.conf", RIGHTS, RIGHTS + "writetimeout = 200\n"),
    ),
    (
        Mistake("events without a time", none, "event times", "no timestamp", "timestampevents", "warn"),
        Edit("manager.conf", "timestampevents = yes", "timestampevents = no"),
    ),
    (
        Mistake("records without ids", none, "call records", "unique ids", "loguniqueid = yes", "warn"),
        Edit("cdr.conf", "loguniqueid = yes", "loguniqueid = no"),
    ),
    (
        Mistake("records of answers only", none, "call records", "unanswered", "unanswered = yes", "warn"),
        Edit("cdr.conf", "unanswered = yes", "unanswered = no"),
    ),
    (
        Mistake("no records", none, "call records", "writes none", "enable = yes", "warn"),
        Edit("cdr.conf", "enable = yes", "enable = no"),
    ),
    (
        Mistake("no context for tests", none, "dialplan", "dialer-test is missing", LOAD, "warn"),
        Edit("extensions.conf", "[dialer-test]", "[dialer-tests]"),
    ),
    (
        Mistake("no context for agents", none, "dialplan", "dialer-agent", LOAD),
        Edit("extensions.conf", "[dialer-agent]", "[dialer-agents]"),
    ),
    (
        Mistake("another dialplan", none, "dialplan", "differs", LOAD, "warn"),
        Edit("extensions.conf", "Playback(im-sorry", "Playback(vm-sorry"),
    ),
    (Mistake("another prefix", lambda p: p.set("pbx", prefix="calls"), "dialplan", "calls-connect", LOAD), None),
    (Mistake("recorded elsewhere", elsewhere, "dialplan", "does not record into", LOAD), None),
    (Mistake("a wrong secret", wrong_secret, "pbx", "refuses", "manager reload"), None),
    (Mistake("a wrong user", lambda p: p.set("pbx", username="dailer"), "pbx", "refuses", "manager reload"), None),
    (Mistake("a wrong port", lambda p: p.set("pbx", port=1), "pbx", "cannot connect", "enabled = yes"), None),
    (Mistake("no such trunk", template("PJSIP/{number}@carier"), "trunk t", "no endpoint", "pjsip.conf"), None),
    (Mistake("no such context", template(OUTSIDE), "trunk t", "no number", "outbound route"), None),
    (Mistake("no such phone", agent("PJSIP/8999"), "phones", "PJSIP/8999 (1001)", "dialer agents save"), None),
)


@asynccontextmanager
async def changed(rig: Rig, change: Edit | Without | None) -> AsyncIterator[None]:
    """The office with that mistake."""
    if change is None:
        yield
    elif isinstance(change, Without):
        async with rig.office.control() as ami:
            told = await ami.action("ModuleLoad", LoadType="unload", Module=change.module)
            assert told["Response"] == "Success", told
            try:
                yield
            finally:
                await ami.action("ModuleLoad", LoadType="load", Module=change.module)
    else:
        path = rig.office.folder / "etc" / change.file
        was = path.read_text(encoding="utf-8")
        assert was.count(change.old) == 1, change
        async with rig.office.control() as ami:
            path.write_text(was.replace(change.old, change.new), encoding="utf-8")
            try:
                await ami.action("Reload", Module=RELOADED[change.file])
                yield
            finally:
                path.write_text(was, encoding="utf-8")
                await ami.action("Reload", Module=RELOADED[change.file])


async def test_a_good_office_has_nothing_named(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an agent whose phone is there, and as the dialer's documents set it up."""
    place = well(tmp_path, monkeypatch, rig)
    await asyncio.to_thread(agent("PJSIP/8001"), place)
    assert await asyncio.to_thread(place.named) == {}


@pytest.mark.parametrize(("mistake", "change"), ON_THE_PBX, ids=[mistake.what for mistake, _ in ON_THE_PBX])
async def test_each_mistake_on_the_pbx_is_named(
    mistake: Mistake, change: Edit | Without | None, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cause and remedy of exactly this one, of modules, filters, rights, dialplan, records and phones."""
    place = well(tmp_path, monkeypatch, rig)
    await asyncio.to_thread(mistake.make, place)
    async with changed(rig, change):
        named = await asyncio.to_thread(place.named)
    assert named.keys() == {mistake.name}, named
    verdict, says, todo = named[mistake.name]
    assert (verdict, mistake.says in says, mistake.todo in todo) == (mistake.verdict, True, True), named
