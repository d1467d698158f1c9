"""A day in the real browser, before the real service, over a real PBX: each role does its work."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from dialer.audit.cdr import read_cdr
from dialer.campaign.model.attempt import Attempt
from tests.e2e.house import PEOPLE, House, connected
from tests.e2e.walk import Noise, speak, walk
from tests.kit.waiting import until

pytestmark = [pytest.mark.pbx, pytest.mark.asyncio(loop_scope="module")]

HOMES = {"agent": "/agent", "leader": "/floor", "supervisor": "/recordings", "administrator": "/admin"}


async def shows(page: Page, **facts: str) -> None:
    """Wait until the agent's page shows these facts of the call."""
    names = "".join(f'[data-{name.replace("_", "-")}="{value}"]' for name, value in facts.items())
    await page.wait_for_selector(f"#call-facts{names}", state="attached")


async def attempts(house: House) -> dict[str, Attempt]:
    """The calls in the books, by customer; each is called once here."""
    return {a.customer: a for a in (await house.dialer.books()).attempts}


async def test_everybody_signs_in(house: House) -> None:
    """Each role with the password given by command comes to its own page; the administrator chooses another first."""
    stranger = await house.stranger()
    page = await stranger.new_page()
    await page.goto("/floor")
    await page.fill("#number", "9001")
    await page.fill("#password", "9001")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("工号或密码")
    await stranger.close()
    for who in PEOPLE:
        page = await house.page(who, "/")
        assert urlsplit(page.url).path == HOMES[who]
        await page.close()


async def test_ten_customers_by_keyboard_alone(house: House) -> None:
    """Every result by its key; remarks outlive a reload and are seen in another window and at another desk."""
    page, noise = await house.page("agent", "/agent"), Noise()
    noise.listen(page)
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    keys = page.keyboard

    async def talk(n: int) -> None:
        await keys.press("n")
        await shows(page, talking="1", shop=f"Κατάστημα {n}")
        await expect(page.locator("#greeting")).to_contain_text(f"Κατάστημα {n}")
        await expect(page.locator("#greeting")).to_contain_text("101")
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")

    async def hang_up() -> None:
        await keys.press("h")
        await shows(page, presence="wrap_up")

    async def done(n: int, key: str, *typed: str, result: str) -> None:
        """The whole of a call to customer ``n`` whose result is one key and what is typed behind it."""
        await talk(n)
        await keys.press(key)
        for text in typed:
            await keys.type(text)
            await keys.press("Enter")
        await shows(page, result=result)
        await hang_up()

    await done(1, "1", "7001", "12", "1860.50", result="ordered")

    await talk(2)
    await keys.press("r")
    await keys.type("Μαλακό πακέτο")
    await page.reload()  # before it could be sent
    await expect(page.locator("#remarks")).to_have_value("Μαλακό πακέτο")
    await connected(page)
    await expect(page.locator("#remarks-state")).to_have_text("已保存")
    second = await house.page("agent", "/agent")
    elsewhere = await house.stranger()
    third = await elsewhere.new_page()
    await house.sign_in(third, "101", house.passwords["agent"])
    for other in (second, third):
        await shows(other, talking="1", shop="Κατάστημα 2")
        await expect(other.locator("#remarks")).to_have_value("Μαλακό πακέτο")
    await page.bring_to_front()
    await keys.press("2")
    for other in (page, second, third):
        await shows(other, result="not_needed")
    await second.close()
    await elsewhere.close()
    await hang_up()

    await done(3, "3", "1030", result="later")
    await talk(4)
    await keys.press("4")
    await expect(page.locator("#form-wrong_number")).to_be_visible()
    await keys.press("4")
    await shows(page, result="wrong_number")
    await hang_up()
    await done(5, "5", result="refused")
    await done(6, "7", "Άργησε το φορτίο", result="feedback")

    await talk(7)
    await hang_up()
    await keys.press("6")  # after the call
    await shows(page, result="not_understood")

    await talk(8)
    await keys.press("p")
    await keys.press("2")
    await shows(page, after_call="paused")
    await keys.press("2")
    await shows(page, result="not_needed")
    await keys.press("h")
    await shows(page, presence="paused")

    await done(9, "1", "7009", "3", "455", result="ordered")
    await done(10, "5", result="refused")
    await keys.press("n")
    await shows(page, presence="ready")
    await keys.press("q")
    await shows(page, presence="signed_out")

    details = {s.visit.customer: s.visit for s in (await house.dialer.books()).details}
    wanted = "ordered not_needed later wrong_number refused feedback not_understood not_needed ordered refused"
    assert " ".join(str(details[f"{n:04}"].result) for n in range(1, 11)) == wanted
    promised = details["0003"].promised
    assert promised is not None
    assert f"{promised.astimezone(house.dialer.settings.zone):%H:%M}" == "10:30"
    async with house.api() as api:
        order = await api.get("orders/7001")
    assert (order["quantity"], order["amount"]) == ("12", "1860.50")
    assert noise.heard == []
    await page.close()


async def test_an_absent_agents_list_is_dealt_out_and_called(house: House) -> None:
    """102 is not there: the leader deals the three to those who are, and they talk to them, as the carrier saw too."""
    there = ("103", "104", "105")
    async with house.api() as api:
        for number in there:
            await api.presence(number, "ready")
    page = await house.page("leader", "/floor")
    for number in there:
        await expect(page.locator(f"#agent-{number}")).to_contain_text("空闲")
    await page.locator(".floor-attention a[href='/floor/deal?from=102']").click()
    await expect(page.locator("#which-title")).to_contain_text("3")
    for number in there:
        await expect(page.locator(f'input[name="to-{number}"]')).to_be_checked()
    await page.locator("#deal button").click()
    await expect(page.locator(".message.good")).to_contain_text("3")
    wanted = {"0021", "0022", "0023"}

    async def all_talked() -> bool:
        made = await attempts(house)
        return all(name in made and made[name].ended_at is not None for name in wanted)

    await page.goto("/floor")
    await until(all_talked)
    made = await attempts(house)
    assert {made[name].agent for name in wanted} == set(there)
    records = {call.dst: call for call in read_cdr(house.rig.carrier_cdr)}
    assert all(records[made[name].number].answer is not None for name in wanted)
    for number in there:  # the page has followed by itself
        await expect(page.locator(f"#agent-{number}")).to_contain_text("1 / 1")
    await expect(page.locator("#agent-102")).to_contain_text("0 / 0")
    await page.close()


async def test_a_recording_is_found_by_its_order_and_the_access_is_on_record(house: House) -> None:
    """A supervisor searches, listens and seeks; the administrator sees who has listened to what."""
    async with house.api() as api:
        await api.presence("106", "ready")

        async def talking() -> bool:
            call = (await attempts(house)).get("0031")
            return call is not None and call.connected_at is not None

        await until(talking)
        call = (await attempts(house))["0031"].id
        body = {"result": "ordered", "order": "7106", "quantity": "5", "amount": "900"}
        await api.send("PUT", f"attempts/{call}/disposition", body)
    await until(lambda: _kept(house, call))

    page = await house.page("supervisor", "/recordings")
    ranges: list[tuple[str | None, int]] = []
    page.on(
        "response",
        lambda r: ranges.append((r.request.headers.get("range"), r.status)) if r.url.endswith("/audio") else None,
    )
    await page.keyboard.press("/")
    await page.keyboard.type("7106")
    await page.keyboard.press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.locator("tbody tr a").first.click()
    await connected(page)
    await expect(page.locator("#player")).to_be_visible()
    assert ranges == []  # nothing is fetched before somebody listens
    await page.keyboard.press(" ")
    await page.wait_for_function("() => document.getElementById('audio').currentTime > 0.4")
    await page.keyboard.press(" ")
    at = float(await page.evaluate("document.getElementById('audio').currentTime"))
    await page.keyboard.press("Home")
    await page.keyboard.press("m")
    assert at > 0.4
    assert ranges
    assert all(asked is not None and status == 206 for asked, status in ranges), ranges
    await page.close()

    page = await house.page("administrator", "/audit")
    await page.fill("#target", call)
    await page.keyboard.press("Enter")
    row = page.locator("tbody tr", has_text="9002").first
    await expect(row).to_contain_text(call)
    await expect(row).to_contain_text("录音")
    await page.close()


async def _kept(house: House, call: str) -> bool:
    return call in (await house.dialer.books()).recordings


async def test_a_lost_server_says_so_and_comes_back(house: House) -> None:
    """kill -9 while they talk: the page says so, keeps what is typed, and goes on when the service is back."""
    async with house.api() as api:
        visits = (await api.get("visits", agent="107"))["visits"]
        await api.send("POST", f"visits/{visits[0]['visit']['id']}/reassign", {"agent": "101"})
    page, floor = await house.page("agent", "/agent"), await house.page("leader", "/floor")
    await page.bring_to_front()
    await page.keyboard.press("n")
    await shows(page, talking="1", shop="Κατάστημα 41")
    await house.dialer.kill()
    for each in (page, floor):
        await expect(each.locator("#connection-lost")).to_contain_text("连接已中断")
    await page.keyboard.press("r")
    await page.keyboard.type("Χωρίς διακομιστή")
    await expect(page.locator("#remarks-state")).to_have_text("已存在本机，服务器恢复后自动上传")
    await page.keyboard.press("Escape")
    await house.dialer.start(timeout_s=60)
    for each in (page, floor):
        await expect(each.locator("#connection-lost")).to_be_hidden()
        await connected(each)
    await expect(page.locator("#remarks-state")).to_have_text("已保存")
    await shows(page, talking="1", shop="Κατάστημα 41")  # the PBX has kept the call
    await expect(floor.locator("#agent-101")).to_contain_text("Κατάστημα 41")
    await page.keyboard.press("2")
    await shows(page, result="not_needed")
    await page.keyboard.press("h")
    await shows(page, presence="wrap_up")
    await page.close()
    await floor.close()


async def test_every_page_in_both_languages(house: House) -> None:
    """Walked by links as each role: no word of the other language, none without its Chinese, a silent console."""
    noise, wrong, opened = Noise(), list[str](), set[str]()
    for who in PEOPLE:
        page = await house.page(who, "/")
        noise.listen(page)
        for language in ("zh", "en"):
            await page.goto("/")
            await speak(page, language)
            async for seen in walk(page, opened):
                wrong += [f"{who} {language} {seen.path}: {text}" for text in seen.foreign(language)]
        await speak(page, "zh")
        await page.close()
    assert opened >= {"/agent", "/floor/deal", "/recordings/#", "/reports/days", "/board/outbox", "/admin/staff/#"}
    assert wrong == [], "\n".join(wrong)
    assert noise.heard == []
    assert house.missing.read_text(encoding="utf-8") == ""
