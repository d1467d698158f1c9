"""`dialer backup` and `dialer restore`, as people type them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer.store.backups.files import name_of
from tests.cli.conftest import AGENTS, DAY, VISITS, Ran, Run, run_command, settings_file
from tests.cli.running import service


def states(run: Run) -> dict[str, str]:
    """The day's visits by customer."""
    lines = run("visits", "list", "--date", DAY, "--json").json()
    return {line["visit"]["customer"]: line["visit"]["state"] for line in lines}


def test_a_backup_says_what_is_in_it(listed: Run, tmp_path: Path) -> None:
    """Into the folder that is set, into another, to a file; for people in both languages and for programs."""
    told = listed("backup")
    assert told.code == 0, told
    (made,) = (tmp_path / "data" / "backups").glob("*.sqlite3")
    assert f"{made}: " in told.out
    assert f"3 visits (the latest list is for {DAY}), 0 calls" in told.out
    (tmp_path / "disk").mkdir()
    chinese = listed("backup", str(tmp_path / "disk"), lang="zh")
    assert "已校验" in chinese.out
    assert len(list((tmp_path / "disk").glob("dialer-*.sqlite3"))) == 1
    document = listed("backup", str(tmp_path / "copy.db"), "--json").json()
    assert document["backup"]["path"] == str(tmp_path / "copy.db")
    assert len(document["backup"]["sha256"]) == 64
    assert (document["contents"]["rows"]["visits"], document["contents"]["day"]) == (3, DAY)


def test_a_backup_that_cannot_be_made(run: Run, listed: Run, tmp_path: Path) -> None:
    """Over the database itself, into no folder: one line, an exit code, and nothing changed."""
    over = listed("backup", str(tmp_path / "data" / "dialer.sqlite3"))
    assert (over.code, "is the database itself" in over.err) == (1, True)
    nowhere = listed("backup", str(tmp_path / "none" / "copy.db"))
    assert (nowhere.code, nowhere.err.count("\n")) == (3, 1)
    (tmp_path / "data" / "dialer.sqlite3").rename(tmp_path / "away")
    assert "before the first start" in run("backup").err
    assert not (tmp_path / "data" / "dialer.sqlite3").exists()


def test_a_restore_beside_nothing_and_what_it_leaves(listed: Run, tmp_path: Path) -> None:
    """The day is as it was, calling waits for a person, and what was there is kept."""
    assert listed("backup", str(tmp_path / "copy.db")).code == 0
    assert listed("visits", "withdraw", "C001", "--reason", "ordered online", "--date", DAY).code == 0
    told = listed("restore", str(tmp_path / "copy.db"))
    assert told.code == 0, told
    (aside,) = (tmp_path / "data").glob("dialer.sqlite3-replaced-*Z")
    assert f"The previous database: {aside}" in told.out
    assert "Calling is paused" in told.out
    assert states(listed) == {"C001": "waiting", "C002": "waiting", "C003": "waiting"}
    status = listed("status", "--json").json()
    assert "restored from a backup" in status["paused"] or "恢复" in status["paused"]
    assert "restored" in {alarm["key"] if isinstance(alarm, dict) else alarm[0] for alarm in status["alarms"]}
    early = listed("campaign", "resume")
    assert (early.code, "restored from a backup" in early.err) == (1, True)
    (tmp_path / "copy.db.sha256").unlink()
    again = listed("restore", str(aside), lang="zh")
    assert "旁边没有校验和" in again.err
    assert states(listed)["C001"] == "withdrawn"


def test_what_is_no_backup_is_refused(listed: Run, tmp_path: Path) -> None:
    """A list, half a backup, one that somebody changed, nothing: a line that says which, and the books stay."""
    before = (tmp_path / "data" / "dialer.sqlite3").read_bytes()
    copy = tmp_path / "copy.db"
    assert listed("backup", str(copy)).code == 0
    whole = copy.read_bytes()
    for content, why in ((whole[:-1], "SHA-256"), (b"customer,number\n", "SHA-256")):
        copy.write_bytes(content)
        ran = listed("restore", str(copy))
        assert (ran.code, why in ran.err, "Traceback" in ran.err) == (1, True, False)
    copy.with_name("copy.db.sha256").unlink()
    assert f"nothing was changed: {copy} is no database" in listed("restore", str(copy)).err
    assert "there is no file" in listed("restore", str(tmp_path / "none.db")).err
    assert (tmp_path / "data" / "dialer.sqlite3").read_bytes() == before


def test_check_looks_at_the_backups(listed: Run, tmp_path: Path) -> None:
    """None yet, one of today, an old one, a folder that is none."""
    folder = tmp_path / "data" / "backups"

    def checked() -> tuple[str, str]:
        (found,) = [c for c in listed("check", "--json").json()["checks"] if c["name"] == "backups"]
        return found["verdict"], found["text"]

    assert checked() == ("ok", f"{folder}; none has been made yet")
    assert listed("backup").code == 0
    assert checked()[0] == "ok"
    for path in folder.iterdir():
        old = name_of(datetime.now(UTC) - timedelta(days=3))
        path.rename(folder / (old + (".sha256" if path.suffix == ".sha256" else "")))
    assert checked()[0] == "warn"
    ahead = name_of(datetime.now(UTC) + timedelta(days=400))
    for path in list(folder.iterdir()):
        shutil.copyfile(path, folder / (ahead + (".sha256" if path.suffix == ".sha256" else "")))
    assert checked()[0] == "warn"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.touch()
    assert checked()[0] == "fail"


def test_beside_a_running_service(tmp_path: Path) -> None:
    """A backup is made while it runs, a restore is refused; once it has stopped the same restore is done."""
    for name in ("spool", "done"):
        (tmp_path / name).mkdir()
    config = settings_file(tmp_path)
    (tmp_path / "agents.csv").write_text(AGENTS, encoding="utf-8")
    (tmp_path / "visits.csv").write_text(VISITS, encoding="gb18030")
    copy = str(tmp_path / "copy.db")

    def run(*arguments: str) -> Ran:
        return run_command("--config", str(config), "--lang", "en", *arguments)

    with service(config):
        assert run("agents", "import", str(tmp_path / "agents.csv")).code == 0
        ran = run("visits", "import", str(tmp_path / "visits.csv"), "--date", DAY)
        assert ran.code == 0
        made = run("backup", copy, "--json").json()
        assert made["contents"]["rows"]["visits"] == 3
        refused = run("restore", copy)
        assert (refused.code, "stop the service first" in refused.err) == (1, True)
        assert not list((tmp_path / "data").glob("*replaced*"))
    done = run("restore", copy, "--json")
    assert done.code == 0, done
    assert done.json()["contents"]["rows"]["visits"] == 3
    assert json.loads(done.out)["checked"] is True
