"""Signing in on the page: cookies, tokens against foreign pages, headers, TLS, a proxy, the language, the audit log."""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from dialer.errors import SettingsError, StoreUnavailable
from dialer.people.audit_log import AuditEntry, AuditQuery
from dialer.people.staff import Role
from dialer.web.kit.config import WebConfig
from dialer.web.kit.http.guard import CONTENT_SECURITY_POLICY, tls
from tests.web.people import PASSWORD, People, browser, sign_in, token_in
from tests.web.system import System, open_system

FORM = {"number": "001", "password": PASSWORD}


async def log_of(system: System, what: str = "") -> list[AuditEntry]:
    """The audit log, newest first."""
    return await system.services.accounts.audit.search(AuditQuery(what=what))


async def test_the_cookie_is_for_us_alone(people: People) -> None:
    """HttpOnly, SameSite, for the whole site, gone with the browser; not Secure, since there is no TLS here."""
    async with (
        browser(people.system) as session,
        session.post("/sign-in", data=FORM, allow_redirects=False) as response,
    ):
        assert (response.status, response.headers["Location"]) == (303, "/agent")
        cookie = response.headers["Set-Cookie"]
    assert re.fullmatch(r"dialer_session=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", cookie)


async def test_wrong_passwords_are_told_in_both_languages(people: People) -> None:
    """Both say the same; the sixth try says how long to wait, with Retry-After. The number stays in its field."""
    async with browser(people.system) as session:
        text = ""
        for _ in range(5):
            async with session.post("/sign-in", data=FORM | {"password": "wrong"}) as response:
                assert response.status == 422
                text = await response.text()
        assert "工号或密码错误，或账号已停用" in text
        assert 'value="001"' in text
        assert "wrong" not in re.sub(r"<form.*?</form>", "", text, flags=re.DOTALL)
        async with session.post("/sign-in", data=FORM) as response:
            assert (response.status, 590 < int(response.headers["Retry-After"]) <= 600) == (429, True)
            assert "密码错误次数过多，请 10 分钟后再试" in await response.text()
        async with session.post("/sign-in?lang=en", data=FORM) as response:
            assert "Too many wrong passwords. Try again in 10 min." in await response.text()
        async with session.post("/sign-in?lang=en", data={"number": "777", "password": "x"}) as response:
            assert "The staff number or password is wrong" in await response.text()


async def test_signing_out(people: People) -> None:
    """The session ends on the server: the old cookie is worth nothing."""
    cookie = {c.key: c.value for c in people.browsers["agent"].cookie_jar}["dialer_session"]
    assert (await people.ask("agent", "POST", "/sign-out", data={})).url == "/sign-in"
    async with aiohttp.ClientSession(people.system.url, cookies={"dialer_session": cookie}) as session:
        async with session.get("/agent", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/sign-in?next=/agent")
        async with session.get("/api/v1/agents") as response:
            assert (response.status, (await response.json())["error"]) == (401, "not-signed-in")
        async with session.get("/pages/strip", headers={"Dialer-Fragment": "1"}) as response:
            assert response.status == 401


@pytest.mark.parametrize(
    ("next_", "then"),
    [
        ("/password", "/password"),
        ("//evil.example", "/agent"),
        ("https://evil.example", "/agent"),
        ("/\\evil", "/agent"),
    ],
)
async def test_signing_in_goes_on_to_our_own_pages_only(people: People, next_: str, then: str) -> None:
    """A link that leads elsewhere after signing in leads home."""
    async with (
        browser(people.system) as session,
        session.post("/sign-in", data=FORM | {"next": next_}, allow_redirects=False) as response,
    ):
        assert response.headers["Location"] == then


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": "é"}],
)
async def test_changes_need_the_token_of_the_page(people: People, headers: dict[str, str]) -> None:
    """Without it, or with a made-up one, nothing changes: API and pages, every method."""
    for method, path in (
        ("POST", "/api/v1/campaign/pause"),
        ("PUT", "/api/v1/agents/001/presence"),
        ("POST", "/language"),
        ("POST", "/sign-out"),
        ("POST", "/password"),
    ):
        answer = await people.ask("leader", method, path, data=b"", csrf=False, headers=headers)
        assert answer.status == 403, path
    assert "900" in await people.get("leader", "/")
    assert people.system.engine.state.flags.get("paused", "") == ""


async def test_the_token_of_somebody_else_is_no_good(people: People) -> None:
    """A token belongs to its session."""
    answer = await people.ask(
        "leader", "POST", "/api/v1/campaign/pause", json={}, csrf=False, headers={"X-CSRF-Token": people.csrf["agent"]}
    )
    assert answer.status == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
async def test_foreign_pages_cannot_even_sign_in(people: People, headers: dict[str, str]) -> None:
    """A browser tells where a form comes from, and from elsewhere it is refused, with a good token too."""
    async with browser(people.system) as session, session.post("/sign-in", data=FORM, headers=headers) as response:
        assert response.status == 403
    answer = await people.ask("leader", "POST", "/api/v1/campaign/pause", json={}, headers=headers)
    assert answer.status == 403
    good = {"Origin": people.system.url, "Sec-Fetch-Site": "same-origin"}
    answer = await people.ask("leader", "POST", "/api/v1/campaign/pause", json={}, headers=good)
    assert answer.status == 204


async def test_headers_of_every_answer(people: People) -> None:
    """Pages, errors, scripts and the API carry the strict policy; the pages have nothing inline."""
    for path in (
        "/sign-in",
        "/agent",
        "/nowhere",
        "/static/app.css",
        "/static/live.js",
        "/api/v1/agents",
        "/health/live",
    ):
        answer = await people.ask("agent", "GET", path)
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Strict-Transport-Security" not in answer.headers
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    for who, home in (
        ("agent", "/agent"),
        ("leader", "/floor"),
        ("supervisor", "/recordings"),
        ("administrator", "/admin"),
    ):
        text = await people.get(who, home)
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", text)


async def test_static_files_are_asked_after_by_hash(people: People) -> None:
    """The second time there is nothing to send; what is not ours is not there."""
    first = await people.ask("agent", "GET", "/static/app.css")
    again = await people.ask("agent", "GET", "/static/app.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status, again.status, again.text) == (200, 304, "")
    for path in ("/static/nothing.css", "/static/..%2Fserver.py", "/static/__init__.py"):
        assert (await people.ask("agent", "GET", path)).status == 404


async def test_a_first_password_must_be_changed(people: People) -> None:
    """Until then every page leads to the form, and the API refuses; after it the person's home opens."""
    system = people.system
    await system.services.accounts.set_password("001", "given by somebody")
    async with browser(system) as session:
        csrf = await sign_in(session, "001", "given by somebody")
        async with session.get("/agent") as response:
            assert response.url.path == "/password"
            assert "请先设置您自己的密码" in await response.text()
        async with session.get("/api/v1/agents") as response:
            assert (response.status, (await response.json())["error"]) == (403, "must-change-password")
        form = {"csrf": csrf, "old": "given by somebody", "new": PASSWORD, "again": PASSWORD}
        for bad, said in (
            ({"again": "x"}, "两次输入的新密码不一致"),
            ({"old": "x"}, "当前密码不正确"),
            ({"new": "short", "again": "short"}, "密码至少 8 个字符"),
            ({"new": "given by somebody", "again": "given by somebody"}, "新密码不能与当前密码相同"),
        ):
            async with session.post("/password", data=form | bad) as response:
                assert (response.status, said in await response.text()) == (422, True), said
        async with session.post("/password", data=form) as response:
            assert response.url.path == "/agent"
        async with session.post(
            "/password", data=form | {"old": PASSWORD, "new": "once more new", "again": "once more new"}
        ) as response:
            assert "您在其他地方的登录已全部退出" in await response.text()


async def test_everybody_has_their_own_language(people: People) -> None:
    """It is kept with the person, and the sign-in page of their browser speaks it too; others are not touched."""
    await people.speak("agent", "en")
    assert '<html lang="en"' in await people.get("agent", "/agent")
    assert '<html lang="zh-CN"' in await people.get("leader", "/floor")
    await people.ask("agent", "POST", "/sign-out", data={})
    assert "Staff number" in await people.get("agent", "/sign-in")
    assert "工号" in await people.get("agent", "/sign-in?lang=zh")
    assert (await people.ask("leader", "POST", "/language", data={"language": "xx"})).status == 422


async def test_errors_are_pages_in_the_language_of_the_person(people: People) -> None:
    """An address that is none, and one that is not theirs: with a way home, and nothing of the inside."""
    text = await people.get("agent", "/nowhere", 404)
    assert "该地址没有页面" in text
    assert 'href="/agent"' in text
    await people.speak("agent", "en")
    assert "Your role does not allow this." in await people.get("agent", "/floor", 403)
    answer = await people.ask("agent", "POST", "/floor", data={})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")


async def test_changes_are_in_the_audit_log(people: People) -> None:
    """By people and by systems: who, what, to what, from where, how; refusals too; reading is not; no password is."""
    system = people.system
    await people.api("leader", "GET", "/agents")
    await people.api("leader", "PUT", "/agents/001", {"extension": "8009", "team": "A"})
    await people.api("agent", "POST", "/campaign/pause", {"reason": "no"}, status=403)
    await people.api("leader", "PUT", "/agents/001", {"nonsense": 1}, status=422)
    body = {"number": "003", "role": "agent", "password": "a very secret one"}
    await people.api("administrator", "POST", "/staff", body, status=201)
    await system.ask("POST", "/campaign/pause", json={"reason": "吃饭"}, status=204)
    found = [(e.who, e.role, e.what, e.target, e.address) for e in (await log_of(system))[:4]]
    assert found == [
        ("all", "token", "pause_campaign", "", "127.0.0.1"),
        ("990 administrator 王", "administrator", "add_staff", "003", "127.0.0.1"),
        ("001 agent 王", "agent", "pause_campaign", "", "127.0.0.1"),
        ("900 leader 王", "team_leader", "save_agent", "001", "127.0.0.1"),
    ]
    entries = await log_of(system)
    assert entries[0].details == {"reason": "吃饭"}
    assert entries[2].details == {"refused": 403}
    assert entries[3].details == {"extension": "8009", "team": "A"}
    assert "secret" not in str(entries)


async def test_the_audit_log_can_be_searched(people: People) -> None:
    """By part of who and of what was touched, by the operation, and by time; newest first."""
    await people.api("leader", "PUT", "/agents/001", {"extension": "1", "team": "A"})
    await people.api("leader", "PUT", "/agents/002", {"extension": "2", "team": "B"})
    for query, targets in (
        ("?who=leader&what=save_agent", ["002", "001"]),
        ("?target=002&what=save_agent&who=900", ["002"]),
        ("?what=save_agent&who=900&limit=1&offset=1", ["001"]),
        ("?who=nobody", []),
        ("?who=900&what=save_agent&until=2020-01-01T00:00:00Z", []),
        ("?who=900&what=save_agent&since=2020-01-01T00:00:00Z", ["002", "001"]),
    ):
        found = await people.ask("administrator", "GET", f"/api/v1/audit-log{query}")
        assert re.findall(r'"target":"(\w*)"', found.text) == targets, query


async def test_opening_a_recording_is_in_the_audit_log(people: People) -> None:
    """Once for one listening, however many parts are fetched; a refused try as well."""
    system = people.system
    attempt = await system.conversation()
    await system.record(attempt)
    path = f"/api/v1/recordings/{attempt}/audio"
    for _ in range(3):
        assert (await people.ask("supervisor", "GET", path, headers={"Range": "bytes=100-199"})).status == 206
    assert (await people.ask("supervisor", "GET", f"{path}?download=true")).status == 200
    assert (await people.ask("agent", "GET", path)).status == 403
    found = [(e.who, e.target, dict(e.details)) for e in await log_of(system, what="get_audio")]
    assert found == [
        ("001 agent 王", attempt, {"refused": 403}),
        ("910 supervisor 王", attempt, {"download": True}),
        ("910 supervisor 王", attempt, {}),
    ]


async def test_nothing_is_opened_off_the_record(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the audit log cannot be written no recording can be heard; a change that was made is still answered."""
    system = people.system
    attempt = await system.conversation()
    data = await system.record(attempt)

    async def fail(_entry: AuditEntry) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(system.services.accounts.audit, "append", fail)
    answer = await people.ask("supervisor", "GET", f"/api/v1/recordings/{attempt}/audio")
    assert (answer.status, len(answer.text) < len(data) // 10) == (503, True)
    assert (await people.ask("leader", "POST", "/api/v1/campaign/pause", json={})).status == 204


async def test_behind_a_proxy(folder: Path) -> None:
    """The proxy's word on address and scheme is taken: the cookie is Secure, the address in the log the person's."""
    forwarded = {
        "X-Forwarded-For": "6.6.6.6, 10.1.2.3",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "dialer.local",
    }
    async with open_system(folder, conf=WebConfig(behind_proxy=True)) as system:
        await system.services.accounts.add("001", "", Role.AGENT, PASSWORD, must_change=False)
        async with browser(system) as session:
            sent = forwarded | {"Origin": "https://dialer.local"}
            async with session.post("/sign-in", data=FORM, headers=sent, allow_redirects=False) as response:
                cookie = response.headers["Set-Cookie"]
                assert response.headers["Strict-Transport-Security"]
            assert re.fullmatch(r"__Host-dialer_session=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax; Secure", cookie)
            sent = forwarded | {"Cookie": cookie.partition(";")[0]}
            async with session.get("/agent", headers=sent) as response:
                csrf = token_in(await response.text())
            async with session.put(
                "/api/v1/agents/001/presence", json={"presence": "paused"}, headers=sent | {"X-CSRF-Token": csrf}
            ) as response:
                assert response.status == 404  # there is no such agent yet
            form = {"csrf": csrf, "language": "en"}
            async with session.post("/language", data=form, headers=sent, allow_redirects=False) as response:
                assert response.status == 303
        assert {(e.what, e.address) for e in await log_of(system)} == {
            ("sign_in", "10.1.2.3"),
            ("set_language", "10.1.2.3"),
        }


async def test_without_a_proxy_its_headers_are_nothing(people: People) -> None:
    """Anybody can send them; unless a proxy is announced they are not looked at."""
    async with browser(people.system) as session:
        sent = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
        async with session.post("/sign-in", data=FORM, headers=sent, allow_redirects=False) as response:
            assert response.headers["Set-Cookie"].startswith("dialer_session=")
    assert (await log_of(people.system, what="sign_in"))[0].address == "127.0.0.1"


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A certificate of one's own, and its key."""
    crt, key = tmp_path / "tls.pem", tmp_path / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=dialer.local", "-keyout", str(key), "-out", str(crt)],
        check=True, capture_output=True,
    )  # fmt: skip
    return iter(((crt, key),))


async def test_with_a_certificate(folder: Path, certificate: Iterator[tuple[Path, Path]]) -> None:
    """Our own TLS: the cookie is Secure under a name that others cannot set, and browsers are told to stay with it."""
    crt, key = next(certificate)
    async with open_system(folder, conf=WebConfig(tls_certificate=crt, tls_key=key)) as system:
        await system.services.accounts.add("001", "", Role.AGENT, PASSWORD, must_change=False)
        context = ssl.create_default_context(cafile=str(crt))
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        url = f"https://127.0.0.1:{system.port}"
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(url, cookie_jar=jar, connector=aiohttp.TCPConnector(ssl=context)) as session:
            async with session.post("/sign-in", data=FORM, allow_redirects=False) as response:
                assert response.headers["Set-Cookie"].startswith("__Host-dialer_session=")
                assert response.headers["Set-Cookie"].endswith("; Secure")
                assert response.headers["Strict-Transport-Security"].startswith("max-age=")
            async with session.get("/") as response:
                assert response.url.path == "/agent"


def test_a_certificate_that_cannot_be_used(tmp_path: Path) -> None:
    """It is said which file is wrong, before anybody listens."""
    assert tls(WebConfig()) is None
    with pytest.raises(ValueError, match="belong together"):
        WebConfig(tls_certificate=tmp_path / "a")
    with pytest.raises(SettingsError, match="cannot be used"):
        tls(WebConfig(tls_certificate=tmp_path / "a", tls_key=tmp_path / "b"))


async def test_nobody_is_there_by_default(folder: Path) -> None:
    """A new dialer has no account, so no password opens it."""
    async with open_system(folder) as system:
        assert await system.services.accounts.store.everybody() == []
        async with browser(system) as session:
            for number, password in (("admin", "admin"), ("", ""), ("001", PASSWORD)):
                async with session.post("/sign-in", data={"number": number, "password": password}) as response:
                    assert response.status == 422
