"""Makes requests up: what a route or page takes, and what nobody takes, drawn by luck that a seed repeats."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from dialer.web.kit.api.routes import PREFIX, Route
from dialer.web.kit.page.screen import PageRoute

DATES = (
    "9999-12-31",
    "0001-01-01",
    "9999-12-31T23:59:59+00:00",
    "9999-12-31T23:00:00-14:00",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "2026-11-23T25:00:00Z",
    "2026-11-23",
    "20261123",
    "1e9",
    "2026-11-23T08:00:00+99:99",
    "-0001-01-01",
    "10000-01-01",
    "2026-W48-1",
    "24:00",
    "99:99",
    "1030",
    "10:30",
    "00:00",
    "٢٠٢٦-١١-٢٣",
    "1970-01-01T00:00:00Z",
)
NUMBERS = (
    0,
    -1,
    1,
    2**31,
    2**63 - 1,
    2**63,
    2**64,
    10**30,
    -(10**30),
    1.5,
    1e308,
    -0.0,
    float("nan"),
    float("inf"),
    float("-inf"),
    True,
    999999999999,
)
TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "nan",
    "NaN",
    "Infinity",
    "null",
    "true",
    "1e400",
    "1_000",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\r\nX-Evil: 1",
    "\n",
    "\t",
    "\x7f",
    "\x1b[2J",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\U0001f600",
    "é",
    "e\u0301",
    "王芳",
    "ｆｕｌｌ",
    "%",
    "%00",
    "%zz",
    "_",
    "'",
    '"',
    "\\",
    "`id`",
    "$(id)",
    "${jndi:x}",
    "{{7*7}}",
    "{0}",
    "%s%n",
    "<script>",
    "' OR 1=1 --",
    "; DROP TABLE visits",
    "../../etc/passwd",
    "/",
    "//evil",
    "Local/s@evil",
    "PJSIP/139@trunk",
    "=1+1",
    "@SUM(1)",
    "x" * 65,
    "x" * 300,
    "x" * 5000,
    "王" * 2001,
    "13904700001",
    "０１０",
    "*",
    "[" * 300,
    "a" * 40 + "!",
    "x,y",
)
SHAPES: tuple[Any, ...] = (None, [], {}, [[]], {"": None}, ["x"], [None, 1, "x"], {"a": {"b": {"c": []}}}, [0] * 50)
MEDIA = (
    "application/json",
    "application/json; charset=utf-16",
    "application/json; charset=punycode",
    "text/xml",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-7",
    "text/csv",
    "",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=",
    "application/zip",
    "x/y/z",
    "application/octet-stream",
    "multipart/mixed; boundary=x",
    "multipart/form-data; boundary*0=a; boundary*1=b",
    "ÿ",
)
HEADERS: tuple[tuple[str, str], ...] = (
    ("Range", "bytes=0-"),
    ("Range", "bytes=-1"),
    ("Range", f"bytes={10**17}-"),
    ("Range", "bytes=5-1,0-0"),
    ("If-None-Match", "*"),
    ("If-Range", '"x"'),
    ("Accept-Language", "en"),
    ("Accept-Language", "zh, *;q=0.5"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "br"),
    ("Expect", "100-continue"),
    ("Last-Event-ID", "x-1"),
    ("Last-Event-ID", "\xff"),
    ("Dialer-Fragment", "1"),
    ("Dialer-On-Behalf-Of", "%FF"),
    ("Dialer-On-Behalf-Of", "%E7%8E%8B"),
    ("Dialer-On-Behalf-Of", "%00"),
    ("Authorization", "Bearer"),
    ("Authorization", "Bearer \xe9"),
    ("Authorization", "x" * 4000),
    ("Authorization", "Basic eDp4"),
    ("Cookie", "dialer_session=\xff; ="),
    ("Cookie", 'dialer_session="\\777"'),
    ("X-Forwarded-For", "::1%x"),
    ("X-Forwarded-Proto", "gopher"),
    ("Origin", "null"),
    ("Origin", "http://[::1"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Content-Disposition", "attachment; filename*=utf-8''%ff"),
    ("Host", "[::1"),
    ("Content-Disposition", 'attachment; filename="../../x\\"'),
    ("X-CSRF-Token", "é"),
    ("Upgrade", "websocket"),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
FIELDS = (
    "again",
    "agent",
    "amount",
    "at",
    "back",
    "code",
    "csrf",
    "day",
    "disabled",
    "do",
    "extension",
    "from",
    "hold",
    "kind",
    "language",
    "list",
    "name",
    "new",
    "next",
    "number",
    "offset",
    "old",
    "order",
    "page",
    "password",
    "phone",
    "promised",
    "q",
    "quantity",
    "reason",
    "result",
    "role",
    "since",
    "skip",
    "state",
    "team",
    "text",
    "time",
    "to",
    "tries",
    "until",
    "view",
    "what",
    "which",
    "who",
    "withdraw",
    "lang",
    "edit",
    "target",
    "year",
)
"""What forms and addresses of pages name."""


@dataclass(frozen=True, slots=True)
class Made:
    """One request; ``path`` is encoded as it is to be sent."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path[:300]} {dict(self.headers)} {(self.body or b'')[:300]!r}"


@dataclass
class Grammar:
    """Draws requests. ``known`` has values of things that exist, by the name of a parameter or field."""

    luck: random.Random
    known: Mapping[str, Any] = field(default_factory=dict)
    _mad: float = 0.5
    """How many of the values of this request are to be wrong."""

    def request(self, target: Route | PageRoute) -> Made:
        """One for this route or page; now and then with another method, and with headers that do not belong there."""
        self._mad = self.luck.choice((0.02, 0.15, 0.15, 0.5, 0.95))
        is_route = isinstance(target, Route)
        method = target.method if self.luck.random() < 0.95 else self.luck.choice(METHODS)
        path = self._path(target.path) if not is_route else PREFIX + self._path(target.path)
        headers = [self.luck.choice(HEADERS) for _ in range(self.luck.choice((0, 0, 0, 0, 1, 1, 2)))]
        query = self._query(target.params if isinstance(target, Route) else None)
        media, body = self._body(target) if method not in ("GET", "HEAD") or self.luck.random() < 0.02 else ("", None)
        if media:
            headers.insert(0, ("Content-Type", media))
        return Made(method, path + (f"?{query}" if query else ""), tuple(headers), body)

    def value(self, name: str = "") -> Any:  # noqa: ANN401 - whatever JSON can hold, and more
        """One for a field of this name: often one that fits, else whatever there is."""
        if name in self.known and self.luck.random() > self._mad:
            return self.known[name]
        kind = self.luck.random()
        if kind < 0.25:
            return self.luck.choice(DATES)
        if kind < 0.45:
            return self.luck.choice(NUMBERS)
        if kind < 0.9:
            return self.luck.choice(TEXTS)
        return self.luck.choice(SHAPES)

    def _text(self, name: str) -> str:
        value = self.value(name)
        return value if isinstance(value, str) else json.dumps(value)

    def _path(self, template: str) -> str:
        parts = []
        for part in template.split("/"):
            name = part.strip("{}")
            parts.append(self._encoded(self._text(name)[:400]) if part.startswith("{") else part)
        return "/".join(parts)

    def _encoded(self, text: str) -> str:
        """For a path or a query: as it should be, or with bytes that are no UTF-8, too long, or encoded twice."""
        plain = quote(text.encode("utf-8", "surrogatepass"), safe="")
        odd = self.luck.random()
        if odd < 0.85:
            return plain
        return self.luck.choice(
            (plain + "%ff", plain + "%00", "%c0%ae%c0%ae", "%ed%a0%80", quote(plain), "%2e%2e%2f" + plain)
        )

    def _query(self, params: type[BaseModel] | None) -> str:
        names: Sequence[str] = tuple(params.model_fields) if params is not None else FIELDS
        if not names:
            return "" if self.luck.random() < 0.9 else "x=1"
        chosen = [self.luck.choice(names) for _ in range(self.luck.choice((0, 0, 1, 1, 2, 3)))]
        return "&".join(f"{name}={self._encoded(self._text(name)[:3000])}" for name in chosen)

    def _body(self, target: Route | PageRoute) -> tuple[str, bytes]:
        if self.luck.random() < 0.1:
            return self.luck.choice(MEDIA), self.luck.choice(
                (b"", b"\xff\xfe", b"{", b"[" * 100_000, b"\0" * 1000, b"x" * 200_000)
            )
        if isinstance(target, PageRoute):
            chosen = {name: self._text(name) for name in self.luck.sample(FIELDS, self.luck.randint(0, len(FIELDS)))}
            form = urlencode({name: text.encode("utf-8", "surrogatepass") for name, text in chosen.items()}).encode()
            return "application/x-www-form-urlencoded", form
        if target.takes_upload:
            return self.luck.choice((*MEDIA[:2], "text/csv", "text/csv")), self._list()
        media = "application/json" if self.luck.random() < 0.95 else self.luck.choice(MEDIA)
        return media, self._object(tuple(target.body.model_fields)).encode("utf-8", "surrogatepass")

    def _object(self, names: Sequence[str]) -> str:
        """A JSON object of some of these fields, and sometimes of another, or of one twice."""
        chosen = [name for name in names if self.luck.random() < 0.8]
        if self.luck.random() < 0.1:
            chosen.append(self.luck.choice(("", "x", "__class__", "\ud800", *names)))
        pairs = (f"{json.dumps(name)}: {self._json(self.value(name))}" for name in chosen)
        return "{" + ", ".join(pairs) + "}"

    def _json(self, value: Any) -> str:  # noqa: ANN401 - as ``value``
        return json.dumps(value, ensure_ascii=self.luck.random() < 0.7)

    def _list(self) -> bytes:
        """A list with some good columns and cells that are not."""
        header = self.luck.choice(("客户代码,店铺名称,主访销电话,电访员,营销部", "工号,姓名,分机,班组", "a,b", ""))
        rows = (
            ",".join(self._text(name).replace(",", " ") for name in ("code", "name", "phone", "agent", "team"))
            for _ in range(3)
        )
        text = "\n".join([header, *rows])
        return text.encode(self.luck.choice(("utf-8", "gb18030", "utf-16")), "replace")
