"""Words that answers carry beside their codes, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialer.campaign.why import Answer
from dialer.campaign.wording import sentence
from dialer.web.kit.api.routes import Request
from dialer.web.kit.views import Said, WhyView


def why_view(request: Request[Any, Any], customer: str, answer: Answer) -> WhyView:
    """A why-answer as code, parameters and sentence."""
    zone = request.services.zone
    return WhyView(
        customer=customer,
        code=answer.why,
        params={name: v.isoformat() if isinstance(v, datetime) else v for name, v in answer.params.items()},
        sentence=Said(zh=sentence(answer, "zh", zone), en=sentence(answer, "en", zone)),
    )


def notice_words(request: Request[Any, Any], kind: str, body: Mapping[str, Any]) -> dict[str, Said]:
    """Title and sentence of a notice."""
    zh, en = (request.services.word_notice(kind, body, language) for language in ("zh", "en"))
    return {"title": Said(zh=zh[0], en=en[0]), "sentence": Said(zh=zh[1], en=en[1])}
