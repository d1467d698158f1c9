"""What stands behind the HTTP routes, how each part says whether it is well, and the settings without their secrets."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog
from pydantic import BaseModel, SecretStr

from dialer import __version__
from dialer.ami.pbx import AsteriskPbx
from dialer.app.jobs import next_night
from dialer.app.parts import Parts
from dialer.app.supervisor import Supervisor
from dialer.campaign.messages import DefectFound
from dialer.errors import StoreError
from dialer.language import Language, Text
from dialer.lists.agents import dial_string
from dialer.notices.relay import Relay
from dialer.notices.wording import Wording
from dialer.phonetests.ports import PhoneTester
from dialer.phonetests.service import PhoneTests
from dialer.settings import Settings
from dialer.store.backups.files import OLD, age_of_newest
from dialer.store.records.marks import SqlMarkStore
from dialer.store.records.remarks import SqlRemarkStore
from dialer.store.records.sums import SqlReportStore
from dialer.store.records.ticks import SqlTickStore
from dialer.web.kit.config import WebConfig
from dialer.web.kit.health import lag_health
from dialer.web.kit.services import Counts, Health, LinkShown, Probe, Services, SettingShown

log = structlog.get_logger(__name__)

_LOW_DISK = 1 << 30
_FULL_DISK = 64 << 20


@asynccontextmanager
async def web(p: Parts, relay: Relay, pbx: AsteriskPbx, supervisor: Supervisor) -> AsyncIterator[str]:
    """Listen while inside; gives the address."""
    from dialer.web.server import Server  # and the pages, which a command without a service does not need

    settings = p.settings.web
    if settings.in_the_clear:
        log.warning(
            "web listens beyond this machine without TLS: passwords and tokens pass in the clear; set "
            "web.tls_certificate and web.tls_key, or listen on 127.0.0.1 behind a proxy with TLS",
            action="app.in_the_clear",
            host=settings.host,
        )

    def link() -> LinkShown:
        status, where = pbx.status, p.settings.pbx
        return LinkShown(f"{where.host}:{where.port}", str(status.state), status.error, status.lag_s)

    server = Server(
        services(p, pbx, resent=relay.wake, probes=probes(p, relay, supervisor), link=link), WebConfig(**dict(settings))
    )
    await server.start()
    try:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        scheme = "https" if settings.tls_certificate else "http"
        yield f"{scheme}://{host}:{server.port}"
    finally:
        await server.stop()


def services(
    p: Parts,
    tester: PhoneTester,
    *,
    resent: Callable[[], None] = lambda: None,
    probes: Sequence[Probe] = (),
    link: Callable[[], LinkShown] = LinkShown,
) -> Services:
    """The parts, as the routes take them; what is left out only a running service has."""

    async def counts() -> Counts:
        return Counts(notices=await p.figures.notices(), recordings=await p.figures.recordings())

    def word_notice(kind: str, body: Mapping[str, Any], language: Language) -> tuple[str, str]:
        wording = Wording(language, p.settings.zone)
        return wording.title(kind), wording.sentence(kind, body)

    return Services(
        engine=p.engine,
        clock=p.clock,
        zone=p.settings.zone,
        version=__version__,
        calls=p.call_store,
        recordings=p.recording_store,
        marks=SqlMarkStore(p.database),
        library=p.library,
        order_store=p.order_store,
        orders=p.orders,
        outbox=p.outbox,
        board=p.board,
        tokens=p.tokens,
        accounts=p.accounts,
        remarks=SqlRemarkStore(p.database),
        ticks=SqlTickStore(p.database),
        reports=SqlReportStore(p.database),
        phone_tests=PhoneTests(p.engine, tester, p.clock),
        read_visits=p.read_visits,
        read_agents=p.read_agents,
        normalise=p.plan.normalise,
        dial_string=lambda raw: dial_string(raw, p.engine.state.config.phones),
        reconcile=p.reconciler.run,
        calendar=p.figures.calendar,
        counts=counts,
        backups=p.backups,
        word_notice=word_notice,
        resent=resent,
        defect_found=lambda what: p.engine.post(DefectFound(by="dialer", what=what)),
        probes=probes,
        metrics=p.metrics,
        next_backup=lambda: next_night(p.clock.now(), p.settings.backup.at, p.settings.zone),
        link=link,
        settings=lambda: shown(p.settings),
    )


def probes(p: Parts, relay: Relay, supervisor: Supervisor) -> Sequence[Probe]:
    """One for each part beside the engine and the PBX, of which the web knows itself."""

    async def database() -> Health:
        await p.figures.notices()
        return Health("database", "ok", Text("answers"))

    async def disk() -> Health:
        free = (await asyncio.to_thread(shutil.disk_usage, p.settings.data)).free
        room = f"{free / (1 << 30):.1f} GiB" if free >= _LOW_DISK else f"{free >> 20} MiB"
        said = Text("{room} free", room=room)
        if free >= _LOW_DISK:
            return Health("disk", "ok", said)
        level: Literal["degraded", "failed"] = "degraded" if free >= _FULL_DISK else "failed"
        return Health("disk", level, said, Text("make room on the disk of {folder}", folder=p.settings.data))

    async def recordings() -> Health:
        status = p.ingester.status()
        if status.problems:
            problems = " ".join(status.problems)
            return Health("recordings", "degraded", problems, Text("recordings wait where they are"))
        said = Text(
            "{taken} taken in, {waiting} waiting, {orphaned} strays",
            taken=status.taken,
            waiting=status.waiting,
            orphaned=status.orphans,
        )
        return Health("recordings", "ok", said)

    async def notices() -> Health:
        status = relay.status()
        if status.failing_since is not None:
            advice = Text("check the platform's address and secret; notices are kept and sent again")
            return Health("notices", "degraded", status.last_error, advice)
        return Health("notices", "ok", Text("{count} delivered since the start", count=status.delivered))

    async def parts() -> Health:
        died = supervisor.died()
        if not died:
            return Health("parts", "ok", Text("all of them run"))
        told = "; ".join(f"{name}: {why}" for name, why in died.items())
        advice = Text("a part that died is started again by itself; if it lasts, report it with what the log says")
        return Health("parts", "degraded", told, advice)

    return (database, disk, recordings, notices, parts, partial(backup_health, p), partial(lag_health, p.metrics.lag))


async def backup_health(p: Parts) -> Health:
    """How the backups are: the last one failed, or it is old, or all is well."""
    if p.backups.problem:
        advice = Text(
            "check that {folder} can be written and its disk has room, then back up now", folder=p.backups.folder
        )
        return Health("backup", "degraded", p.backups.problem, advice)
    try:
        newest, age = age_of_newest(await p.backups.known(), p.clock.now())
    except StoreError as error:
        advice = Text(
            "give {folder} and what is in it back to the user of the service: chown -R dialer {folder}",
            folder=p.backups.folder,
        )
        return Health("backup", "degraded", str(error), advice)
    if newest is None:
        return Health("backup", "ok", Text("none has been made yet"))
    said = Text("the last one is of {at}", at=f"{newest.made_at.astimezone(p.settings.zone):%Y-%m-%d %H:%M}")
    if age > OLD:
        return Health("backup", "degraded", said, Text("back up now, and look into the log for the night"))
    return Health("backup", "ok", said)


def shown(settings: Settings, environ: Mapping[str, str] = os.environ) -> tuple[SettingShown, ...]:
    """Every setting in the order of the file. A secret is only said to be there or not."""
    names = {name.upper() for name in environ}
    return tuple(_walk(settings, "", "DIALER_", names, given=True))


def _walk(section: BaseModel, path: str, env: str, names: set[str], *, given: bool) -> Iterator[SettingShown]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        is_given = given and name in section.model_fields_set
        where, variable = f"{path}{name}", f"{env}{name}".upper()
        if isinstance(value, BaseModel):
            inner = {variable + "__"} if variable in names else set()
            yield from _walk(value, f"{where}.", f"{variable}__", names | inner, given=is_given)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            for number, each in enumerate(value, start=1):
                yield from _walk(each, f"{where}[{number}].", f"{variable}__", names, given=is_given)
        else:
            yield SettingShown(where, _plain(value), _source(variable, env, names, is_given))


def _source(variable: str, section: str, names: set[str], is_given: bool) -> Literal["default", "file", "environment"]:
    if not is_given:
        return "default"
    return "environment" if variable in names or section in names else "file"


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    if isinstance(value, SecretStr):
        return "•••" if value.get_secret_value() else ""
    if isinstance(value, tuple | list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(each)}" for key, each in value.items())
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _without_credentials(text) if "://" in text else text


def _without_credentials(url: str) -> str:
    """A name, password or token in an address is a secret too."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + ("?•••" if parts.query else "")
