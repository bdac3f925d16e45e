"""${message}

Revision ${up_revision}, after ${down_revision or "nothing"}, ${create_date.date()}.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
from lsp.models.triggers import drop_triggers

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    drop_triggers(op.get_bind())
    ${downgrades if downgrades else "pass"}
