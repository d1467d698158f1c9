"""A notice as a person reads it: one sentence, in Chinese or English, in the department's own time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.views.wording import DISPOSITIONS, NOTICES, alarm
from dialer.clock import on_clock
from dialer.language import N_, Language, Translate, translator
from dialer.notices.outbox import Body, mapping

_SENTENCES: dict[str, str] = {
    NoticeKind.UNREACHED: N_("{customer} was not reached; calls made: {counted}{calls}{owners}"),
    NoticeKind.INVALID_NUMBER: N_("{customer} has a wrong number, {number}; please correct it{calls}{owners}"),
    NoticeKind.OUT_OF_TIME: N_("{customer} was not reached before closing; calls made: {made}{calls}{owners}"),
    NoticeKind.FEEDBACK: N_("{customer} says: {text}{calls}{owners}"),
    NoticeKind.TAKEN_BACK: N_("{customer}: “{what}” was a mistake and is taken back{owners}"),
}
"""What is said of a customer."""

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Wording:
    """How notices are worded. ``zone``: the time zone of the times in sentences."""

    language: Language = "zh"
    zone: tzinfo = CHINA

    @property
    def _t(self) -> Translate:
        return translator(self.language)

    def title(self, kind: str) -> str:
        """What kind of notice it is, in a few words; an unknown kind stays as it is."""
        return self._t(NOTICES[NoticeKind(kind)]) if kind in set(NoticeKind) else kind

    def sentence(self, kind: str, body: Body) -> str:
        """The notice in one sentence. What a foreign body lacks is left out; an unknown kind gives its text."""
        data = mapping(body.get("data"))
        text = str(data.get("text") or "")
        if kind == NoticeKind.LATE_START:
            return self._late_start(str(data.get("department") or ""), text)
        if kind in (NoticeKind.ALARM, NoticeKind.ALARM_OVER):
            text = alarm(str(data.get("key") or ""), text, self.language)
        sentence = _SENTENCES.get(kind)
        if sentence is None:
            return self._t("{title}: {text}", title=self.title(kind), text=text)
        customer = mapping(data.get("customer"))
        tried = data.get("counted")
        manual = mapping(data.get("by_hand"))
        if manual and isinstance(tried, int):
            tried += int(manual.get("tries") or 0)
        return self._t(
            sentence,
            customer=self._customer(customer),
            counted=tried,
            number=data.get("number"),
            made=len(self._attempts(data)),
            text=text or "—",
            what=self.title(str(data.get("what") or "")),
            calls=self._calls(kind, data),
            owners=self._owners(customer),
        )

    def disposition(self, disposition: str | None) -> str:
        """How a call ended, for people."""
        try:
            return self._t(DISPOSITIONS[Disposition(disposition or Disposition.UNKNOWN)])
        except ValueError:  # of a newer dialer
            return str(disposition)

    def time(self, stamp: str | None) -> str:
        """The time of day of an ISO timestamp, in ``zone``; "" when there is none that can be read."""
        try:
            return on_clock(datetime.fromisoformat(stamp or ""), self.zone).strftime("%H:%M")
        except ValueError:
            return ""

    def _late_start(self, department: str, text: str) -> str:
        whom = department or self._t("All departments", context="notice")
        if text:
            return self._t("{departments}: today's calls start late: {text}.", departments=whom, text=text)
        return self._t("{departments}: today's calls start late.", departments=whom)

    def _customer(self, customer: Body) -> str:
        t = self._t
        code, person, phone = (str(customer.get(key) or "") for key in ("code", "person", "phone"))
        known = [t("customer {code}", code=code)]
        known += [t("{person}", context="person in charge", person=person)] if person else []
        known += [t("phone {number}", number=phone)] if phone else []
        name = str(customer.get("shop_name") or "") or person or code
        return t("{name} ({particulars})", name=name, particulars=t(", ", context="notice").join(known))

    def _calls(self, kind: str, data: Body) -> str:
        if kind not in (NoticeKind.UNREACHED, NoticeKind.OUT_OF_TIME):
            return ""
        calls = [
            f"{self.time(attempt.get('placed_at'))} {self.disposition(attempt.get('disposition'))}".strip()
            for attempt in self._attempts(data)
        ]
        if code := data.get("called_as"):
            calls.insert(0, self._t("the number was called for customer {code} as well", code=code))
        if manual := mapping(data.get("by_hand")):
            calls.append(self._manual(manual))
        return self._t(" ({calls})", calls=self._t("; ").join(calls)) if calls else ""

    def _manual(self, manual: Body) -> str:
        said = self._t(
            "{at} by hand by {who}, calls made: {tries}",
            at=self.time(manual.get("at")),
            who=manual.get("who"),
            tries=manual.get("tries"),
        )
        return said + (self._t(": {text}", text=manual["text"]) if manual.get("text") else "")

    def _owners(self, customer: Body) -> str:
        department = str(customer.get("department") or "")
        manager = str(customer.get("account_manager") or "")
        owners = [department] if department else []
        owners += [self._t("account manager {name}", name=manager)] if manager else []
        return self._t(". {owners}.", owners=self._t(", ", context="notice").join(owners)) if owners else self._t(".")

    @staticmethod
    def _attempts(data: Body) -> list[Body]:
        """The attempts of this round: a corrected number starts the count anew."""
        found = data.get("attempts")
        attempts = [mapping(entry) for entry in found] if isinstance(found, Sequence) else []
        return [attempt for attempt in attempts if attempt.get("round") == data.get("round")]
