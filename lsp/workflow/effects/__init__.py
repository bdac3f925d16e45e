"""And then what? Effects write rows in the same transaction; nothing leaves the process here.

An effect is (case, actor, note) -> None. Those that fill columns a CHECK constraint wants stand in `fills`.
"""

from lsp.workflow.effects import (
    assessment,
    certificate,
    common,
    decision,
    meeting,
    payment,
    registration,
)

__all__ = ["assessment", "certificate", "common", "decision", "meeting", "payment", "registration"]
