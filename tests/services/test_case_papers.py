"""The list of every paper of a case: it agrees with what the pleno asks, and says of each where it stands."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import Countersignature, FrAk03, FrAk05, FrAk06
from lsp.services.case_papers import case_papers
from lsp.vocabulary import (
    InstrumentPaper,
    Mode,
    PaperState,
    PermohonanStatus as S,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.decision import missing_papers, stopped_at_pre_assessment
from lsp.workflow.required_papers import required_papers
from tests.support.assessment import make_filled
from tests.test_pages import count_queries
from tests.workflow.cases import make_cast, make_permohonan, seat_of, tell

PRESENT, WAITING, LACKING = PaperState.PRESENT, PaperState.WAITING, PaperState.LACKING
NOT_NEEDED, OUTSIDE = PaperState.NOT_NEEDED, PaperState.OUTSIDE
#: Forms 12, by hand: what a case at a distance with portfolio and interview has when it ends.
WHOLE = {
    "pendaftaran": ["FR.APL.01", "FR.APL.02", "portofolio"],
    "rencana": ["FR.MAPA.01", "FR.MAPA.02"],
    "sebelum": ["surat_tugas_asesor", "verifikasi_tuk", "surat_tugas_komite"],
    "pra": [
        *("daftar_hadir_pra", "dokumentasi_pra", "penjelasan_banding", "tata_tertib"),
        *("FR.AK.07", "FR.AK.01"),
    ],
    "asesmen": [
        "daftar_hadir_asesmen", "FR.IA.08", "FR.IA.09", "FR.IA.10", "dokumentasi_asesmen",
    ],
    "keputusan": ["FR.AK.02", "rekomendasi_asesor", "FR.AK.03", "FR.AK.05", "FR.AK.06"],
    "tim_teknis": ["daftar_hadir_pleno", "notulen_pleno", "berita_acara_pleno", "sk_hasil"],
    "sertifikat": ["permohonan_blanko", "nomor_blanko", "pencatatan", "sertifikat"],
}  # fmt: skip


def papers_of(case):
    return {paper.key: paper for phase in case_papers(case) for paper in phase.papers}


def state(case, key):
    return papers_of(case)[key].state


def required(case):
    return required_papers(dossier_of(case), stopped=stopped_at_pre_assessment(case))


def agreed(case):
    """The list and the pleno name the same; by words, for some entries are told as more than one thing."""
    lacking = {key for key, paper in papers_of(case).items() if paper.lacks}
    told = {
        key for each in required(case) if not each.is_there for key in each.keys
    }  # fmt: skip
    assert lacking == told
    assert [each.words for each in required(case) if not each.is_there] == missing_papers(case)
    return lacking


class TestAgreement:
    @pytest.mark.parametrize("status", list(S))
    def test_in_every_state(self, app, status):
        case = make_permohonan(status)
        wanted = {key for each in required(case) for key in each.keys}
        assert wanted == {key for key, paper in papers_of(case).items() if paper.needed}
        agreed(case)

    @pytest.mark.parametrize("key", ["FR.MAPA.01", "FR.AK.07", "FR.AK.01"])
    def test_a_part_of_the_plan(self, app, key):
        case = make_permohonan(S.RECOMMENDED)
        column = {"FR.MAPA.01": "mapa_chosen_at", "FR.AK.07": "fr_ak_07_at"}
        setattr(dossier_of(case).plan, column.get(key, "fr_ak_01_at"), None)
        db.session.flush()
        assert key in agreed(case)

    @pytest.mark.parametrize("paper", [InstrumentPaper.CVP, InstrumentPaper.PW])
    def test_an_instrument_begun_anew(self, app, paper):
        case = make_permohonan(S.RECOMMENDED)
        make_filled(case, paper, edition=2)
        db.session.flush()
        assert agreed(case) == {paper.value}
        assert papers_of(case)[paper.value].words == "Edisi 2 belum diselesaikan asesor."

    @pytest.mark.parametrize("column", ["recording_reference", "screenshot_document_id"])
    def test_what_may_follow_a_remote_meeting(self, app, column):
        case = make_permohonan(S.RECOMMENDED)
        record = dossier_of(case).bookings[-1].record
        setattr(record, column, "" if column == "recording_reference" else None)
        db.session.flush()
        assert agreed(case) == {"dokumentasi_asesmen"}
        told = papers_of(case)["dokumentasi_asesmen"].words
        assert told == f"Kurang: {missing_papers(case)[0]}."

    def test_a_case_that_stopped_at_the_pre_assessment(self, app):
        case = make_permohonan(S.RECOMMENDED)
        tell(case, "recommend_not_continue", S.PRE_SCHEDULED, S.RECOMMENDED)
        agreed(case)
        found = papers_of(case)
        for key in ("FR.MAPA.01", "FR.AK.07", "FR.AK.01", "FR.IA.08", "daftar_hadir_asesmen"):
            assert (found[key].state, found[key].needed) == (NOT_NEEDED, False)

    def test_papers_of_the_time_before_lie_in_the_archive(self, app):
        case = make_permohonan(S.RECOMMENDED)
        plan = dossier_of(case).plan
        plan.methods, plan.mapa = ["observasi", "lisan"], None
        db.session.flush()
        assert {"FR.IA.01", "FR.IA.07"} <= agreed(case)
        plan.papers_outside = True
        db.session.flush()
        assert agreed(case) == set()
        found = papers_of(case)
        assert {found[key].state for key in ("FR.IA.01", "FR.IA.07")} == {OUTSIDE}


class TestWhole:
    def test_the_order_is_that_of_the_phases(self, app):
        found = case_papers(make_permohonan(S.ISSUED))
        assert {phase.key: [paper.key for paper in phase.papers] for phase in found} == WHOLE

    def test_an_issued_case_lacks_nothing_but_what_the_portal_does_not_keep(self, app):
        case = make_permohonan(S.ISSUED)
        found = papers_of(case)
        assert {key for key, paper in found.items() if paper.state is OUTSIDE} == {
            "surat_tugas_komite",
        }  # fmt: skip
        assert {key for key, paper in found.items() if paper.state is WAITING} == {
            "FR.AK.03", "FR.AK.05", "FR.AK.06",
        }  # fmt: skip
        assert found["FR.IA.10"].state is NOT_NEEDED
        assert found["sertifikat"].words == dossier_of(case).registration.certificate_entry.text

    def test_a_case_that_only_begins_has_nothing_late(self, app):
        found = papers_of(make_permohonan(S.DRAFT, work_done=False))
        assert found["FR.APL.01"].state in (PRESENT, WAITING)
        assert {found[key].state for key in ("FR.AK.01", "FR.AK.02", "sk_hasil")} == {LACKING}


class TestMeetings:
    def test_who_was_there_and_when(self, app):
        case = make_permohonan(S.RECOMMENDED)
        seats = dossier_of(case).bookings
        paper = papers_of(case)["daftar_hadir_pra"]
        assert (paper.state, paper.subject) == (PRESENT, seats[0].public_id)
        assert seats[0].slot.asesor.name in paper.words
        seats[-1].record.asesi_present_at = None
        assert state(case, "daftar_hadir_asesmen") is WAITING

    def test_face_to_face_keeps_no_recording(self, app):
        case = make_permohonan(S.RECOMMENDED, mode=Mode.LURING)
        assert papers_of(case)["dokumentasi_asesmen"].words == "Rapatnya tatap muka."

    def test_the_verification_of_the_tuk(self, app):
        case = make_permohonan(S.SCHEDULED)
        tuk = seat_of(case).slot.jadwal.tuk
        assert state(case, "verifikasi_tuk") is PRESENT
        assert tuk.verification_letter in papers_of(case)["verifikasi_tuk"].words
        tuk.verification_letter, tuk.verified_on = "", None
        assert state(case, "verifikasi_tuk") is OUTSIDE

    @pytest.mark.parametrize(
        ("key", "column"),
        [
            ("penjelasan_banding", "appeal_explained_at"),
            ("tata_tertib", "rights_explained_at"),
        ],
    )
    def test_what_was_explained(self, app, key, column):
        case = make_permohonan(S.RECOMMENDED)
        for seat in dossier_of(case).bookings:
            setattr(seat.record, column, None)
        assert state(case, key) is LACKING
        setattr(dossier_of(case).bookings[0].record, column, clock.now())
        paper = papers_of(case)[key]
        assert paper.state is PRESENT
        assert "dijelaskan asesor pada" in paper.words
        assert "disetujui asesi dalam FR.AK.01" in paper.words


class TestResult:
    def test_each_signature_on_fr_ak_02(self, app):
        case = make_permohonan(S.IN_ASSESSMENT)
        paper = dossier_of(case).fr_ak_02
        words = papers_of(case)["FR.AK.02"].words
        assert "ditandatangani asesi pada" in words
        assert "ditandatangani asesor pada" in words
        assert "asesor 2" not in words
        paper.asesi_signature, paper.asesi_refusal_reason = "refused", "Belum setuju."
        paper.comment = "Ditambah sesudah ditandatangani."
        words = papers_of(case)["FR.AK.02"].words
        assert "asesi menolak menandatangani" in words
        assert "asesor belum menandatangani" in words

    @pytest.mark.parametrize(
        ("word", "told"), [("agrees", "asesor 2 setuju"), ("dissents", "asesor 2 tidak setuju")]
    )
    def test_the_word_of_asesor_2(self, app, word, told):
        case = make_permohonan(S.RECOMMENDED)
        second = make_cast().asesor
        paper = dossier_of(case).fr_ak_02
        db.session.add(
            Countersignature(fr_ak_02_id=paper.id, by_id=second.id, word=word, note="Unit 1.")
        )
        db.session.flush()
        assert told in papers_of(case)["FR.AK.02"].words

    def test_the_feedback_of_the_asesi(self, app):
        case = make_permohonan(S.COMPETENT)
        assert state(case, "FR.AK.03") is WAITING
        assert "sampai" in papers_of(case)["FR.AK.03"].words
        row = FrAk03(permohonan_id=case.id, attempt=1, left_empty_at=clock.now())
        db.session.add(row)
        db.session.flush()
        found = papers_of(case)["FR.AK.03"]
        assert (found.words[:12], found.needed) == ("Tidak diisi ", False)
        row.left_empty_at, row.given_at = None, clock.now()
        db.session.flush()
        assert state(case, "FR.AK.03") is PRESENT

    @pytest.mark.parametrize(("key", "model"), [("FR.AK.05", FrAk05), ("FR.AK.06", FrAk06)])
    def test_a_report_is_that_of_his_asesor_and_jadwal(self, app, key, model):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        jadwal = dossier_of(case).bookings[-1].slot.jadwal_id
        db.session.add(
            model(jadwal_id=jadwal, asesor_id=make_cast().asesor.id, signed_at=clock.now())
        )
        mine = model(jadwal_id=jadwal, asesor_id=cast.asesor.id)
        db.session.add(mine)
        db.session.flush()
        draft = papers_of(case)[key]
        assert (draft.state, draft.subject) == (WAITING, "")
        assert draft.words.startswith("Masih draf")
        mine.signed_at = clock.now()
        db.session.flush()
        signed = papers_of(case)[key]
        assert (signed.state, signed.subject) == (PRESENT, mine.public_id)


class TestPlenoAndAfter:
    def test_the_pleno_until_the_sk(self, app):
        case = make_permohonan(S.COMPETENT, work_done=False)
        found = papers_of(case)
        assert found["berita_acara_pleno"].state is PRESENT
        assert found["daftar_hadir_pleno"].words.startswith("3 dari 3 anggota")
        assert found["sk_hasil"].state is WAITING

    def test_a_decision_that_was_annulled_counts_no_more(self, app):
        case = make_permohonan(S.COMPETENT)
        case.status, case.decision, case.decided_at = S.RECOMMENDED, None, None
        db.session.flush()
        assert state(case, "berita_acara_pleno") is WAITING
        assert state(case, "sk_hasil") is LACKING

    def test_who_is_not_competent_gets_no_certificate(self, app):
        found = papers_of(make_permohonan(S.NOT_YET_COMPETENT))
        keys = ("permohonan_blanko", "nomor_blanko", "pencatatan", "sertifikat")
        assert {found[key].state for key in keys} == {NOT_NEEDED}

    def test_a_banding_and_an_earlier_attempt_are_there_once_they_happened(self, app):
        case = make_permohonan(S.APPEALED)
        assert "sesudahnya" not in {
            phase.key for phase in case_papers(make_permohonan(S.COMPETENT))
        }
        found = papers_of(case)
        assert (found["FR.AK.04"].state, found["banding"].state) == (PRESENT, WAITING)
        case.attempt += 1
        case.status, case.decision, case.decided_at = S.READY, None, None
        db.session.flush()
        found = papers_of(case)
        assert found["asesmen_ke_1"].state is PRESENT
        assert found["daftar_hadir_pra"].state is NOT_NEEDED
        assert found["FR.AK.01"].state is WAITING


def test_two_queries_besides_what_the_page_has_read(app):
    case = make_permohonan(S.RECOMMENDED)
    case_papers(case)
    dossier_of(case)
    # Two more: whether the case stopped at the pre-assessment, and the plan's MAPA.
    assert count_queries(lambda: case_papers(case)) <= 4
