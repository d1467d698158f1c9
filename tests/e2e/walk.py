"""Every page to which links lead, and the words on it that are not of its language."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Page, Response, expect

from dialer import callid
from tests.e2e.house import connected

_LOOK = """async (path) => {
  const get = async (path, headers) => {
    const answer = await fetch(path, { headers, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.text();
  };
  const page = path ? new DOMParser().parseFromString(await get(path), "text/html") : document;
  if (path) for (const part of page.querySelectorAll("[data-live]")) {
    part.innerHTML = await get(part.dataset.live, { "Dialer-Fragment": "1" });
  }
  const texts = [];
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (!node.parentElement.closest("kbd, code, .mono, script, style, [lang]:not(html)")) texts.push(node.nodeValue);
  }
  const spoken = /^(title|alt|placeholder|aria-label|aria-valuetext|data-(word-.*|confirm|done|key-name))$/;
  for (const element of page.querySelectorAll("*")) {
    if (element.closest("[lang]:not(html)")) continue;
    for (const { name, value } of element.attributes) if (spoken.test(name)) texts.push(value);
  }
  const links = [...page.querySelectorAll("a[href]:not([download])")].map((a) => a.getAttribute("href"));
  return {
    texts: texts.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean),
    links: links.filter((each) => each.startsWith("/")),
  };
}"""
_NO_PAGE = re.compile(r"^/(api|static|pages|status|metrics|health)(/|$)|/(xlsx|csv|audio|print)(\?|$)|\.\w+$")
NAMES = re.compile(
    "PBX|Asterisk|AMI|SIP|PJSIP|XLSX|CSV|Excel|HTTP|API|MP3|[GMk]i?B|UTC|GMT|ms|Esc|Enter|Ctrl|PDF|JSON|ANSWER|OK"
)
"""What has no Chinese."""
DATA = re.compile(
    rf"{callid.ATTEMPT}"  # a call
    r"|/[\w./-]+|Mozilla/.*|\b(?:zh|en|true|false|all)\b"  # addresses, browsers, values in the audit log
    r"|\bdialer check\b|\bweb\.held_up\b"  # a command; what stands in the log
    r"|direct|local command line|root \(dialer\)|order-system"  # names of a trunk, of tokens, of a user
    r"|^(?:(?:read|operate|orders|recordings|admin)(?:, )?)+$"  # what a token may do, as the API has it
)
"""What is recorded or configured, not said by the program."""


@dataclass
class Noise:
    """What a page should not have to say: words in the console, policy reports, answers that are errors."""

    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hear everything of a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"{page.url}: {error}"))
        page.on("response", self._answer)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(f"{message.location.get('url')}: {message.text}")

    def _answer(self, response: Response) -> None:
        if response.status >= 400:
            self.heard.append(f"{response.url}: {response.status}")


@dataclass(frozen=True)
class Seen:
    """A page: what it says, attributes included."""

    path: str
    texts: list[str]

    def foreign(self, language: str) -> list[str]:
        """What has words of the other language; the tests' own data is in Greek letters."""
        own = [DATA.sub("", re.sub(r"\{\w+\}", "", text)) for text in self.texts]  # places in a text are no words
        if language == "en":
            return [text for text in own if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)]
        return [text for text in own if not all(map(NAMES.fullmatch, re.findall(r"[A-Za-z][A-Za-z0-9]+", text)))]


async def walk(page: Page, opened: set[str]) -> AsyncIterator[Seen]:
    """Look at each page that links lead to, from the present one on; of ``/recordings/<call>`` and the like at one.

    What is not in ``opened`` yet is opened in front, with all its scripts, and put there; of the others page
    and live parts are only fetched and read.
    """
    waiting, seen = [re.sub(r"^https?://[^/]+", "", page.url), "/password"], set[str]()
    while waiting:
        path = waiting.pop(0).partition("#")[0]
        kind = "/".join("#" if re.search(r"\d", part) else part for part in path.partition("?")[0].split("/"))
        if kind in seen or kind == "/" or _NO_PAGE.search(path):
            continue
        seen.add(kind)
        in_front = kind not in opened
        if in_front:
            opened.add(kind)
            await page.goto(path)
            await connected(page)
            for part in await page.locator("main [data-live]").all():
                await expect(part).not_to_be_empty()
        found = await page.evaluate(_LOOK, "" if in_front else path)
        waiting += found["links"]
        yield Seen(path, found["texts"])


async def speak(page: Page, language: str) -> None:
    """Switch to a language by the button at the top."""
    if await page.get_attribute("html", "lang") != {"zh": "zh-CN", "en": "en"}[language]:
        await page.click("form[action='/language'] button")
        await page.wait_for_selector(f"html[lang^='{language}']", state="attached")
        await connected(page)
