"""The administrator's pages: health, staff, phones, tokens, calendar, settings, audit log."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from playwright.async_api import Browser, Dialog, Page, expect

import dialer.web
from dialer.campaign.messages import OwnerTold
from dialer.language import Text
from dialer.people.audit_log import AuditQuery
from dialer.web.admin.pages.audit import ACTIONS, DETAILS
from dialer.web.kit.http.origin import SAFE
from dialer.web.kit.http.query import NoBody
from dialer.web.kit.services import Health, LinkShown, SettingShown
from dialer.web.parts import PAGES, ROUTES
from tests.browser_fixtures import page_of
from tests.web.people import People, open_people, sign_in
from tests.web.system import CLOCK


async def disk() -> Health:
    """A disk that fills up."""
    advice = Text("make room on the disk of {folder}", folder="/data")
    return Health("disk", "degraded", Text("{room} free", room="812 MiB"), advice)


async def test_health_tells_what_is_wrong_and_what_to_do(folder: Path) -> None:
    """Each part with its state and advice in the person's language, the link with its lag, and the trunks."""
    link = LinkShown("192.0.2.7:5038", "waiting", "connection refused", 0.9)
    async with open_people(folder, probes=(disk,), link=lambda: link) as people:
        chinese = await people.get("administrator", "/admin")
        for words in (
            "磁盘",
            "剩余 812 MiB",
            "请清理 /data 所在的磁盘",
            "等待重连",
            "connection refused",
            "900.0 毫秒",
            "偏慢",
            "trunk",
        ):
            assert words in chinese, words
        await people.speak("administrator", "en")
        english = await people.get("administrator", "/pages/admin/health")
        for words in ("812 MiB free", "make room on the disk", "Waiting to reconnect", "900.0 ms", "Slow", "0 / 30"):
            assert words in english, words
        people.system.pbx.cut()
        await people.system.until(lambda: people.system.engine.state.alarms)
        assert "Component failure" in await people.get("administrator", "/pages/admin/health")


async def test_what_the_details_are_is_told_by_the_deed(people: People) -> None:
    """A number is an order's or a person's, a name a day's or a token's; in English they begin with a capital."""
    await people.api("administrator", "PUT", "/calendar/2026-10-01", {"working": False, "name": "国庆 · 中秋"})
    await people.system.ask("POST", "/orders", json={"number": "DD-9", "customer": "C0009"})
    staff = {"number": "915", "name": "李强", "role": "supervisor", "password": "correct horse battery"}
    await people.api("administrator", "POST", "/staff", staff, status=201)
    await people.speak("administrator", "en")
    for what, label, value in (
        ("set_calendar_day", "Name of the holiday", "“国庆 · 中秋”"),
        ("set_calendar_day", "Working day", "No"),
        ("take_order", "Order number", "DD-9"),
        ("add_staff", "Staff number", "915"),
        ("add_staff", "Name of the person", "李强"),
        ("set_language", "Language", "en"),
    ):
        found = await people.get("administrator", f"/audit?what={what}")
        assert f'<span class="soft">{label}</span> {value}</span>' in found, (what, label)
    (switched,) = await people.system.services.accounts.audit.search(AuditQuery(what="set_language"))
    assert switched.target == "990"


async def test_a_phone_at_work_is_not_offered_for_a_test(people: People) -> None:
    """When its agent pauses it is."""

    async def offered() -> list[str]:
        page = await people.get("administrator", "/admin/agents")
        return [unquote(each)[-3:] for each in re.findall(r'test-calls\?extension=([^"]+)"', page)]

    await people.system.agent("001", ready=True)
    assert await offered() == ["002"]
    await people.api("agent", "PUT", "/agents/001/presence", {"presence": "paused", "reason": "meal"})
    assert await offered() == ["001", "002"]


async def test_settings_stand_with_their_source(folder: Path) -> None:
    """Sections with each setting and where it comes from; on request only those that somebody has set."""
    settings = (
        SettingShown("data", "/srv/dialer", "file"),
        SettingShown("pbx.port", "5038", "default"),
        SettingShown("trunks[1].name", "north", "environment"),
    )
    async with open_people(folder, settings=lambda: settings) as people:
        text = await people.get("administrator", "/admin/settings")
        for words in ("/srv/dialer", "5038", "north", "设置文件", "默认值", "环境变量", "中继"):
            assert words in text, words
        assert "5038" not in await people.get("administrator", "/admin/settings?set=1")


async def test_the_audit_log_can_be_searched(people: People) -> None:
    """By who, what, to what and day, for administrators and supervisors; what was refused is there as well."""
    await people.api("administrator", "PUT", "/calendar/2026-10-01", {"working": False, "name": "国庆节"})
    await people.api("agent", "PUT", "/calendar/2026-10-02", {"working": False}, status=403)
    everything = await people.get("supervisor", "/audit")
    assert "2026-10-01" in everything
    assert "被拒绝" in everything
    assert "系统健康" not in everything
    found = await people.get("administrator", "/audit?what=set_calendar_day&target=2026-10-01&who=990")
    assert "国庆节" in found
    assert "2026-10-02" not in found
    assert ">工作日<" in found
    await people.system.ask("POST", "/campaign/pause", json={"reason": "x"}, status=204)
    assert ">原因<" in await people.get("supervisor", "/audit?what=pause_campaign")
    await people.api("agent", "PUT", "/agents/001/presence", {"presence": "paused", "reason": "meal"})
    assert "用餐" in await people.get("supervisor", "/audit?what=set_presence")
    await people.system.import_rows("C1,一店,13904700001,001,一部")
    form = {"from": "001", "which": "all", "to-002": "1"}
    await people.ask("leader", "POST", "/floor/deal", data=form | {"csrf": people.csrf["leader"]})
    _, _, dealt = (await people.get("supervisor", "/audit?what=deal")).partition("<tbody>")
    assert ("分派给" in dealt or "改派" in dealt, "to-002" in dealt) == (True, False)
    today = people.system.today.isoformat()
    assert "国庆节" in await people.get("administrator", f"/audit?since={today}&until={today}")
    await people.get("administrator", "/audit?until=never", status=422)
    for never in ("since=2999-01-01", "since=9999-12-31", "until=0001-01-01"):
        assert "没有符合条件的记录" in await people.get("administrator", f"/audit?{never}"), never
    for ever in ("since=0001-01-01&until=2999-01-01", "until=9999-12-31"):
        assert "国庆节" in await people.get("administrator", f"/audit?{ever}"), ever


def test_every_action_has_words() -> None:
    """Whatever changes data or opens a recording is in the log in words, with the fields that it may have."""
    routes = [r for r in ROUTES if r.method not in SAFE or r.policy.opens]
    actions = {route.name for route in routes}
    actions |= {p.handler.__name__ for p in PAGES if p.method not in SAFE or (p.policy is not None and p.policy.opens)}
    assert actions <= ACTIONS.keys()
    fields = {name for route in routes for name in route.params.model_fields if name not in route.in_path}
    fields |= {n for r in routes if r.body is not NoBody and not r.takes_upload for n in r.body.model_fields}
    assert fields - {"password", "format", "download"} <= DETAILS.keys()
    pages = [template.read_text("utf-8") for template in Path(dialer.web.__path__[0]).rglob("*.html")]
    forms = [form for page in pages for form in re.findall(r'<form[^>]* method="post".*?</form>', page, re.DOTALL)]
    sent = {name for form in forms for name in re.findall(r'\bname="([a-z_]+)"', form)}
    assert sent - {"csrf", "file", "password", "old", "new", "again"} <= DETAILS.keys()


async def test_staff_can_be_searched(people: People) -> None:
    """By number, name, team and role; who is not there is said to be missing."""
    found = await people.get("administrator", "/admin/staff?q=team_leader&role=team_leader")
    assert "/admin/staff/901" in found
    assert "/admin/staff/900" not in found
    assert "没有符合条件的人员" in await people.get("administrator", "/admin/staff?q=nobody")
    await people.get("administrator", "/admin/staff/nobody", status=404)
    of_team = (await people.get("administrator", "/admin/staff?q=B&role=agent")).partition("<tbody>")[2]
    assert "/admin/staff/002" in of_team  # the account has no team, its agent has
    assert "<td>B</td>" in of_team
    assert "/admin/staff/001" not in of_team


async def test_nobody_locks_themselves_out(people: People) -> None:
    """One's own account offers neither the role nor the switch that disables it."""
    own = await people.get("administrator", "/admin/staff/990")
    other = await people.get("administrator", "/admin/staff/001")
    assert 'name="disabled"' in other
    assert 'name="disabled"' not in own
    assert 'name="role"' not in own


async def test_the_calendar_shows_the_year(people: People) -> None:
    """Days off and working days are told in words too; one can be chosen; a year without sense is this one."""
    await people.api("administrator", "PUT", "/calendar/2026-10-01", {"working": False, "name": "国庆节"})
    await people.api("administrator", "PUT", "/calendar/2026-10-10", {"working": True, "name": "国庆节"})
    text = await people.get("administrator", "/admin/calendar?year=2026&day=2026-10-01")
    assert "10月1日 星期四, 休息日, 国庆节" in text
    assert "10月10日 星期六, 工作日, 国庆节" in text
    assert 'value="2026-10-01"' in text
    year = people.system.today.year
    for wrong in ("?year=1", "?year=x", "?day=2026-13-40"):
        assert f"{year} 年日历" in await people.get("administrator", f"/admin/calendar{wrong}")


async def test_days_off_are_filled_in_only_when_it_is_set(folder: Path) -> None:
    """The page promises it for years to come alone, and says when the setting is off."""
    on = [SettingShown("hours.chinese_calendar", "true", "default")]
    async with open_people(folder, settings=lambda: on) as people:
        year = people.system.today.year
        assert "自动填入。" in await people.get("administrator", f"/admin/calendar?year={year + 1}")
        past = await people.get("administrator", f"/admin/calendar?year={year - 1}")
        assert ("本年没有。" in past, "自动填入" in past) == (True, False)
        on[:] = [SettingShown("hours.chinese_calendar", "false", "file")]
        assert "已关闭" in await people.get("administrator", f"/admin/calendar?year={year + 1}")


async def _agree(dialog: Dialog) -> None:
    await dialog.accept()


async def _opened(browser: Browser, people: People, path: str) -> Page:
    page = await page_of(browser, people, "administrator", path, language="en")
    page.on("dialog", _agree)
    return page


async def test_an_account_from_its_making_to_its_end(browser: Browser, people: People) -> None:
    """An account is made, changed, given a new password, signed out and disabled, by mouse and keyboard alone."""
    page = await _opened(browser, people, "/admin/staff")
    await page.get_by_label("Staff number").fill("915")
    await page.locator("form[data-send] #name").fill("Li Qiang")
    await page.locator("form[data-send] #role").select_option("supervisor")
    first = await page.get_by_label("Initial password").input_value()
    await page.get_by_role("button", name="Create account").click()
    await expect(page.locator("dialog[open]")).to_contain_text("The account has been created")
    async with page.expect_navigation():  # closing it loads the page anew
        await page.locator("dialog[open]").get_by_role("button", name="Close").click()
    await page.get_by_role("link", name="915").click()
    await page.get_by_label("Name", exact=True).fill("Li Qiang the elder")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Save").click()
    await expect(page.locator("h1")).to_contain_text("Li Qiang the elder")
    await page.get_by_role("button", name="Reset password").click()
    await expect(page.locator("dialog[open]")).to_contain_text("The password has been changed")
    second = await page.locator("dialog[open] [data-value]").inner_text()
    assert second != first
    async with page.expect_navigation():  # closing it loads the page anew
        await page.locator("dialog[open]").get_by_role("button", name="Close").click()
    await sign_in(people.browsers["agent"], "915", second)
    await page.reload()
    await expect(page.locator("table")).to_contain_text("127.0.0.1")
    await page.get_by_role("button", name="Sign out everywhere").click()
    await expect(page.locator("table")).to_contain_text("Not signed in anywhere")
    await page.get_by_label("Disabled").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".badge.bad")).to_have_text("Disabled")
    person = await people.system.services.accounts.store.staff("915")
    assert person is not None
    assert (person.disabled, person.must_change, person.role) == (True, True, "supervisor")


async def test_a_weak_password_is_refused_in_place(browser: Browser, people: People) -> None:
    """What the server does not take is said in words, and nothing that was typed is lost."""
    page = await _opened(browser, people, "/admin/staff/001")
    await page.get_by_label("New password").fill("11111111")
    await page.get_by_role("button", name="Reset password").click()
    await expect(page.locator(".toast.bad")).to_contain_text("A password needs at least 8 characters")
    await expect(page.get_by_label("New password")).to_have_value("11111111")


async def test_a_token_is_shown_once(browser: Browser, people: People) -> None:
    """A new token works, is gone from the page when the dialog closes, and is worthless once it is revoked."""
    page = await _opened(browser, people, "/admin/tokens")
    await page.get_by_label("System name").fill("order-system")
    await page.locator('input[value="read"]').check()
    await page.get_by_role("button", name="Create token").click()
    await expect(page.locator("[data-value]")).to_have_text(re.compile("^dialer_"))
    token = await page.locator("[data-value]").inner_text()
    await people.system.ask("GET", "/agents", token=token)
    await page.get_by_role("button", name="I have saved it").click()
    row = page.get_by_role("row", name=re.compile("order-system"))
    await expect(row).to_contain_text("Valid")
    assert token not in await page.content()
    await row.get_by_role("button").click()
    await expect(row).to_contain_text("Revoked")
    await people.system.ask("GET", "/agents", token=token, status=401)


async def test_phones_and_days_are_changed_in_forms(browser: Browser, people: People) -> None:
    """An agent gets another phone, a list brings more of them or says which row is wrong, a day becomes a day off."""
    page = await _opened(browser, people, "/admin/agents?edit=001")
    await page.get_by_label("Phone", exact=True).fill("8123")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("row", name=re.compile("001"))).to_contain_text("PJSIP/8123")
    for row, shown in (("003,Ma Li,", "problems"), ("003,Ma Li,8003", "table")):
        data = f"staff number,name,extension\n{row}\n".encode()
        await page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": data})
        await page.get_by_role("button", name="Import").click()
        await expect(page.locator(".problems" if shown == "problems" else "table")).to_contain_text(
            "Row 2" if shown == "problems" else "Ma Li"
        )
    await page.goto("/admin/calendar?year=2026&day=2026-12-24")
    await page.get_by_label("This day is").select_option("false")
    await page.get_by_label("Name of the holiday").fill("Inventory")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".listed")).to_contain_text("Inventory")


async def test_an_administrator_takes_the_pbx_over(people: People) -> None:
    """Issue 10, D7: the health page says whose the PBX is, and has a button that asks before it acts."""
    system = people.system
    await people.speak("administrator", "en")
    button = 'data-api="POST /campaign/take-over" data-confirm='
    assert button not in await people.get("administrator", "/pages/admin/health")
    system.engine.post(OwnerTold(CLOCK.now(), ours=False, machine="production"))
    await system.until(lambda: system.engine.state.owners)
    page = await people.get("administrator", "/pages/admin/health")
    assert button in page
    assert "The dialer on production owns the PBX" in page
    await people.api("agent", "POST", "/campaign/take-over", status=403)
    await people.api("administrator", "POST", "/campaign/take-over", status=204)
    await system.until(lambda: not system.engine.state.owners)
    assert button not in await people.get("administrator", "/pages/admin/health")
