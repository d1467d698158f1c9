"""Pictures of the pages, taken of a rehearsal that runs."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from dialer.people.staff import Role
from tests.pictures.screenshots import NAME, CannotPicture, main, picture
from tests.web.people import People, open_people


def announce(people: People, data: Path) -> None:
    """Put down where the service is, as a running one does."""
    (data / "service.json").write_text(json.dumps({"url": people.system.url}))
    (data / "cli.token").write_text(people.system.tokens["all"])


async def test_every_page_of_a_role_is_pictured(tmp_path: Path) -> None:
    """In each language and size, found by links alone; the account made for it is disabled again, and used again."""
    async with open_people(tmp_path, gap_s=5) as people:
        announce(people, tmp_path)
        made = await picture(
            tmp_path,
            tmp_path / "shots",
            roles=[Role.ADMINISTRATOR],
            languages={"en": "en"},
            sizes=[{"width": 1366, "height": 768}],
        )
        names = {path.name for path in made}
        assert {f"administrator-admin-{each}-en-1366.png" for each in ("staff", "tokens", "calendar")} <= names
        assert "administrator-audit-en-1366.png" in names
        states = ("admin-account", "admin-keys", "error-403", "error-404")
        assert {f"administrator-{each}-en-1366.png" for each in states} <= names
        assert {"nobody-sign-in-en-1366.png", "nobody-sign-in-refused-en-1366.png"} <= names
        for path in made:
            head = path.read_bytes()[:24]
            assert head.startswith(b"\x89PNG")
            width, height = struct.unpack(">II", head[16:24])
            assert width == 1366
            assert height >= 768
        left = {staff.number: staff for staff in await people.system.services.accounts.store.everybody()}
        assert left["9803"].disabled
        assert left["9803"].name == NAME
        with pytest.raises(CannotPicture, match="every agent has an account already"):
            await picture(tmp_path, tmp_path / "shots", roles=[Role.AGENT])


async def test_real_work_is_left_alone(tmp_path: Path) -> None:
    """No account is made where the gap is that of real work, nor where nothing runs."""
    async with open_people(tmp_path) as people:
        announce(people, tmp_path)
        with pytest.raises(CannotPicture, match="no rehearsal"):
            await picture(tmp_path, tmp_path / "shots")
        assert NAME not in {staff.name for staff in await people.system.services.accounts.store.everybody()}


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a rehearsal in the folder, and without folders at all."""
    assert main([str(tmp_path), str(tmp_path / "shots")]) == 1
    assert main([str(tmp_path), str(tmp_path / "shots"), "huge"]) == 2
    assert "make demo KEEP=1" in capsys.readouterr().err
    assert main([]) == 2
