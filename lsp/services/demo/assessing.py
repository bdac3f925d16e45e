"""What an asesor has written in a fictional assessment that is still under way: FR.IA.08, half of it."""

from __future__ import annotations

from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.services import fr_ia_08, instruments
from lsp.services.instrument_reading import RULES
from lsp.vocabulary import InstrumentPaper


def check_portfolio(asesor: Actor, case: Permohonan) -> None:
    """One row judged with a doubt, its first elemen ticked for the interview; the others stand as they were carried."""
    paper = instruments.open_instrument(asesor, case, InstrumentPaper.CVP)
    first = paper.checks[0]
    fr_ia_08.judge(
        first,
        {**dict.fromkeys(RULES, True), "current": False},
        "Surat lama. Asesi diminta menjelaskan pekerjaannya setahun terakhir.",
    )
    elemen = case.skema_version.units[0].elements[0]
    fr_ia_08.set_topics(asesor, case, paper, {elemen.id: ""})
    instruments.open_instrument(asesor, case, InstrumentPaper.PW)
