"""What was done by hand, entered over HTTP and on the floor page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from dialer.campaign.model.query import Page
from dialer.people.audit_log import AuditQuery
from tests.browser_fixtures import page_of
from tests.web.people import People, open_people
from tests.web.system import ZONE, System, open_system

LIST = "客户代码,店铺名称,主访销电话,电访员,营销部\nC1,惠民店,13904700000,001,城区\nC2,红太阳,13904700002,002,城区\n"


async def listed(people: People) -> None:
    """Two customers, nobody ready."""
    await people.system.ask("POST", "/visits", params={"filename": "list.csv"}, data=LIST.encode())


async def test_an_entry_is_kept_over_a_restart_and_told_by_everything(folder: Path) -> None:
    """The visit, why, progress, the timeline and the notice have it; the same entry again changes nothing."""
    async with open_system(folder) as system:
        await system.agent("001", ready=False)
        await system.import_rows("C1,惠民店,13904700000,001,城区", "C2,红太阳,13904700002,001,城区")
        ordered = {"who": "001 王芳", "result": "ordered", "order": "N-7"}
        reached = await system.ask("POST", "/visits/1/by-hand", json={**ordered, "at": system_now(system)})
        assert (reached["state"], reached["hand"]["order"], reached["result"]) == ("reached", "N-7", "ordered")
        missed = await system.ask("POST", "/visits/2/by-hand", json={"tries": 3, "text": "无人接听"})
        again = await system.ask(
            "POST", "/visits/2/by-hand", json={"tries": 3, "text": "无人接听", "at": missed["hand"]["at"]}
        )
        assert again == missed
        (notice,) = await system.outbox.notices(None, Page())
        assert notice.body["data"]["by_hand"]["tries"] == 3
        title, told = system.services.word_notice(notice.kind, notice.body, "zh")
        assert (title, "手工拨打 3 次未接通：无人接听" in told, "拨打 3 次均未接通" in told) == (
            "客户未接通",
            True,
            True,
        )
        assert "by hand by" in system.services.word_notice(notice.kind, notice.body, "en")[1]
        assert (await system.ask("GET", "/progress"))["by_hand"] == 2
        for name in system.tokens:
            await system.services.tokens.revoke_token(name, system.services.clock.now())
    async with open_system(folder) as system:
        await system.agent("001")
        why = await system.ask("GET", "/customers/C1/why")
        assert (why["code"], "001 王芳 手工拨打 1 次" in why["sentence"]["zh"]) == ("by_hand", True)
        detail = await system.ask("GET", "/visits/1")
        (line,) = [each for each in detail["timeline"] if each["what"] == "visit.by_hand"]
        assert line["details"]["who"] == "001 王芳"
        assert detail["visit"]["hand"] == reached["hand"]
        assert not system.engine.state.attempts


def system_now(system: System) -> str:
    """Now, as a system writes it."""
    return system.services.clock.now().isoformat()


async def test_nothing_is_entered_while_the_customer_is_called(folder: Path) -> None:
    """The refusal says so with a code of its own; times that cannot be are refused too."""
    async with open_system(folder) as system:
        await system.conversation()
        body = await system.ask("POST", "/visits/1/by-hand", json={"result": "not_needed"}, status=409)
        assert body["error"] == "being-called"
        await system.ask("POST", "/visits/1/by-hand", json={"tries": 0}, status=422)
        await system.ask("POST", "/visits/9/by-hand", json={}, status=404)


async def test_what_is_wrong_with_a_row_is_said_in_chinese_and_is_no_deed(folder: Path) -> None:
    """Each with words of its own; only what was entered is in the audit log, with the customer as its target."""
    async with open_people(folder) as people:
        await listed(people)
        await people.speak("leader", "zh")
        for data, said in (
            ({"code": "C9"}, "该客户不在今天的名单上"),
            ({"tries": "many"}, "请用数字填写拨打次数"),
            ({"tries": "21"}, "最多 20 次"),
            ({"at": "9999"}, "时间无法识别"),
            ({"result": "later", "promised": "x"}, "时间无法识别"),
            ({"at": "2099-01-01T10:00"}, "还没有到"),
            ({"at": "2020-01-01T10:00"}, "不在该名单当天"),
            ({"result": "ordered"}, "必须填写订单号"),
            ({"result": "later"}, "必须填写约定时间"),
            ({"result": "feedback"}, "必须写在备注里"),
            ({"who": "x" * 201}, "太长"),
        ):
            page = await people.ask("leader", "POST", "/floor/by-hand", data={"code": "C1", **data})
            assert said in page.text.partition('role="alert">')[2].partition("</p>")[0], data
        await people.ask("leader", "POST", "/floor/by-hand", data={"code": "C2", "result": "not_needed"})
        log = await people.system.services.accounts.audit.search(AuditQuery(what="enter_by_hand"))
        assert [entry.target for entry in log] == ["C2"]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_floor_page_takes_a_sheet_row_by_row(folder: Path, language: str) -> None:
    """What is wrong is said in place and nothing typed is lost; what is right is off the list at once."""
    async with open_people(folder) as people:
        await listed(people)
        await people.speak("leader", language)
        wrong = await people.ask(
            "leader",
            "POST",
            "/floor/by-hand",
            data={"code": "C1", "result": "ordered", "who": "001 王芳", "tries": "2"},
        )
        assert wrong.status == 200
        assert 'role="alert">' in wrong.text
        assert 'value="001 王芳"' in wrong.text
        for data, said in (
            ({"code": "C9"}, "alert"),
            ({"code": "C1", "tries": "many"}, "alert"),
            ({"code": "C1", "tries": "9" * 5000}, "alert"),
            ({"code": "C1", "who": "x" * 5000}, "alert"),
            ({"code": "C1", "at": "9999"}, "alert"),
            ({"code": "C1", "result": "ordered", "order": "N-7", "who": "001 王芳"}, "status"),
            ({"code": "C2", "tries": "3", "text": "rang"}, "status"),
        ):
            page = await people.ask("leader", "POST", "/floor/by-hand", data=data)
            assert (page.status, f'role="{said}">' in page.text) == (200, True), data
        text = await people.get("leader", "/floor/by-hand?code=C1")
        assert "N-7" in text
        assert "001 王芳" in text
        assert 'href="/floor/customers/1"' not in text
        detail = await people.get("leader", "/floor/customers/1")
        for words in ("001 王芳", "N-7", "手工拨打" if language == "zh" else "Manual call entered"):
            assert words in detail, words
        assert people.system.engine.state.visit(1).state == "reached"


async def test_correcting_an_entry_begins_with_what_was_entered(folder: Path) -> None:
    """Enter alone keeps an entry as it is: each of its fields stands in the form; another customer's form is empty."""
    async with open_people(folder) as people:
        await listed(people)
        entry = {"at": system_now(people.system), "tries": 3, "text": "rang", "who": "001 王芳", "result": "feedback"}
        await people.api("leader", "POST", "/visits/1/by-hand", entry)
        await people.speak("leader", "en")
        text = (await people.get("leader", "/floor/by-hand?code=C1")).partition('class="fields"')[2]
        (hand,) = [v.hand for v in people.system.engine.state.days[people.system.today].visits.values() if v.hand]
        at = f"{hand.at.astimezone(ZONE):%H:%M}"
        for field in ('"code" value="C1"', f'"at" value="{at}"', '"tries" value="3"', '"text" value="rang"',
                      '"who" value="001 王芳"', '<option value="feedback" selected>'):  # fmt: skip
            assert field in text, field
        other = (await people.get("leader", "/floor/by-hand?code=C2")).partition('class="fields"')[2]
        assert '"code" value="C2"' in other
        assert '"text" value=""' in other
        assert "Manual" in await people.get("leader", "/floor/customers")


async def test_an_agent_enters_their_own_customers_only(folder: Path) -> None:
    """By the API; the page is for leaders."""
    async with open_people(folder) as people:
        await listed(people)
        done = json.loads(await people.api("agent", "POST", "/visits/1/by-hand", {"result": "not_needed"}))
        assert done["hand"]["entered_by"] == done["hand"]["who"]
        await people.api("agent", "POST", "/visits/2/by-hand", {"result": "not_needed"}, status=404)
        answer = await people.ask("team_leader", "POST", "/floor/by-hand", data={"code": "C2"})
        assert 'role="alert">' in answer.text


@pytest.mark.parametrize(("language", "over"), [("zh", "这个时间已经过去了"), ("en", "already passed")])
async def test_times_of_an_entry_are_typed_as_people_do(
    browser: Browser, people: People, language: str, over: str
) -> None:
    """By keyboard; a promise before the call in which it was made is refused, and what was typed stays."""
    await listed(people)
    page = await page_of(browser, people, "leader", "/floor/by-hand", language=language)
    await page.locator("#result").select_option("later")
    for name, typed in (("code", "C1"), ("at", "０００２"), ("promised", "0001")):
        await page.locator(f"#{name}").focus()
        await page.keyboard.type(typed)
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.bad")).to_contain_text(over)
    await expect(page.locator("#at")).to_have_value("０００２")
    await page.locator("#promised").fill("")
    await page.locator("#promised").focus()
    await page.keyboard.type("晚上11点59")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.good")).to_be_visible()
    (visit,) = [v for v in people.system.engine.state.days[people.system.today].visits.values() if v.hand]
    assert visit.hand is not None
    assert visit.hand.promised is not None
    clocks = [at.astimezone(ZONE).strftime("%H:%M") for at in (visit.hand.at, visit.hand.promised)]
    assert clocks == ["00:02", "23:59"]
