"""After an assessment, in the demo: a jadwal that is over with its signed reports, and an asesi who gave feedback."""

from __future__ import annotations

from lsp import clock
from lsp.models import Jadwal
from lsp.services import fr_ak_03, fr_ak_05, fr_ak_06, results
from lsp.services.demo.driver import DemoCase, Stage
from lsp.vocabulary import PermohonanStatus as S
from lsp.workflow.jadwal import JADWAL

#: Cases of asesor1 in these states went through the jadwal that is over.
PAST = (S.RECORDED, S.ISSUED, S.CLOSED_NOT_YET)
REPORTER = "asesor1"
_NOTES = {
    "4": "Bukti pekerjaan saya dibuka satu per satu.",
    "7": "Umpan baliknya jelas, tinggal tindak lanjutnya yang belum saya pahami.",
}


def give_feedback(case: DemoCase, *, doubt: bool = True) -> None:
    """Ten answers; doubt: one of them tidak, and two with words."""
    results.open_result(case.asesi, case.case)
    notes = _NOTES if doubt else {}
    answers = {
        str(number): fr_ak_03.Answer(yes=not doubt or number != 7, note=notes.get(str(number), ""))
        for number in range(1, 11)
    }
    comment = "Terima kasih, rapatnya tepat waktu." if doubt else ""
    fr_ak_03.give(case.asesi, case.case, answers=answers, comment=comment)


def sign_reports(stage: Stage, jadwal: Jadwal) -> None:
    """FR.AK.05 and FR.AK.06 of asesor1; then the jadwal is over, and may be closed once its last certificate is out."""
    asesor = stage.people[REPORTER]
    fr_ak_05.save(
        asesor,
        jadwal,
        {
            "aspects": "Positif: asesi menyiapkan bukti dengan rapi.\n"
            "Negatif: sambungan seorang asesi sempat terputus.",
            "refusals": "",
            "suggestions": "LSP mengirim panduan uji perangkat sehari sebelum rapat.",
            "note": "",
        },
    )
    fr_ak_05.sign(asesor, jadwal, typed_name=asesor.name)
    shape = fr_ak_06.shape_of(fr_ak_06.words_of(None))
    fr_ak_06.save(
        asesor,
        jadwal,
        answers=dict.fromkeys(shape.ticks, True)
        | dict.fromkeys(shape.dimensions, "TL/CVP (FR.IA.08), T/PW (FR.IA.09)"),
        texts={
            "explanation": "",
            "recommendation_process": "Waktu wawancara ditambah 15 menit.",
            "recommendation_consistency": "",
        },
    )
    fr_ak_06.sign(asesor, jadwal, typed_name=asesor.name)
    JADWAL.perform(jadwal, "finish", stage.people["admin"], version=jadwal.version)
    assert clock.today_wib() > jadwal.ends_on  # noqa: S101 - the demo tells it as over
