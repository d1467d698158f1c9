"""Errors of the API as ours again, and the exit codes that come of them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from dialer import errors
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.cli.base import Exit, ServiceUnreachable, cells, exit_of, plain
from dialer.cli.client import error_of, find_service
from dialer.errors import DialerError, ListRefused, RowProblem


@pytest.mark.parametrize("kind", [errors.NotFound, errors.Conflict, errors.BadInput, errors.Busy, errors.LinkDown])
def test_an_error_survives_the_way_over_http(kind: type[DialerError]) -> None:
    """Code and message come back as the same class."""
    error = error_of(400, {"error": kind.code, "message": "what and where", "problems": []})
    assert (type(error), str(error)) == (kind, "what and where")


def test_a_refused_list_keeps_its_rows() -> None:
    """Each problem is a row, a column, a value and a reason again."""
    body = {
        "error": "list-refused",
        "message": "no",
        "problems": [{"where": "row 2", "row": 2, "column": "", "value": "x", "reason": "y"}],
    }
    error = error_of(422, body)
    assert isinstance(error, ListRefused)
    assert error.problems == (RowProblem(2, "", "x", "y"),)


def test_what_we_do_not_know_is_told_by_its_status() -> None:
    """A code of a newer service is refused or failed; something that is not JSON is shown."""
    assert exit_of(error_of(403, {"error": "not-allowed", "message": "no"})) is Exit.NO
    assert exit_of(error_of(504, {"error": "not-yet", "message": "no"})) is Exit.FAILED
    assert "Bad Gateway" in str(error_of(502, "<h1>Bad Gateway</h1>"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SettingsError("x"), Exit.USAGE),
        (errors.NotFound("x"), Exit.NO),
        (errors.Busy(), Exit.UNREACHABLE),
        (ServiceUnreachable("x"), Exit.UNREACHABLE),
        (errors.StoreError("x"), Exit.UNREACHABLE),
        (errors.GuardFailed("x"), Exit.FAILED),
        (errors.RecordingError("x"), Exit.FAILED),
    ],
)
def test_exit_codes(error: DialerError, code: Exit) -> None:
    """A script can tell no from wrong from unreachable."""
    assert exit_of(error) is code


def test_a_service_is_found_by_its_announcement(tmp_path: Path) -> None:
    """None without one or with half of one; alive or not by its process."""
    assert find_service(tmp_path) is None
    (tmp_path / "service.json").write_text('{"url": ')
    assert find_service(tmp_path) is None
    (tmp_path / "service.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": 2**22 + 1}))
    with pytest.raises(errors.SettingsError, match=r"cli\.token"):
        find_service(tmp_path)
    (tmp_path / "cli.token").write_text("t\n")
    place = find_service(tmp_path)
    assert place is not None
    assert (place.url, place.token, place.alive) == ("http://127.0.0.1:1", "t", False)


def test_cells_show_text_as_it_is() -> None:
    """Square brackets in a shop's name are no markup, and nothing is empty."""
    console = Console(file=io.StringIO(), width=80)
    table = Table("a")
    table.add_row(*cells("[red]店"))
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    assert "[red]店" in console.file.getvalue()
    assert cells(None, 3) == ["", "3"]


def test_plain_values() -> None:
    """Records become what JSON can say."""
    assert plain(RowProblem(1, "a", "b", "c")) == {"row": 1, "column": "a", "value": "b", "reason": "c"}
    assert json.dumps({"a": (1, Path("/x"))}, default=plain) == '{"a": [1, "/x"]}'


def test_json_keeps_the_keys_that_scripts_know() -> None:
    """What the PBX says of a call is told as ``sign``, as it was before; which PBX it was is not told."""
    event = CallEvent("k3x9pq-1-1-toy3k0", CallProgress.RINGING, datetime(2026, 11, 23, 1, tzinfo=UTC), sip=180)
    told = json.loads(json.dumps(event, default=plain))
    assert (told["sign"], told["at"], told["sip"]) == ("ringing", "2026-11-23T01:00:00+00:00", 180)
    assert told.keys().isdisjoint({"progress", "pbx"})
