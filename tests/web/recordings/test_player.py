"""The player in a real browser: it plays, seeks, goes faster, marks; and what it did is on record."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, Response, expect

from dialer.campaign.model.query import Page as Slice
from dialer.people.audit_log import AuditQuery
from tests.browser_fixtures import page_of
from tests.web.people import People
from tests.web.recordings.test_pages import recorded

STOPWATCH = """() => {
  document.getElementById("audio").addEventListener("playing", () => {
    window.startedAfter = performance.now() - window.pressed;
  });
  document.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
}"""


async def played_to(page: Page, second: int) -> None:
    """Wait until it has played so far; on a busy machine the very second itself may be skipped."""
    await page.wait_for_function(
        "second => Number(document.getElementById('wave').getAttribute('aria-valuenow')) >= second",
        arg=second,
        timeout=30_000,
    )


async def opened(browser: Browser, people: People, seconds: float) -> tuple[Page, str, list[Response]]:
    """The player with a recording of this length, found by its order number, and the answers for its sound."""
    attempt = await recorded(people)
    await people.system.record(attempt, seconds)
    page = await page_of(browser, people, "supervisor", "/recordings", language="en")
    heard: list[Response] = []
    page.on("response", lambda answer: heard.append(answer) if answer.url.endswith("/audio") else None)
    await page.keyboard.press("/")
    await page.keyboard.type("DD-7")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/recordings?q=DD-7**")
    await page.click("tbody a")
    await page.wait_for_selector('[data-link="up"]')  # from here on keys are heard
    return page, attempt, heard


async def test_a_recording_is_found_and_played(browser: Browser, people: People) -> None:
    """By its order number; time advances, ranges are answered 206, and who listened shows in both logs."""
    page, attempt, heard = await opened(browser, people, 30)
    recordings = people.system.services.recordings
    assert await recordings.accesses(attempt, Slice()) == []  # looking is not listening
    await page.evaluate(STOPWATCH)
    await page.keyboard.press("Space")
    await played_to(page, 1)
    # How soon it starts is judged by the benchmark; here, where other tests run, that it does so by itself.
    assert 0 < await page.evaluate("window.startedAfter") < 10_000
    assert [answer.status for answer in heard] == [206] * len(heard)
    assert heard
    _, who, what, _, _ = (await recordings.accesses(attempt, Slice()))[-1]
    assert (who, what.split()[0]) == ("910 supervisor 王", "play")
    log = await people.system.services.accounts.audit.search(AuditQuery(target=attempt))
    assert {"show_recording", "get_audio"} <= {entry.what for entry in log}
    await page.reload()
    assert "Listened" in await page.inner_text(".accesses")


async def test_what_the_browser_does_not_play_is_converted(browser: Browser, people: People) -> None:
    """A recording in GSM is drawn and heard like any other, and moved about in."""
    attempt = await recorded(people)
    await people.system.record_coded(attempt, "gsm", 20)
    page = await page_of(browser, people, "supervisor", f"/recordings/{attempt}", language="en")
    await page.wait_for_selector('[data-link="up"]')
    heard: list[Response] = []
    page.on("response", lambda answer: heard.append(answer) if answer.url.endswith("/audio") else None)
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Space")
    await played_to(page, 6)
    assert heard
    assert {answer.status for answer in heard} == {206}
    assert heard[0].headers["content-type"] == "audio/wav"
    async with page.expect_download() as started:
        await page.click("text=Download as MP3 (smaller)")
    assert (await started.value).suggested_filename == f"{attempt}.mp3"


async def test_it_is_moved_by_keys_and_clicks(browser: Browser, people: People) -> None:
    """Arrows, Home and End, a click into the waveform, speeds from 0.75 to 2; nothing is said in the console."""
    page, _, _ = await opened(browser, people, 60)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    assert await page.inner_text("#position") == "0:05"
    await page.focus("#wave")
    await page.keyboard.press("PageUp")
    assert await page.get_attribute("#wave", "aria-valuetext") == "0:35"
    await page.keyboard.press("Home")
    assert await page.inner_text("#position") == "0:00"
    box = await page.locator("#wave").bounding_box()
    assert box is not None
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    assert await page.inner_text("#position") in ("0:29", "0:30")
    await page.keyboard.press("5")
    assert await page.evaluate("document.getElementById('audio').playbackRate") == 2
    assert await page.get_attribute("[data-speed='2']", "aria-pressed") == "true"
    await page.keyboard.press(" ")
    await played_to(page, 31)
    await page.keyboard.press(" ")
    assert await page.evaluate("document.getElementById('audio').paused")
    await page.keyboard.press("1")
    assert await page.evaluate("document.getElementById('audio').playbackRate") == 0.75
    assert said == []


async def test_a_press_leads_to_what_is_not_heard(browser: Browser, people: People) -> None:
    """The seconds that the recording lacks are seen in the waveform, and one press away."""
    attempt = await recorded(people)
    await people.system.record(attempt, 40, "customer_lost: 12–35 s")
    page = await page_of(browser, people, "supervisor", f"/recordings/{attempt}", language="en")
    await page.wait_for_selector('[data-link="up"]')
    lost, wave = await page.locator(".wave .absent").bounding_box(), await page.locator("#wave").bounding_box()
    assert lost is not None
    assert wave is not None
    assert abs((lost["x"] - wave["x"]) / wave["width"] - 12 / 40) < 0.01
    assert abs(lost["width"] / wave["width"] - 23 / 40) < 0.01
    await page.get_by_role("button", name="nothing of the customer").click()
    assert await page.get_attribute("#wave", "aria-valuetext") == "0:12"


async def test_a_mark_is_written_where_it_plays(browser: Browser, people: People) -> None:
    """With its time and text; a click on it goes there, its author takes it away."""
    page, attempt, _ = await opened(browser, people, 60)
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    await page.keyboard.press("m")
    await page.keyboard.type("数量没有复述")
    await page.click("#mark-form button[value=here]")
    await page.wait_for_selector("#marks li")
    (mark,) = await people.system.services.marks.marks(attempt)
    assert (mark.position_s, mark.text) == (15.0, "数量没有复述")
    assert await page.locator("#mark-lines line").count() == 1
    await page.keyboard.press("ArrowRight")
    await page.click("#marks .seek")
    assert await page.inner_text("#position") == "0:15"
    await page.click("#marks [data-remove]")
    await page.wait_for_selector("#marks .empty")
    assert await people.system.services.marks.marks(attempt) == []


async def position(page: Page) -> int:
    """The second that is being heard."""
    return int(await page.get_attribute("#wave", "aria-valuenow") or "")


@pytest.mark.parametrize(("language", "told"), [("zh", "已记下"), ("en", "Note saved")])
async def test_a_note_is_of_the_moment_at_which_it_was_begun(
    browser: Browser, people: People, language: str, told: str
) -> None:
    """Though the recording goes on while one types; Ctrl+Enter saves it there."""
    attempt = await recorded(people)
    await people.system.record(attempt, 60)
    page = await page_of(browser, people, "supervisor", f"/recordings/{attempt}", language=language)
    await page.wait_for_selector('[data-link="up"]')
    await page.keyboard.press("Space")
    await played_to(page, 1)
    await page.keyboard.press("m")
    begun = await position(page)
    await page.keyboard.type("这里没有复述")
    await played_to(page, begun + 2)
    assert await page.inner_text("#mark-at") in (f"0:0{begun}", f"0:0{begun - 1}")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".toast")).to_contain_text(told)
    (mark,) = await people.system.services.marks.marks(attempt)
    assert begun - 1 <= (mark.position_s or 0) < begun + 1
    assert mark.text == "这里没有复述"
    await expect(page.locator("#mark-text")).to_have_value("")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_note_that_is_not_saved_stays(browser: Browser, people: People, language: str) -> None:
    """Esc leaves the field and not the page; protecting, the list and back, and a reload keep what was typed."""
    attempt = await recorded(people)
    await people.system.record(attempt, 60)
    page = await page_of(browser, people, "supervisor", f"/recordings/{attempt}", language=language)
    await page.wait_for_selector('[data-link="up"]')
    note, keys = page.locator("#mark-text"), page.keyboard
    for _ in range(3):
        await keys.press("ArrowRight")
    await keys.press("m")
    await keys.type("数量没有复述")
    await keys.press("Escape")
    await expect(note).not_to_be_focused()
    assert page.url.endswith(attempt)
    await page.locator("#reason").focus()
    await keys.type("投诉")
    async with page.expect_navigation():
        await keys.press("Enter")
    kept = await people.system.services.recordings.recording(attempt)
    assert kept is not None
    assert kept.hold_reason == "投诉"
    await expect(note).to_have_value("数量没有复述")
    await page.wait_for_selector('[data-link="up"]')
    await keys.press("Escape")
    await page.wait_for_url("**/recordings")
    await page.go_back()
    await page.reload()
    await page.wait_for_selector('[data-link="up"]')
    await keys.press("m")
    await keys.press("End")
    await keys.type("，语速太快")
    await keys.press("Control+Enter")
    await page.wait_for_selector("#marks li")
    (mark,) = await people.system.services.marks.marks(attempt)
    assert (mark.position_s, mark.text) == (15.0, "数量没有复述，语速太快")
    await page.reload()
    await expect(note).to_have_value("")
