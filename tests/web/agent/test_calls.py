"""Agents, attempts, orders and the campaign over HTTP."""

from __future__ import annotations

from datetime import timedelta

from tests.web.system import CLOCK, System


async def test_agents_come_by_list_and_by_hand(system: System) -> None:
    """A list of agents is taken whole or refused with every problem; one agent can be changed alone."""
    text = "工号,姓名,分机,班组\n001,王芳,8001,一班\n002,李强,PJSIP/8002,一班\n"
    saved = await system.ask("POST", "/agents/import", data=text.encode(), params={"filename": "agents.csv"})
    assert saved == {"saved": ["001", "002"], "problems": []}
    refused = await system.ask("POST", "/agents/import", data=text.replace("8001", "a&b").encode(), status=422)
    skipped = await system.ask(
        "POST", "/agents/import", data=text.replace("8001", "a&b").encode(), params={"skip_bad": "true"}
    )
    assert skipped == {"saved": ["002"], "problems": refused["problems"]}
    assert [(each["row"], each["value"]) for each in refused["problems"]] == [(2, "a&b")]
    await system.ask("POST", "/agents/import", data=b"", status=422)
    changed = await system.ask("PUT", "/agents/002", json={"name": "李强", "extension": "8009", "team": "二班"})
    assert (changed["extension"], changed["team"]) == ("PJSIP/8009", "二班")
    for evil in (
        "PJSIP/1&Local/2",
        "Local/s@evil",
        "PJSIP/13904700001@trunk",
        "13904700001",
        "trunk",
        "AudioSocket/x:1/y",
    ):
        assert "话机" in (await system.ask("PUT", "/agents/002", json={"extension": evil}, status=422))["message"]
        await system.ask("POST", "/agents/import", data=f"工号,分机\n002,{evil}".encode(), status=422)
        await system.ask("POST", "/test-calls", json={"extension": evil}, status=422)
    await system.ask("PUT", "/agents/a%20b", json={"extension": "8001"}, status=422)
    assert [agent["number"] for agent in await system.ask("GET", "/agents")] == ["001", "002"]


async def test_an_agent_says_what_they_do(system: System) -> None:
    """Ready, pause with a reason, sign-out; only these can be asked for."""
    await system.agent(ready=False)
    paused = await system.ask("PUT", "/agents/001/presence", json={"presence": "paused", "reason": "tea"})
    assert (paused["presence"], paused["reason"]) == ("paused", "tea")
    assert (await system.ask("GET", "/agents/001/presence"))["presence"] == "paused"
    wrong = await system.ask("PUT", "/agents/001/presence", json={"presence": "on_call"}, status=422)
    assert wrong["problems"][0]["where"] == "body.presence"
    await system.ask("GET", "/agents/777/presence", status=404)


async def test_the_card_is_there_before_the_first_word(system: System) -> None:
    """While a customer is called the agent's card shows who it is; in wrap-up it still does; then it is empty."""
    await system.agent(ready=False)
    assert (await system.ask("GET", "/agents/001/current"))["customer"] is None
    attempt = await system.conversation()
    card = await system.ask("GET", "/agents/001/current")
    assert card["customer"]["shop_name"] == "惠民店"
    assert card["attempt"]["id"] == attempt
    assert card["agent"]["presence"] == "on_call"
    assert card["earlier"] == []
    await system.finish(attempt)
    wrap_up = await system.ask("GET", "/agents/001/current")
    assert (wrap_up["agent"]["presence"], wrap_up["attempt"]["id"]) == ("wrap_up", attempt)
    await system.ask("PUT", "/agents/001/presence", json={"presence": "ready"})
    assert (await system.ask("GET", "/agents/001/current"))["attempt"] is None


async def test_the_result_of_a_conversation(system: System) -> None:
    """The agent's result is kept; what a result needs is asked for; a call that was no conversation has none."""
    attempt = await system.conversation()
    path = f"/attempts/{attempt}/disposition"
    await system.ask("PUT", path, json={"result": "ordered"}, status=422)
    await system.ask("PUT", path, json={"result": "later", "at": "2020-01-01T00:00Z"}, status=422)
    await system.ask("PUT", path, json={"result": "nonsense"}, status=422)
    done = await system.ask("PUT", path, json={"result": "ordered", "order": "D-1", "quantity": "30", "amount": "4500"})
    assert done["result"] == "ordered"
    await system.finish(attempt)
    seen = await system.ask("GET", f"/attempts/{attempt}")
    assert (seen["disposition"], seen["result"]) == ("connected", "ordered")
    assert seen["evidence"]["connected"] is True
    order = await system.ask("GET", "/orders/D-1")
    assert (order["attempt"], order["quantity"]) == (attempt, "30")
    assert [call["attempt"]["id"] for call in order["calls"]] == [attempt]
    later = await system.ask("PUT", path, json={"result": "later", "at": "25:00"}, status=422)
    assert "25:00" in later["message"]
    await system.ask("PUT", "/attempts/none/disposition", json={"result": "refused"}, status=404)
    await system.ask("PUT", "/attempts/none/disposition", json={"result": "later", "at": "10:30"}, status=404)
    await system.ask("GET", "/attempts/none", status=404)
    await system.ask("POST", "/attempts/none/hang-up", status=404)


async def test_orders_are_linked_or_left_open(system: System) -> None:
    """By the call's id, by customer and time, or left open until a person decides."""
    attempt = await system.conversation()
    linked = await system.ask("POST", "/orders", json={"number": "A-1", "attempt": attempt}, token="orders")
    assert (linked["customer"], linked["attempt"], linked["by"]) == ("C0001", attempt, "orders")
    by_time = await system.ask("POST", "/orders", json={"number": "A-2", "customer": "C0001"})
    assert by_time["attempt"] == attempt
    assert await system.ask("POST", "/orders", json={"number": "A-2", "customer": "C0001"}) == by_time
    old = (CLOCK.now() - timedelta(days=1)).isoformat()
    left = await system.ask("POST", "/orders", json={"number": "A-3", "customer": "C0001", "at": old})
    assert (left["attempt"], left["open_question"]) == (None, "no call known")
    assert [order["number"] for order in await system.ask("GET", "/orders", params={"open": "true"})] == ["A-3"]
    decided = await system.ask("POST", "/orders/A-3/resolve", json={"attempt": attempt})
    assert decided["attempt"] == attempt
    assert await system.ask("GET", "/orders") == []
    await system.ask("POST", "/orders", json={"number": "A-1", "customer": "C0002"}, status=409)
    await system.ask("POST", "/orders", json={"number": "A-4"}, status=422)
    await system.ask("POST", "/orders", json={"number": "A-4", "attempt": "none"}, status=404)
    await system.ask("POST", "/orders", json={"number": "A-4", "at": "2026-11-23T10:00:00"}, status=422)
    await system.ask("GET", "/orders/none", status=404)
    await system.ask("GET", "/orders", params={"open": "false"}, status=422)


async def test_pause_resume_and_late_start(system: System) -> None:
    """A pause holds every new call and says who; a late start is told once."""
    await system.ask("POST", "/campaign/late-start", json={"text": "停电"}, status=409)
    await system.ask("POST", "/campaign/pause", json={"reason": "meeting"}, status=204)
    await system.agent()
    await system.import_rows("C0001,惠民店,13904700000,001,城区营销部")
    assert (await system.ask("GET", "/customers/C0001/why"))["code"] == "paused"
    seen = await system.ask("GET", "/progress")
    assert (seen["paused"], seen["dialling"], seen["never_called"]) == ("all: meeting", False, 1)
    await system.ask("POST", "/campaign/late-start", json={"text": "停电"}, status=204)
    await system.ask("POST", "/campaign/late-start", json={}, status=409)
    await system.ask("POST", "/campaign/resume", status=204)
    await system.until(lambda: system.attempts)
    seen = await system.ask("GET", "/progress")
    assert seen["visits"] == {"calling": 1}
    assert seen["calls"][0]["customer"] == "C0001"
    assert seen["agents"][0]["customer"] == "C0001"
    assert seen["trunks"][0]["in_use"] == 1
    assert seen["finished"] is False


async def test_the_books_of_a_time(system: System) -> None:
    """Every attempt of a time, for audits; the time is bounded and must be given in full."""
    attempt = await system.conversation()
    since, until = ((CLOCK.now() + timedelta(hours=h)).isoformat() for h in (-1, 1))
    books = await system.ask("GET", "/books", params={"since": since, "until": until})
    assert [line["id"] for line in books] == [attempt]
    await system.ask("GET", "/books", params={"since": until, "until": since}, status=422)
    await system.ask("GET", "/books", params={"since": "2026-01-01T00:00Z", "until": "2026-02-01T00:00Z"}, status=422)
    await system.ask("GET", "/books", params={"since": "2026-01-01T00:00", "until": until}, status=422)
    await system.ask("GET", "/books", params={"since": "1767225600", "until": until}, status=422)
    await system.ask("GET", "/books", status=422)


async def test_alarms_are_in_the_progress(system: System) -> None:
    """A lost link is an alarm that everybody sees, with its time."""
    system.pbx.cut()
    await system.until(lambda: system.engine.state.alarms)
    alarms = (await system.ask("GET", "/progress"))["alarms"]
    assert [alarm["key"] for alarm in alarms] == ["link"]
    assert alarms[0]["raised_at"].endswith("Z")
