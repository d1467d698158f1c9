"""What needs no token: health, metrics, the document, the status page. None of it names a customer."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from prometheus_client.parser import text_string_to_metric_families
from schemathesis.core.result import Ok

from dialer.errors import StoreUnavailable
from dialer.language import Text
from dialer.notices.outbox import NoticeState
from dialer.web.kit.api.openapi import document
from dialer.web.kit.config import WebConfig
from dialer.web.kit.services import Counts, Health, Services
from dialer.web.parts import ROUTES
from tests.web.system import CLOCK, Json, System, open_system


async def text_of(system: System, path: str, status: int = 200) -> str:
    """A page as text."""
    async with system.http.get(path) as response:
        assert response.status == status
        return await response.text()


async def metrics_of(system: System) -> dict[tuple[str, str], float]:
    """(name, label value) -> value."""
    families = text_string_to_metric_families(await text_of(system, "/metrics"))
    return {(s.name, next(iter(s.labels.values()), "")): s.value for family in families for s in family.samples}


async def test_live_and_ready(system: System) -> None:
    """Ready names every part; without a link it says so, with what to do about it, and 503."""
    assert (await system.ask("GET", "/health/live", token=None))["status"] == "alive"
    ready = await system.ask("GET", "/health/ready", token=None)
    assert ready["ready"] is True
    assert [part["part"] for part in ready["parts"]] == ["engine", "pbx"]
    system.pbx.cut()
    await system.until(lambda: not system.engine.state.link_up)
    lost = await system.ask("GET", "/health/ready", token=None, status=503)
    assert (lost["parts"][1]["level"], "manager.conf" in lost["parts"][1]["advice"]) == ("failed", True)


async def test_ready_asks_the_probes(folder: Path) -> None:
    """A probe that fails, breaks or hangs is a part that has failed; a degraded one is not."""

    async def disk() -> Health:
        return Health("disk", "degraded", "1 GB left", Text("look into the log"))

    async def broken() -> Health:
        raise ValueError("defect")

    async def hanging() -> Health:
        await asyncio.Event().wait()
        raise AssertionError

    conf = WebConfig(probe_s=0.05)
    async with open_system(folder, conf=conf, probes=(disk,)) as system:
        assert (await system.ask("GET", "/health/ready", token=None))["parts"][2]["advice"] == "look into the log"
    (folder / "dialer.sqlite3").unlink()
    async with open_system(folder, conf=conf, probes=(disk, broken, hanging)) as system:
        parts = (await system.ask("GET", "/health/ready", token=None, status=503))["parts"]
        assert [(part["part"], part["level"]) for part in parts[2:]] == [
            ("disk", "degraded"),
            ("broken", "failed"),
            ("hanging", "failed"),
        ]


async def test_metrics_count_the_day(system: System) -> None:
    """Gauges of the day, counters of what was committed, the time of commits, what is in the books."""
    attempt = await system.conversation()
    await system.record(attempt)
    now = await metrics_of(system)
    assert now["dialer_visits", "calling"] == 1
    assert now["dialer_agents", "on_call"] == 1
    assert (now["dialer_calls", ""], now["dialer_link_up", ""], now["dialer_trunk_calls", "trunk"]) == (1, 1, 1)
    assert now["dialer_recordings", "kept"] == 1
    assert now["dialer_notices", "pending"] == 0
    assert now["dialer_commit_seconds_count", ""] >= 3
    await system.finish(attempt)
    then = await metrics_of(system)
    assert then["dialer_attempts_total", "connected"] == 1
    assert then["dialer_attempts_placed_total", ""] == 1
    assert (then["dialer_calls", ""], then["dialer_visits", "reached"]) == (0, 1)
    assert not any("C0001" in "".join(key) for key in then)


async def test_metrics_go_on_without_the_books(folder: Path) -> None:
    """When the books cannot be counted the other numbers are there all the same."""

    async def counts() -> Counts:
        raise StoreUnavailable

    async with open_system(folder, counts=counts) as system:
        assert (await metrics_of(system))["dialer_link_up", ""] == 1


async def test_before_the_day_is_loaded(folder: Path) -> None:
    """While the engine starts nothing breaks: 503 with Retry-After, and a page that says so."""
    from dialer.campaign.engine import Engine

    async with open_system(folder) as system:
        state, system.engine._state = system.engine._state, None
        async with system.http.get("/api/v1/progress", headers=bearer(system)) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "1")
        assert "请稍候" in await text_of(system, "/status")
        assert "dialer_link_up 0.0" in await text_of(system, "/metrics")
        assert (await system.ask("GET", "/health/ready", token=None, status=503))["parts"][0]["level"] == "failed"
        system.engine._state = state
        assert isinstance(system.engine, Engine)


def bearer(system: System) -> dict[str, str]:
    """The header of a token with every scope."""
    return {"Authorization": f"Bearer {system.tokens['all']}"}


FILES = ("icon.svg", "app.css", "dark.css", "status.css")
LINKS = {"?lang=en", "?lang=zh", "/", *(f"/static/{name}" for name in FILES)}


async def test_the_status_page(folder: Path) -> None:
    """Chinese, or English on request; numbers, agents, alarms and the rehearsal banner; no customer, no script."""
    async with open_system(folder, gap_s=5) as system:
        await system.conversation("C0001", "13904700000")
        await system.ask("PUT", "/agents/002", json={"name": "<b>李强</b>", "extension": "8002"})
        async with system.http.get("/status") as response:
            policy = response.headers["Content-Security-Policy"]
            chinese = await response.text()
        assert "default-src 'none'" in policy
        assert 'lang="zh-CN"' in chinese
        assert "演练模式" in chinese
        assert "王芳" in chinese
        assert "&lt;b&gt;李强" in chinese
        assert "通话中" in chinese
        english = await text_of(system, "/status?lang=en")
        assert "Rehearsal" in english
        assert "On a call" in english
        system.pbx.cut()
        await system.until(lambda: system.engine.state.alarms)
        assert "The link to the PBX is lost" in await text_of(system, "/status?lang=en")
        for page in (chinese, english):
            assert not re.search(r"<script|C0001|惠民店|1390470", page)
            assert set(re.findall(r"(?:src|href)=\"([^\"]*)", page)) <= LINKS


@pytest.mark.parametrize(
    ("change", "words"),
    [("paused", "拨打已暂停"), ("", "正在拨打")],
)
async def test_the_page_says_what_is_going_on(system: System, change: str, words: str) -> None:
    """Paused or calling; without a shorter gap there is no banner."""
    if change:
        await system.ask("POST", "/campaign/pause", json={}, status=204)
    await system.agent()
    page = await text_of(system, "/status")
    assert words in page
    assert "演练" not in page


def refs(node: Json) -> list[str]:
    """Every reference in a JSON document."""
    if isinstance(node, dict):
        mine = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return [*mine, *(ref for value in node.values() for ref in refs(value))]
    return [ref for value in node for ref in refs(value)] if isinstance(node, list) else []


async def test_the_document_is_served(system: System) -> None:
    """The document is what the table gives; no page from a CDN comes with it."""
    served = await system.ask("GET", "/openapi.json", token=None)
    assert served == document(ROUTES, "0.0")
    assert "cdn" not in str(served).lower()


def test_the_document_is_whole() -> None:
    """Every route is in it, with each parameter of its path; every reference leads somewhere; ids are unique."""
    made = document(ROUTES, "1")
    operations = {}
    for route in ROUTES:
        operation = made["paths"][f"/api/v1{route.path}"][route.method.lower()]
        operations[operation["operationId"]] = operation
        in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert in_path == set(route.in_path)
        assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
        assert {"401", "403", "422", "503"} <= set(operation["responses"])
        assert str(route.status) in operation["responses"]
    assert len(operations) == len(ROUTES)
    for ref in refs(made):
        node: Any = made
        for part in ref.removeprefix("#/").split("/"):
            node = node[part]


def test_schemathesis_reads_the_document() -> None:
    """A foreign tool understands every operation of it."""
    schema = schemathesis.openapi.from_dict(document(ROUTES, "1"))
    read = list(schema.get_all_operations())
    assert all(isinstance(result, Ok) for result in read)
    assert len(read) == len(ROUTES) + 5


async def test_counts_have_a_state_for_each_notice(system: System) -> None:
    """Nothing to count is 0, not absent."""
    services: Services = system.services
    assert set((await services.counts()).notices) <= set(NoticeState)
    assert CLOCK.now().tzinfo is not None


async def test_agents_whose_phones_are_none_are_named(system: System) -> None:
    """Of records from before phones had forms: health says whose they are, as long as it is so."""
    await system.agent(ready=False)
    system.engine.state.put_on_phone(system.engine.state.agents["001"], "Local/s@evil")
    parts = {part["part"]: part for part in (await system.ask("GET", "/health/ready", token=None))["parts"]}
    assert parts["phones"]["level"] == "degraded"
    assert "001 (Local/s@evil)" in str(parts["phones"])
    await system.agent(ready=False)
    parts = {part["part"]: part for part in (await system.ask("GET", "/health/ready", token=None))["parts"]}
    assert "phones" not in parts
