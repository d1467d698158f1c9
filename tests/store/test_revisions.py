"""The short cut to the newest revision: file names, which must say what Alembic says."""

from __future__ import annotations

import subprocess
import sys

from alembic.script import ScriptDirectory

from dialer.store import migrate


def test_file_names_are_the_chain_of_revisions() -> None:
    """One chain, in the order of the files' names, none missing."""
    scripts = ScriptDirectory.from_config(migrate.settings())
    chain = [script.revision for script in scripts.walk_revisions()]
    assert migrate.revisions() == chain[::-1]
    assert migrate.head() == scripts.get_current_head()


def test_an_ordinary_start_does_without_alembic() -> None:
    """It is not imported with the room."""
    code = "import sys, dialer.store.database; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
