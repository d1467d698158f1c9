"""The day's lists: whatever lacks its counterpart is named, and nothing else."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.order import Order
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import Call
from dialer.recording.ingester import Ingester, OrphanedRecording
from dialer.recording.orders import NO_CALL, Orders
from dialer.recording.reconcile import Reconciler, reconcile
from dialer.store.database import Database
from dialer.web.reports.api.books import ReconciliationView
from tests.recording.real_records import real_records
from tests.recording.sounds import NOW, Alarms, Clock, call, config, talk

DAY = date(2026, 11, 23)
WAIT = timedelta(minutes=2)
KEPT = Recording("", RecordingState.KEPT, NOW)


def line(number: int, recording: Recording | None, **fields: object) -> Call:
    """A call of the day with its recording."""
    made = call(f"abc123-{number}-1-k3", **fields)  # type: ignore[arg-type]  # fields by name, or a stand-in
    return Call(made, Customer(made.customer, shop_name="惠民店"), recording and replace(recording, attempt=made.id))


def test_a_clean_day() -> None:
    """Kept, deleted by retention, abandoned without a recording, just ended: nothing to say."""
    calls = [
        line(1, KEPT),
        line(2, replace(KEPT, state=RecordingState.DELETED)),
        line(3, None, connected_at=None, disposition=Disposition.ABANDONED),
        line(4, None, ended_s_ago=100),
        line(5, None, state=AttemptState.CONNECTED, ended_at=None, disposition=None),
    ]
    orders = [Order("N1", "C1", NOW, "agent", attempt="abc123-1-1-k3")]
    report = reconcile(DAY, calls, orders, (), now=NOW, settled_after=WAIT)
    assert report.clean
    assert report.faulty_recordings == ()


def test_each_kind_is_named() -> None:
    """Missing, not booked, faulty, orphan, open, ambiguous, and an order whose call has no recording."""
    calls = [
        line(2, replace(KEPT, state=RecordingState.MISSING, faults=("no_file: nothing came",))),
        line(1, None, ended_s_ago=300),
        line(3, replace(KEPT, state=RecordingState.FAULTY, faults=("silent",))),
        line(4, None, ended_s_ago=400, connected_at=None),  # an outage hid when the agent came on
    ]
    orders = [
        Order("N3", "C3", NOW, "order-system", open_question=NO_CALL),
        Order("N2", "C2", NOW, "order-system", attempt="abc123-2-1-k3"),
        Order("N4", "C3", NOW, "order-system", attempt="abc123-3-1-k3"),
        Order("N5", "C3", NOW, "agent", attempt="abc123-3-1-k3", open_question="whose?", candidates=("a", "b")),
    ]
    orphan = OrphanedRecording("/done/x.raw", 1, "the records know no such call")
    report = reconcile(DAY, calls, orders, (orphan,), now=NOW, settled_after=WAIT)
    assert [(found.attempt, found.reason) for found in report.calls_without_recording] == [
        ("abc123-4-1-k3", "no_file: not booked yet"),
        ("abc123-1-1-k3", "no_file: not booked yet"),
        ("abc123-2-1-k3", "no_file: nothing came"),
    ]
    assert [(found.attempt, found.shop_name, found.reason) for found in report.faulty_recordings] == [
        ("abc123-3-1-k3", "惠民店", "silent")
    ]
    assert report.strays == (orphan,)
    assert [(found.number, found.reason) for found in report.orders_without_call] == [("N3", NO_CALL), ("N5", "whose?")]
    assert [(found.number, found.attempt) for found in report.orders_without_recording] == [("N2", "abc123-2-1-k3")]
    assert not report.clean


def test_the_lists_are_json() -> None:
    """Dates and times as text, nothing lost: what the API gives."""
    report = reconcile(DAY, [line(1, None, ended_s_ago=300)], (), (), now=NOW, settled_after=WAIT)
    plain = json.loads(ReconciliationView.model_validate(report).model_dump_json())
    assert plain["day"] == "2026-11-23"
    assert plain["clean"] is False
    assert plain["calls_without_recording"][0]["connected_at"] == "2026-11-23T00:54:56.500000Z"
    assert plain["strays"] == []


@pytest.mark.parametrize("page", [1, 500])
async def test_over_real_books(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """Open orders and unchecked lengths are tried again first; pages are read to their end; days are local."""
    monkeypatch.setattr("dialer.recording.reconcile._PAGE", page)
    records, clock, settings = real_records(database), Clock(), config(tmp_path)
    orders = Orders(records.orders, records.calls, clock)
    ingester = Ingester(records.recordings, records.calls, settings, clock, Alarms())
    reconciler = Reconciler(records.calls, records.orders, orders, ingester, clock, ZoneInfo("Asia/Shanghai"))
    await orders.take(Order("N1", "C1", NOW, "order-system"))  # its call becomes known later
    await orders.take(Order("N2", "C1", NOW - timedelta(hours=2), "order-system"))  # 07:00 in Shanghai
    await orders.take(Order("N3", "C1", NOW - timedelta(hours=10), "order-system"))  # the day before there
    await orders.take(Order("N4", "C1", NOW + timedelta(hours=16), "order-system"))  # the day after there
    for number in (1, 2, 3):
        name = f"abc123-{number}-1-k3"
        await records.add(call(name, ended_s_ago=200, number=f"1390470000{number}", agent=f"10{number}"))
    (settings.done / "abc123-2-1-k3.raw").write_bytes(talk(4))
    (settings.done / "unheard-of.raw").write_bytes(talk(1))
    await ingester.sweep()
    row = await records.recordings.recording("abc123-2-1-k3")
    assert row is not None
    await records.recordings.save_recording(replace(row, faults=("length_unchecked",)))

    report = await reconciler.run(DAY)
    assert {found.attempt for found in report.calls_without_recording} == {"abc123-1-1-k3", "abc123-3-1-k3"}
    assert report.faulty_recordings == ()
    row = await records.recordings.recording("abc123-2-1-k3")
    assert row is not None
    assert row.faults == ()
    assert [Path(orphan.path).name for orphan in report.strays] == ["unheard-of.raw"]
    assert [found.number for found in report.orders_without_call] == ["N2"]
    assert [found.number for found in report.orders_without_recording] == ["N1"]
