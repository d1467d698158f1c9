"""Each notice goes to whom it concerns, and nobody is told twice because somebody else was not reached."""

from __future__ import annotations

import json
import logging

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.errors import DeliveryFailed, SettingsError
from dialer.notices.outbox import Notice
from dialer.notices.senders import AppriseSender, Route, Router
from dialer.notices.wording import Wording
from tests.notices.platform import Platform, answer
from tests.notices.tools import ListSender, notice


class Failing(ListSender):
    """Fails with these, one after the other, then delivers."""

    def __init__(self, *failures: DeliveryFailed) -> None:
        super().__init__(self._fail)
        self.failures = list(failures)

    async def _fail(self, _notice: Notice) -> None:
        if self.failures:
            raise self.failures.pop(0)


ALARMS = frozenset({NoticeKind.ALARM})


async def test_routes_by_kind() -> None:
    """Alarms go to both, other notices to the platform only."""
    platform, chat = ListSender(), ListSender()
    router = Router({"platform": Route(platform), "chat": Route(chat, ALARMS)})
    await router.deliver(notice(NoticeKind.ALARM, key="1"))
    await router.deliver(notice(NoticeKind.UNREACHED, key="2"))
    assert (platform.got, chat.got) == (["abc123-1", "abc123-2"], ["abc123-1"])


async def test_who_has_acknowledged_is_not_asked_again() -> None:
    """While the platform fails, the chat that has the notice already is left alone; later a resend reaches both."""
    platform, chat = Failing(DeliveryFailed("500"), DeliveryFailed("500")), ListSender()
    router = Router({"platform": Route(platform), "chat": Route(chat)})
    for _ in range(2):
        with pytest.raises(DeliveryFailed, match=r"^platform: 500$"):
            await router.deliver(notice())
    await router.deliver(notice())
    assert (len(platform.got), len(chat.got)) == (1, 1)
    await router.deliver(notice())
    assert (len(platform.got), len(chat.got)) == (2, 2)


@pytest.mark.parametrize(
    ("first", "second", "permanent", "wait"),
    [
        (DeliveryFailed("gone", permanent=True), DeliveryFailed("gone", permanent=True), True, None),
        (DeliveryFailed("gone", permanent=True), DeliveryFailed("500"), False, None),
        (DeliveryFailed("gone", permanent=True), DeliveryFailed("503", retry_after_s=60), False, 60),
        (DeliveryFailed("500"), DeliveryFailed("503", retry_after_s=60), False, None),
        (DeliveryFailed("503", retry_after_s=90), DeliveryFailed("503", retry_after_s=60), False, 90),
    ],
)
async def test_failures_together(
    first: DeliveryFailed, second: DeliveryFailed, permanent: bool, wait: float | None
) -> None:
    """Only when all refuse for good is it for good; the longest wait counts unless somebody asks for none."""
    router = Router({"a": Route(Failing(first)), "b": Route(Failing(second))})
    with pytest.raises(DeliveryFailed, match=r"a: .*; b: ") as caught:
        await router.deliver(notice())
    assert (caught.value.permanent, caught.value.retry_after_s) == (permanent, wait)


async def test_nobody_takes_it() -> None:
    """A kind that no route takes is a failure that says so: it is not lost silently."""
    with pytest.raises(DeliveryFailed, match="nobody takes notices of kind unreached"):
        await Router({"chat": Route(ListSender(), ALARMS)}).deliver(notice(NoticeKind.UNREACHED))


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was given up long ago is forgotten."""
    monkeypatch.setattr("dialer.notices.senders._REMEMBERED", 2)
    bad = Failing(*(DeliveryFailed("no") for _ in range(9)))
    good = ListSender()
    router = Router({"good": Route(good), "bad": Route(bad)})
    for key in "1234":
        with pytest.raises(DeliveryFailed):
            await router.deliver(notice(key=key))
    with pytest.raises(DeliveryFailed):
        await router.deliver(notice(key="4"))
    with pytest.raises(DeliveryFailed):
        await router.deliver(notice(key="1"))
    assert good.got == [f"abc123-{key}" for key in "12341"]


async def test_apprise_sends_the_sentence(platform: Platform) -> None:
    """Apprise gets the title and the sentence in the wording's language."""
    sender = AppriseSender(_address(platform), Wording("zh"))
    await sender.deliver(notice())
    sent = json.loads(platform.received[0].text)
    assert (sent["title"], sent["message"]) == ("告警", "告警：线路中断")


def _address(platform: Platform) -> str:
    """Apprise's own JSON service, at the platform's address."""
    return platform.url.replace("http://", "json://user:hunter2@")


async def test_apprise_fails(platform: Platform) -> None:
    """A service that refuses is a failure that names the address by its place only."""
    platform.otherwise = answer(500)
    with pytest.raises(DeliveryFailed, match=r"^apprise address 2 \(json\) did not take the notice$"):
        await AppriseSender(_address(platform), Wording(), place=2).deliver(notice())


async def test_apprise_hangs(platform: Platform) -> None:
    """A service that hangs is given up in time and does not hold up the loop."""
    platform.otherwise = platform.hang
    with pytest.raises(DeliveryFailed, match=r"within 0\.2 s"):
        await AppriseSender(_address(platform), Wording(), timeout_s=0.2).deliver(notice())
    assert not platform.released.is_set(), "it still hangs"
    platform.released.set()


@pytest.mark.parametrize("address", ["nosuch://user:hunter2@host", "", "mailto://"])
def test_an_unusable_address(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """An address that Apprise does not know is a settings error; nothing of it is shown or logged."""
    with caplog.at_level(logging.DEBUG), pytest.raises(SettingsError, match="apprise address 1") as caught:
        AppriseSender(address, Wording())
    assert "hunter2" not in str(caught.value) + caplog.text
    assert not logging.getLogger("apprise").disabled
