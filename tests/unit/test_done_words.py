"""After a step a whole sentence is said, never the button's words and the state's."""

from __future__ import annotations

from lsp.views.done_words import JADWAL_DONE, PERMOHONAN_DONE, permohonan_done
from lsp.workflow.jadwal import JADWAL
from lsp.workflow.permohonan import PERMOHONAN


def test_only_steps_that_are_there():
    assert {row.name for row in PERMOHONAN.transitions} >= set(PERMOHONAN_DONE)
    assert {row.name for row in JADWAL.transitions} >= set(JADWAL_DONE)


def test_a_return_says_what_became_of_it():
    assert "dikembalikan" in permohonan_done("return_for_repair", "Minta perbaikan")
    assert permohonan_done("baru", "Langkah baru") == "Langkah baru: selesai."
