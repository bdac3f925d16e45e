"""A filled FR.IA as it is read: what stands in it, in the words of its form, and nothing of the keys."""

from __future__ import annotations

from lsp import clock
from lsp.database import db
from lsp.models import InstrumentAnswer, InterviewTopic, PortfolioCheck
from lsp.services.instrument_reading import editions_of, reading_of, readings_of
from lsp.vocabulary import Conclusion, InstrumentPaper, PermohonanStatus
from tests.support.assessment import make_filled, make_instrument
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan

CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW


def case_in_assessment():
    return make_permohonan(PermohonanStatus.IN_ASSESSMENT, work_done=False)


def check(title, *answers, note=""):
    valid, authentic, current, sufficient = answers
    return {
        "title": title, "valid": valid, "authentic": authentic, "current": current,
        "sufficient": sufficient, "note": note,
    }  # fmt: skip


class TestReading:
    def test_fr_ia_08_in_the_words_of_its_form(self, app):
        case = case_in_assessment()
        paper = make_filled(case, CVP, conclusion=Conclusion.OTHER_METHOD, not_met="Unit 1")
        elemen = case.skema_version.units[0].elements[0]
        db.session.add_all(
            [
                PortfolioCheck(filled_id=paper.id, position=1, **check("Surat", True, False, None, True)),
                InterviewTopic(filled_id=paper.id, elemen_id=elemen.id, substance="Bahaya"),
            ]
        )  # fmt: skip
        db.session.flush()
        [read] = readings_of(case, CVP)
        assert read.rules == ("Valid", "Asli", "Terkini", "Memadai")
        assert read.checks[0].answers == (True, False, None, True)
        assert (read.topics[0].unit, read.topics[0].substance) == (1, "Bahaya")
        assert "lanjut dengan metode lain" in read.conclusion
        assert read.not_met == "Unit 1"

    def test_the_asesi_reads_why_something_is_no_and_not_what_the_asesor_noted_for_himself(
        self, app
    ):
        case = case_in_assessment()
        paper = make_filled(case)
        rows = [
            check("Foto", True, True, True, True, note="Cocokkan lagi dengan HP"),
            check("Surat", True, True, False, True, note="Surat tahun 2015"),
        ]
        paper.checks = [PortfolioCheck(position=n, **row) for n, row in enumerate(rows, 1)]
        db.session.flush()
        assert [row.note for row in reading_of(paper).checks] == [rows[0]["note"], rows[1]["note"]]
        assert [row.note for row in reading_of(paper, for_asesi=True).checks] == [
            "",
            "Surat tahun 2015",
        ]

    def test_no_key_is_read(self, app):
        case = case_in_assessment()
        item = make_instrument(case.skema_version).items[0]
        paper = make_filled(case, PW)
        paper.answers = [
            InstrumentAnswer(position=1, item_id=item.id, question=item.text, achieved=True)
        ]
        db.session.commit()
        assert item.key not in repr(readings_of(case, PW))

    def test_editions_newest_first_in_as_many_queries_as_one(self, app):
        case = case_in_assessment()
        make_filled(case, frozen_at=clock.now())
        db.session.commit()
        one = count_queries(lambda: editions_of(case, CVP))
        make_filled(case, edition=2)
        db.session.commit()
        assert [row.edition for row in readings_of(case, CVP)] == [2, 1]
        db.session.expire_all()
        assert count_queries(lambda: editions_of(case, CVP)) <= one + 1
