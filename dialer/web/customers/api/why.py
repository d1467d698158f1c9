"""The answer to "why has this customer not been called?"."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dialer.campaign.views.why import Answer
from dialer.campaign.views.wording import sentence
from dialer.web.kit.api.routes import Request
from dialer.web.kit.http.answers import Said, View


class WhyView(View):
    """Why a customer has not been called."""

    customer: str
    code: str
    params: dict[str, Any]
    sentence: Said


def why_view(request: Request[Any, Any], customer: str, answer: Answer) -> WhyView:
    """A why-answer as code, parameters and sentence."""
    zone = request.services.zone
    return WhyView(
        customer=customer,
        code=answer.why,
        params={name: v.isoformat() if isinstance(v, datetime) else v for name, v in answer.params.items()},
        sentence=Said(zh=sentence(answer, "zh", zone), en=sentence(answer, "en", zone)),
    )
