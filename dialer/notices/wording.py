"""A notice as a person reads it: one sentence, in Chinese or English, in the department's own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dialer.campaign.changes import NoticeKind
from dialer.campaign.disposition import Disposition
from dialer.campaign.wording import DISPOSITIONS, Language, alarm

Body = Mapping[str, Any]
"""The body of a notice as the store composes it: ``{"type", "timestamp", "data"}``."""

TITLES: dict[Language, dict[str, str]] = {
    "zh": {
        NoticeKind.UNREACHED: "客户未接通",
        NoticeKind.INVALID_NUMBER: "号码有误",
        NoticeKind.OUT_OF_TIME: "收班前未接通",
        NoticeKind.LATE_START: "推迟开始",
        NoticeKind.FEEDBACK: "客户意见",
        NoticeKind.ALARM: "告警",
    },
    "en": {
        NoticeKind.UNREACHED: "Customer not reached",
        NoticeKind.INVALID_NUMBER: "Wrong number",
        NoticeKind.OUT_OF_TIME: "Not reached before closing",
        NoticeKind.LATE_START: "Late start",
        NoticeKind.FEEDBACK: "Customer feedback",
        NoticeKind.ALARM: "Alarm",
    },
}

# What is said of a customer, between who it is and the calls that were made.
_PHRASES: dict[Language, dict[str, str]] = {
    "zh": {
        NoticeKind.UNREACHED: "拨打 {counted} 次均未接通",
        NoticeKind.INVALID_NUMBER: "的电话 {number} 是空号或错号，请核实",
        NoticeKind.OUT_OF_TIME: "收班前拨打 {calls} 次，未接通",
        NoticeKind.FEEDBACK: "提出意见：{text}",
    },
    "en": {
        NoticeKind.UNREACHED: " was not reached; calls made: {counted}",
        NoticeKind.INVALID_NUMBER: " has a wrong number, {number}; please correct it",
        NoticeKind.OUT_OF_TIME: " was not reached before closing; calls made: {calls}",
        NoticeKind.FEEDBACK: " says: {text}",
    },
}

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Wording:
    """How notices are worded. ``zone``: the time zone of the times in sentences."""

    language: Language = "zh"
    zone: tzinfo = CHINA

    def title(self, kind: str) -> str:
        """What kind of notice it is, in a few words; an unknown kind stays as it is."""
        return TITLES[self.language].get(kind, kind)

    def sentence(self, kind: str, body: Body) -> str:
        """The notice in one sentence. What a foreign body lacks is left out; an unknown kind gives its text."""
        data = _mapping(body.get("data"))
        text = str(data.get("text") or "")
        if kind == NoticeKind.LATE_START:
            return self._late_start(str(data.get("department") or ""), text)
        if kind == NoticeKind.ALARM:
            text = alarm(str(data.get("key") or ""), text, self.language)
        phrase = _PHRASES[self.language].get(kind)
        if phrase is None:
            return f"{self.title(kind)}：{text}" if self.language == "zh" else f"{self.title(kind)}: {text}"
        customer = _mapping(data.get("customer"))
        tried = data.get("counted")
        hand = _mapping(data.get("by_hand"))
        if hand and isinstance(tried, int):
            tried += int(hand.get("tries") or 0)
        said = phrase.format(
            counted=tried, number=data.get("number"), calls=len(self._attempts(data)), text=text or "—"
        )
        return self._whom(customer) + said + self._story(kind, data) + self._owners(customer)

    def disposition(self, disposition: str | None) -> str:
        """How a call ended, for people."""
        try:
            return DISPOSITIONS[Disposition(disposition or Disposition.UNKNOWN)].of(self.language)
        except ValueError:  # of a newer dialer
            return str(disposition)

    def time(self, stamp: str | None) -> str:
        """The time of day of an ISO timestamp, in ``zone``; "" when there is none that can be read."""
        try:
            return datetime.fromisoformat(stamp or "").astimezone(self.zone).strftime("%H:%M")
        except ValueError:
            return ""

    def _late_start(self, department: str, text: str) -> str:
        if self.language == "zh":
            return f"{department or '各营销部'}：今日访销电话推迟开始" + (f"，{text}" if text else "") + "。"
        return f"{department or 'All departments'}: today's calls start late" + (f": {text}" if text else "") + "."

    def _whom(self, customer: Body) -> str:
        code, person, phone = (str(customer.get(key) or "") for key in ("code", "person", "phone"))
        name = str(customer.get("shop_name") or "") or person or code
        if self.language == "zh":
            parts = [f"客户代码 {code}", person and f"负责人 {person}", phone and f"电话 {phone}"]
            return f"{name}（{'，'.join(part for part in parts if part)}）"
        parts = [f"customer {code}", person, phone and f"phone {phone}"]
        return f"{name} ({', '.join(part for part in parts if part)})"

    def _story(self, kind: str, data: Body) -> str:
        if kind not in (NoticeKind.UNREACHED, NoticeKind.OUT_OF_TIME):
            return ""
        hand = _mapping(data.get("by_hand"))
        calls = [
            f"{self.time(attempt.get('placed_at'))} {self.disposition(attempt.get('disposition'))}".strip()
            for attempt in self._attempts(data)
        ]
        if hand:
            calls.append(self._by_hand(hand))
        if not calls:
            return ""
        return f"（{'；'.join(calls)}）" if self.language == "zh" else f" ({'; '.join(calls)})"

    def _by_hand(self, hand: Body) -> str:
        text = f"：{hand['text']}" if hand.get("text") else ""
        if self.language == "zh":
            return f"{self.time(hand.get('at'))} {hand.get('who')} 手工拨打 {hand.get('tries')} 次未接通{text}"
        said = f"{self.time(hand.get('at'))} by hand by {hand.get('who')}, calls made: {hand.get('tries')}"
        return said + text.replace("：", ": ", 1)

    def _owners(self, customer: Body) -> str:
        department = str(customer.get("department") or "")
        manager = str(customer.get("account_manager") or "")
        if self.language == "zh":
            owners = "，".join(part for part in (department, manager and f"客户经理 {manager}") if part)
            return f"。{owners}。" if owners else "。"
        owners = ", ".join(part for part in (department, manager and f"account manager {manager}") if part)
        return f". {owners}." if owners else "."

    @staticmethod
    def _attempts(data: Body) -> list[Body]:
        """The attempts of this round: a corrected number starts the count anew."""
        found = data.get("attempts")
        attempts = [_mapping(entry) for entry in found] if isinstance(found, Sequence) else []
        return [attempt for attempt in attempts if attempt.get("round") == data.get("round")]


def _mapping(value: object) -> Body:
    return value if isinstance(value, Mapping) else {}
