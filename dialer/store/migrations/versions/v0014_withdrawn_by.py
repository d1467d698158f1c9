"""Who took a visit off the list, which was read from the words of the reason before; and the code called as well."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BY_LIST = "not on the amended list"
"""What a list wrote as the reason. A person who wrote the same cannot be told apart: it counted for the same."""


def upgrade() -> None:
    op.add_column("visits", sa.Column("withdrawn_by", sa.String(24)))
    op.add_column("visits", sa.Column("called_as", sa.Text(), nullable=False, server_default=""))
    visits = sa.table("visits", *map(sa.column, ("state", "reason", "withdrawn_by", "called_as")))
    state, reason = visits.c.state, visits.c.reason
    by_list = sa.update(visits).where(state.in_(("withdrawn", "unreached")), reason == BY_LIST)
    op.execute(by_list.values(withdrawn_by="list"))
    op.execute(sa.update(visits).where(state == "withdrawn", reason != BY_LIST).values(withdrawn_by="person"))
    code = sa.update(visits).where(state == "unreached", reason.not_in(("", BY_LIST)))
    op.execute(code.values(called_as=reason, reason=""))
