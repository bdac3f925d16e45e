"""May this happen now? Small pure questions, each named as a fact and answering with the reason why not.

A guard is (case, actor, note) -> None or a sentence in Indonesian; the same sentence stands under a disabled
button and in the refusal. One file a stage.
"""

from lsp.workflow.guards import assessment, certificate, decision, meeting, payment, registration

__all__ = ["assessment", "certificate", "decision", "meeting", "payment", "registration"]
