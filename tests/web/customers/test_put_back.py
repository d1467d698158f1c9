"""A team leader puts a customer back on the list, on the customer's page or by the API."""

from __future__ import annotations

import json

from tests.web.people import People


async def test_a_leader_puts_a_withdrawn_customer_back(people: People) -> None:
    """Issue 10, D: with a reason, which stands in the story; the page offers it for who was withdrawn alone."""
    await people.speak("leader", "en")
    await people.system.import_rows("C1,惠民店,13904700001,002,城区营销部")
    form = 'data-form="POST /visits/1/put-back"'
    assert form not in await people.get("leader", "/floor/customers/1")
    await people.api("leader", "POST", "/visits/1/put-back", {"reason": "x"}, 409)
    await people.api("leader", "POST", "/visits/1/withdraw", {"reason": "ordered online"})
    assert form in await people.get("leader", "/floor/customers/1")
    await people.api("agent", "POST", "/visits/1/put-back", {"reason": "x"}, 403)
    await people.api("leader", "POST", "/visits/1/put-back", {"reason": " "}, 422)
    back = await people.api("leader", "POST", "/visits/1/put-back", {"reason": "the order was cancelled"})
    visit = json.loads(back)
    assert (visit["state"], visit["withdrawn_by"], visit["reason"]) == ("waiting", None, "")
    page = await people.get("leader", "/floor/customers/1")
    assert "Put back on the list" in page
    assert "the order was cancelled" in page
    assert form not in page
