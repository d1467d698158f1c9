"""Marks on recordings through the API."""

from __future__ import annotations

from tests.web.system import System


async def test_a_mark_is_written_listed_and_removed(system: System) -> None:
    """With its position, by the name of who asks; a note without a position comes first."""
    attempt = await system.conversation()
    await system.record(attempt)
    path = f"/recordings/{attempt}/marks"
    mark = await system.ask("POST", path, json={"position_s": 1.5, "text": " 数量没有复述 "}, status=201)
    note = await system.ask("POST", path, json={"text": "ok"}, status=201)
    assert (mark["position_s"], mark["text"], mark["by"]) == (1.5, "数量没有复述", "all")
    assert await system.ask("GET", path) == [note, mark]
    await system.ask("DELETE", f"{path}/{mark['id']}", status=404, token="recordings")
    await system.ask("DELETE", f"{path}/{mark['id']}", status=204)
    assert await system.ask("GET", path) == [note]


async def test_what_cannot_be_marked(system: System) -> None:
    """A call without a recording, a note without a word, a time before the start."""
    attempt = await system.conversation()
    path = f"/recordings/{attempt}/marks"
    await system.ask("POST", path, json={"position_s": 1}, status=404)
    await system.record(attempt)
    await system.ask("POST", path, json={"text": " "}, status=422)
    await system.ask("POST", path, json={"position_s": -1}, status=422)


async def test_recordings_are_found_by_what_people_remember(system: System) -> None:
    """A part of a name, the length, the hold."""
    attempt = await system.conversation()
    await system.record(attempt)
    for query, count in (
        ("text=惠民", 1),
        ("text=没有", 0),
        ("shortest_s=2&longest_s=2&hold=false", 1),
        ("hold=true", 0),
    ):
        assert len(await system.ask("GET", f"/recordings?{query}")) == count, query
