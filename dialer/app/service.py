"""One running service, built from top to bottom."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

import structlog
from pydantic import SecretStr

from dialer.ami.lease import owner_of
from dialer.ami.pbx import AsteriskPbx
from dialer.app import systemd
from dialer.app.jobs import day_scheduler, ended_conversations, link_orders, seed_calendar
from dialer.app.parts import Parts, alarm_sink, parts, ready, running
from dialer.app.supervisor import Supervisor
from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.link import MAIN_PBX, owner_flag
from dialer.clock import Clock, SystemClock
from dialer.errors import SettingsError
from dialer.notices.board import BoardSender
from dialer.notices.relay import Relay, Sender
from dialer.notices.senders import AppriseSender, Route, Router
from dialer.notices.wording import Wording
from dialer.people.tokens import digest_of, new_token
from dialer.settings import Settings
from dialer.store.records.board import SqlBoard

log = structlog.get_logger(__name__)

_TURN_S = 0.0005  # of a thread before it makes room: the loop waits for as many turns as there are threads at work
# A look at all that is young, at what grew older, at everything: the last holds everything up for a tenth of a second
# where lists and reports are being made, and is the night's work.
_COLLECTED = (2_000, 10, 10_000)
_OWNED_S = 5.0  # of waiting for another service that has the database; a command is waited for until it is over
_FIND_S = 0.5  # of waiting for a PBX that may not answer, before the start goes on


@dataclass(frozen=True, slots=True)
class Service:
    """A running service: its parts, the link, the relay, what keeps parts alive, and where it listens."""

    parts: Parts
    pbx: AsteriskPbx
    relay: Relay
    supervisor: Supervisor
    url: str


async def serve(
    settings: Settings, *, clock: Clock | None = None, started: Callable[[Service], None] | None = None
) -> None:
    """Run until SIGTERM, SIGINT or cancellation, or until the engine dies (then its error is raised)."""
    sys.setswitchinterval(_TURN_S)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    usual = gc.get_threshold()
    gc.disable()  # the start makes a million objects that stay; the collector would walk through them again and again
    try:
        async with service(settings, clock or SystemClock()) as (built, tasks):
            gc.freeze()  # nor need it later: with 100,000 visits it holds everything up for a tenth of a second
            gc.set_threshold(*_COLLECTED)
            gc.enable()
            systemd.tell(systemd.READY)
            if started is not None:
                started(built)
            stopping = asyncio.create_task(stop.wait(), name="stop-signal")
            done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            systemd.tell(systemd.STOPPING)
            stopping.cancel()
            for task in done - {stopping}:
                log.critical("a part died; the service stops", action="app.part_died", part=task.get_name())
                task.result()
    finally:
        gc.set_threshold(*usual)
        gc.enable()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


@asynccontextmanager
async def service(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Service, Sequence[asyncio.Task[None]]]]:
    """Everything, running. The tasks are for the caller to watch: one that ends is a part that died."""
    ami = settings.ami()
    if not settings.trunks:
        raise SettingsError("trunks: there is no trunk, so nobody could be called; add a [[trunks]] section")
    async with parts(settings, clock, _OWNED_S, _waiting) as p, AsyncExitStack() as stack:
        await seed_calendar(p)
        relay = Relay(
            p.outbox,
            platform(settings, p.board, clock, stack),
            clock,
            settings.platform.policy(),
            alarm_sink(p.engine),
        )
        last = await p.day_store.flag(owner_flag(MAIN_PBX))
        owner = owner_of(p.database.installation, settings.database, last)
        pbx = AsteriskPbx(ami, p.engine.post, clock, owner=owner)
        p.engine.on_committed(lambda changes, _: relay.wake() if changes.notices else None)
        p.engine.on_committed(p.metrics.committed)
        ended = ended_conversations(p)
        p.engine.hold()
        engine = await stack.enter_async_context(running(p.engine.run({MAIN_PBX: pbx}), "engine"))
        stack.push_async_callback(pbx.stop)
        await ready(p.engine, engine)
        # The pages and all that they stand on are a third of what there is to import. The calls that are up come first,
        # unless the PBX keeps us waiting; the engine and the database would share the interpreter with the import.
        with suppress(TimeoutError):
            await asyncio.wait_for(p.engine.found(), _FIND_S)
        await asyncio.to_thread(import_module, "dialer.web.server")
        from dialer.app.http import web

        supervisor = Supervisor(alarm_sink(p.engine))
        tasks = [engine]
        for name, work in (
            ("relay", relay.run),
            ("ingester", p.ingester.run),
            ("orders", partial(link_orders, p, ended)),
        ):
            tasks.append(await stack.enter_async_context(running(supervisor.keep(name, work), name)))
        scheduler = day_scheduler(p)
        scheduler.start()
        stack.callback(scheduler.shutdown, wait=False)
        url = await stack.enter_async_context(web(p, relay, pbx, supervisor))
        await local_token(p)
        stack.enter_context(_announced(settings, url))
        p.engine.release()
        log.info("the dialer is running", action="app.running", url=url, data=str(settings.data))
        yield Service(p, pbx, relay, supervisor, url), tasks


def _waiting(why: str) -> None:
    log.warning("the start waits for the database", action="app.waiting", why=why)
    systemd.tell(f"STATUS={why}")


def platform(settings: Settings, board: SqlBoard, clock: Clock, stack: AsyncExitStack) -> Sender:
    """Who gets the notices: the platform, or the built-in board; alarms by Apprise as well."""
    routes: dict[str, Route] = {}
    if settings.platform.url:
        from dialer.notices.webhook import WebhookSender

        secret = SecretStr(settings.platform_secret())
        webhook = WebhookSender(settings.platform.model_copy(update={"secret": secret}), clock)
        stack.push_async_callback(webhook.close)
        routes["platform"] = Route(webhook)
    else:
        routes["board"] = Route(BoardSender(board, clock))
    wording = Wording(settings.web.language, settings.zone)
    for place, address in enumerate(settings.platform.alarm_addresses, 1):
        sender = AppriseSender(address.get_secret_value(), wording, place)
        routes[f"alarms-{place}"] = Route(
            sender, frozenset({NoticeKind.ALARM, NoticeKind.ALARM_OVER, NoticeKind.LATE_START})
        )
    return Router(routes)


async def local_token(p: Parts) -> None:
    """See to it that ``cli.token`` has a valid token for the command line on this machine; only its hash is stored."""
    from dialer.web.kit.access.tokens import LOCAL_TOKEN, Scope

    file = p.settings.data / "cli.token"
    try:
        if await p.tokens.token(digest_of(file.read_text())):
            return
    except FileNotFoundError:
        pass  # the first start
    secret, its_digest = new_token()
    if any(name == LOCAL_TOKEN and not revoked for name, _, _, revoked in await p.tokens.tokens()):
        await p.tokens.revoke_token(LOCAL_TOKEN, p.clock.now())
    await p.tokens.save_token(LOCAL_TOKEN, its_digest, tuple(Scope), p.clock.now())
    _write_private(file, secret)


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    part.replace(file)


@contextmanager
def _announced(settings: Settings, url: str) -> Iterator[None]:
    """Tell the command line where the service is, and by which certificate to know it, in ``service.json``."""
    where, certificate = settings.data / "service.json", settings.web.tls_certificate
    told = {"url": url, "pid": os.getpid(), "certificate": str(certificate.absolute()) if certificate else ""}
    _write_private(where, json.dumps(told))
    try:
        yield
    finally:
        where.unlink(missing_ok=True)
