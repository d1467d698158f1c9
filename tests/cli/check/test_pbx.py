"""Mistakes on the PBX, and in what the dialer is told of it: each is made on the rig's office and put right again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dialer.ami.check.facts import PbxFacts, look
from dialer.app.database import known_of
from dialer.demo.rig.office import DESK_PHONES
from dialer.demo.rig.rig import Rig
from dialer.settings import load
from tests.cli.check.place import Mistake, Place, well
from tests.cli.conftest import AGENTS, run_command
from tests.kit import offices

pytestmark = pytest.mark.pbx

RELOADED = {"manager.conf": "manager", "extensions.conf": "pbx_config", "cdr.conf": "cdr", "pjsip.conf": "res_pjsip"}
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


@dataclass(frozen=True)
class With:
    """The office with one more of Asterisk's modules."""

    module: str


Change = Edit | Without | With
TELLS_ENDPOINTS = With("func_pjsip_endpoint.so")
"""By which a PBX tells how its endpoints are set."""
PAST_US = "redirect_method = uri_core\n"
UNREGISTERED = f"PJSIP/{DESK_PHONES[0]}"


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


def two_on_one_phone(p: Place) -> None:
    """An older version let two agents have one phone; its database is still there."""
    agent("PJSIP/8001")(p)
    (p.folder / "more.csv").write_text(AGENTS.splitlines()[0] + "\n1002,李四,PJSIP/8002,A\n", encoding="utf-8")
    ran = run_command("--config", str(p.folder / "dialer.toml"), "agents", "import", str(p.folder / "more.csv"))
    assert ran.code == 0, ran
    with closing(sqlite3.connect(p.folder / "data/dialer.sqlite3")) as db:
        db.execute("UPDATE agents SET extension = 'PJSIP/8001'")
        db.commit()


def version(told: str) -> Callable[[Place], None]:
    """The PBX is of another version."""

    async def other(*args: object, **more: object) -> PbxFacts:
        return replace(await look(*args, **more), version=told)  # type: ignore[arg-type]  # as it came

    return lambda p: p.patch.setattr("dialer.cli.pbx.check.look", other)


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


ON_THE_PBX: tuple[tuple[Mistake, Change | tuple[Change, ...] | None], ...] = (
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
    (
        Mistake("an unregistered phone", agent(UNREGISTERED), "phones", "not registered", "registration", "warn"),
        None,
    ),
    (Mistake("two on one phone", two_on_one_phone, "phones", "1001, 1002", "dialer agents save"), None),
    (
        Mistake(
            "silence ends no call",
            agent(UNREGISTERED),
            "rtp timeout",
            DESK_PHONES[0],
            "rtp_timeout = 30",
            "warn",
            frozenset({"phones"}),
        ),
        (TELLS_ENDPOINTS,),
    ),
    (
        Mistake("redirections past us", none, "trunk t", "(302)", "uri_pjsip", "warn"),
        (TELLS_ENDPOINTS, Edit("pjsip.conf", "[carrier]\ntype = endpoint\n", "[carrier]\ntype = endpoint\n" + PAST_US)),
    ),
    (Mistake("a route with a PIN", template(offices.PIN), "trunk t", "answers by itself", "PIN"), None),
    (Mistake("a route to nobody", template(offices.CATCH_ALL), "trunk t", "dials nobody", "outbound route"), None),
    (Mistake("a route of two", template(offices.TWO_TRUNKS), "trunk t", "second trunk", "[[trunks]]"), None),
    (Mistake("no TechCause", version("22.6.1"), "version", "SIP answer", "22.7", "warn"), None),
    (Mistake("no stereo", version("16.28.0"), "version", "not stereo", "Asterisk 20.11"), None),
    (
        Mistake("a journal by another zone", none, "clock", "+28800 s", LOAD, also=frozenset({"dialplan"})),
        Edit("extensions.conf", "end=${STRFTIME(,UTC,", "end=${STRFTIME(,Asia/Shanghai,"),
    ),
)


@asynccontextmanager
async def changed(rig: Rig, change: Change) -> AsyncIterator[None]:
    """The office with that mistake."""
    if isinstance(change, Without | With):
        do, undo = ("unload", "load") if isinstance(change, Without) else ("load", "unload")
        async with rig.office.control() as ami:
            told = await ami.action("ModuleLoad", LoadType=do, Module=change.module)
            assert told["Response"] == "Success", told
            try:
                yield
            finally:
                await ami.action("ModuleLoad", LoadType=undo, Module=change.module)
    else:
        path = rig.office.folder / "etc" / change.file
        was = path.read_text(encoding="utf-8")
        assert change.old in was, change
        async with rig.office.control() as ami:
            path.write_text(
                was.replace(change.old, change.new, 1), encoding="utf-8"
            )  # of our own prefix, which comes first
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


async def test_whose_the_pbx_is(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 10, D7: another dialer's with a copy of these records, with what to do; or this one's."""
    place = well(tmp_path, monkeypatch, rig)
    await asyncio.to_thread(agent("PJSIP/8001"), place)
    assert await asyncio.to_thread(place.named) == {}
    _, owner = await known_of(load(tmp_path / "dialer.toml"))
    for sign, verdict in (("0123 production", "fail"), (owner.sign, None)):
        async with rig.office.control() as ami:
            await ami.action("Setvar", Variable=owner.variable("dialer"), Value=sign)
        named = await asyncio.to_thread(place.named)
        assert named.keys() == ({"owner of the PBX"} if verdict else set())
        if verdict:
            told, text, todo = named["owner of the PBX"]
            assert (told, "production" in text, "dialer campaign take-over" in todo) == (verdict, True, True)


@pytest.mark.parametrize(("mistake", "change"), ON_THE_PBX, ids=[mistake.what for mistake, _ in ON_THE_PBX])
async def test_each_mistake_on_the_pbx_is_named(
    mistake: Mistake,
    change: Change | tuple[Change, ...] | None,
    rig: Rig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cause and remedy of exactly this one, of modules, filters, rights, dialplan, records and phones."""
    place = well(tmp_path, monkeypatch, rig)
    await asyncio.to_thread(mistake.make, place)
    async with AsyncExitStack() as office:
        for each in change if isinstance(change, tuple) else (change,) if change else ():
            await office.enter_async_context(changed(rig, each))
        named = await asyncio.to_thread(place.named)
    assert named.keys() == {mistake.name, *mistake.also}, named
    verdict, says, todo = named[mistake.name]
    assert (verdict, mistake.says in says, mistake.todo in todo) == (mistake.verdict, True, True), named
