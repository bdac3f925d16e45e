"""Data confirmed, evidence per unit, FR.AK.07 and FR.AK.01: what is stored, refused, and covered by a signature."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FormTemplate
from lsp.models.inforce import form_template
from lsp.services import assessment, data_check, evidence_walk, fr_ak_01, fr_ak_07, signing
from lsp.services.data_check import Answer
from lsp.services.evidence_walk import Judged, UnitWords
from lsp.vocabulary import EvidenceKind, Form, PermohonanStatus, Role
from lsp.workflow.apl02_answers import answers_of
from lsp.workflow.dossier import dossier_of
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(S.PRE_SCHEDULED, cast=cast, work_done=False)


@pytest.fixture
def asesor(cast):
    return actor_of(cast.asesor)


@pytest.fixture
def signed(cast):
    """A pre-assessment with everything done, FR.AK.01 signed by both."""
    return make_permohonan(S.PRE_SCHEDULED, cast=cast)


class TestData:
    def test_what_does_not_fit_says_why_and_changes_nothing(self, case, asesor):
        before = dossier_of(case).fr_apl_01.address
        with pytest.raises(DomainError, match="Tulis apa yang tidak sesuai: Alamat"):
            data_check.confirm(asesor, case, {"address": Answer(fits=False)})
        data_check.confirm(asesor, case, {"address": Answer(fits=False, note="Pindah ke Depok")})
        assert dossier_of(case).fr_apl_01.address == before
        row = data_check.confirmations(case)["address"]
        assert (row.fits, row.note) == (False, "Pindah ke Depok")
        assert row.confirmed_by_id == asesor.id

    def test_the_same_answer_again_keeps_its_time(self, case, asesor):
        data_check.confirm(asesor, case, {"full_name": Answer(fits=True)})
        first = data_check.confirmations(case)["full_name"].confirmed_at
        data_check.confirm(asesor, case, {"full_name": Answer(fits=True)})
        assert data_check.confirmations(case)["full_name"].confirmed_at == first

    def test_a_value_that_changed_since_is_asked_again(self, case, asesor):
        data_check.confirm(asesor, case, {"address": Answer(fits=True), "work": Answer(fits=True)})
        dossier_of(case).fr_apl_01.address = "Jalan Lain 2"
        db.session.flush()
        assert set(data_check.confirmations(case)) == {"work"}

    def test_only_in_the_pre_assessment_by_its_asesor(self, cast, case, asesor):
        with pytest.raises(DomainError, match="asesor"):
            data_check.confirm(actor_of(cast.second_asesor), case, {"work": Answer(fits=True)})
        later = make_permohonan(S.SCHEDULED, cast=cast)
        with pytest.raises(DomainError, match="pra-asesmen"):
            data_check.confirm(asesor, later, {"work": Answer(fits=True)})

    def test_taking_back_leaves_what_did_not_fit(self, case, asesor):
        data_check.confirm(
            asesor, case, {"work": Answer(fits=True), "address": Answer(fits=False, note="Depok")}
        )
        assert data_check.take_back(asesor, case, ["work", "address"]) == 1
        assert set(data_check.confirmations(case)) == {"address"}

    def test_the_admin_says_what_he_did(self, cast, case, asesor):
        data_check.confirm(asesor, case, {"address": Answer(fits=False, note="Depok")})
        admin = actor_of(cast.admin)
        with pytest.raises(DomainError, match="sedikitnya 10 huruf"):
            data_check.resolve(admin, case, note="sudah")
        assert data_check.resolve(admin, case, note="Dibetulkan di SIKI oleh asesi.") == 1
        assert data_check.resolve(admin, case, note="Dibetulkan di SIKI oleh asesi.") == 0
        data_check.confirm(asesor, case, {"address": Answer(fits=False, note="Masih salah")})
        assert [row.resolved_at for row in data_check.unfit(case)] == [None]


def unit_words(can_continue, missing="", evidence=None):
    return UnitWords(can_continue, missing, evidence or {})


class TestEvidence:
    def test_four_answers_each_may_stay_open(self, case, asesor):
        unit = case.skema_version.units[0]
        judged = Judged({"valid": True, "authentic": False}, "Tanpa tanda tangan")
        evidence_walk.save_unit(asesor, case, unit.id, unit_words(None, evidence={None: judged}))
        review = evidence_walk.reviews_of(case)[unit.id]
        (note,) = review.evidence
        assert (note.valid, note.authentic, note.current, note.sufficient) == (
            True, False, None, None,
        )  # fmt: skip
        assert (note.document_id, note.note) == (None, "Tanpa tanda tangan")
        evidence_walk.save_unit(
            asesor, case, unit.id, unit_words(True, evidence={None: Judged({"valid": True})})
        )
        assert len(evidence_walk.reviews_of(case)[unit.id].evidence) == 1

    def test_a_unit_that_cannot_go_on_names_what_is_missing_and_bars_the_whole(self, case, asesor):
        unit = case.skema_version.units[1]
        with pytest.raises(DomainError, match="Sebutkan bukti yang kurang"):
            evidence_walk.save_unit(asesor, case, unit.id, unit_words(False))
        evidence_walk.save_unit(asesor, case, unit.id, unit_words(False, "Unit 2: laporan IBPR."))
        with pytest.raises(DomainError, match="Unit 2 Anda nilai tidak dapat dilanjutkan"):
            assessment.review_apl_02(asesor, case, can_continue=True, missing_evidence="", note="")
        units = answers_of(case)
        assert "laporan IBPR" in evidence_walk.missing_of(units, evidence_walk.reviews_of(case))

    def test_after_the_word_on_the_whole_no_unit_contradicts_it(self, case, asesor):
        assessment.review_apl_02(asesor, case, can_continue=True, missing_evidence="", note="")
        unit = case.skema_version.units[0]
        with pytest.raises(DomainError, match="Ubah dulu tinjauan itu"):
            evidence_walk.save_unit(asesor, case, unit.id, unit_words(False, "IBPR"))


def filled_paper(case, words):
    paper = fr_ak_07.preset(case, dossier_of(case).plan, words.body)
    paper.potential = ["1", "9"]
    fr_ak_07.nothing_needed(paper, words.body)
    return paper


class TestFrAk07:
    def test_it_has_the_rows_of_the_form(self, app):
        body = form_template(fr_ak_07.CODE).body
        assert [len(body[part]) for part in ("potential", "a", "b", "agreed")] == [5, 8, 3, 3]
        assert [len(row["options"]) for row in body["a"]] == [5, 2, 7, 5, 2, 6, 4, 3]

    def test_no_adjustment_still_asks_for_the_potential(self, case, asesor):
        words = fr_ak_07.words_for(None)
        paper = filled_paper(case, words)
        paper.potential = []
        assert list(fr_ak_07.problems(paper, words.body)) == ["potential"]
        with pytest.raises(DomainError, match="1 isian belum lengkap"):
            fr_ak_07.fill(asesor, case, paper, words)

    def test_an_option_of_a_tidak_is_dropped_and_unknown_ones_too(self, case, asesor):
        words = fr_ak_07.words_for(None)
        paper = filled_paper(case, words)
        paper.a["bahasa"] = fr_ak_07.Item("ya", "", ["verbal", "sulap"])
        paper.a["usia"] = fr_ak_07.Item("tidak", "lupa", ["huruf"])
        fr_ak_07.fill(asesor, case, paper, words)
        stored = dossier_of(case).plan.fr_ak_07
        assert stored["potential"] == ["1"]
        assert stored["a"]["bahasa"]["options"] == ["verbal"]
        assert stored["a"]["usia"] == {"answer": "tidak", "note": "", "options": []}
        told = dict(fr_ak_07.in_words(stored, words.body))
        assert "Asesmen verbal" in told[words.body["a"][0]["label"]]

    def test_a_filled_paper_keeps_its_words(self, case, asesor):
        words = fr_ak_07.words_for(None)
        fr_ak_07.fill(asesor, case, filled_paper(case, words), words)
        body = dict(words.body, title="Judul baru")
        db.session.add(
            FormTemplate(
                form_code=fr_ak_07.CODE,
                version_number=2,
                effective_from=date(2024, 1, 1),
                body=body,
            )
        )
        db.session.flush()
        assert fr_ak_07.words_for(None).body["title"] == "Judul baru"
        assert fr_ak_07.words_for(dossier_of(case).plan.fr_ak_07).version_number == 1

    @pytest.mark.parametrize(
        "stored",
        [{"usia": {"answer": "ya", "note": "Huruf besar"}}, {"penyesuaian": "tidak"}, {}],
    )
    def test_the_old_shape_stays_readable(self, app, stored):
        words = fr_ak_07.words_for(stored)
        told = fr_ak_07.in_words(stored, words.body)
        assert told == ([(words.body["a"][6]["label"], "Huruf besar")] if "usia" in stored else [])


class TestFrAk01:
    def agree(self, asesor, case, **changed):
        wanted = {
            "starts_at": clock.now() + timedelta(days=3), "place": "TUK Rekaan", "contact": "0811",
        } | changed  # fmt: skip
        fr_ak_01.agree_on(asesor, case, **wanted)

    def test_every_kind_of_a_plan_has_its_words(self, app):
        kinds = {key for key, _label in form_template(fr_ak_01.CODE).body["evidence"]}
        assert set(EvidenceKind) < kinds

    def test_when_and_where_come_first(self, case, asesor):
        with pytest.raises(DomainError, match="kapan dan di mana"):
            fr_ak_01.prepare(asesor, case, evidence=["wawancara"])
        with pytest.raises(DomainError, match="sudah lewat"):
            self.agree(asesor, case, starts_at=clock.now() - timedelta(days=2))
        self.agree(asesor, case)
        with pytest.raises(DomainError, match="bukti lainnya"):
            fr_ak_01.prepare(asesor, case, evidence=["lainnya"])
        fr_ak_01.prepare(asesor, case, evidence=["produk", "lainnya"], other="Video kerja")
        words = fr_ak_01.words_for(case)
        chosen = [label for label, on in fr_ak_01.evidence_words(case, words) if on]
        assert chosen == ["Hasil Reviu Produk", "Lainnya: Video kerja"]

    @pytest.mark.parametrize(
        "change",
        [
            {"agreed_place": "TUK Lain"},
            {"agreed_starts_at": clock.now() + timedelta(days=9)},
            {"fr_ak_01_other": "Video"},
            {"fr_ak_01_version": 2},
            {"fr_ak_07": {"version": 1, "potential": ["2"]}},
        ],
    )
    def test_what_was_agreed_on_is_frozen_by_the_signatures(self, signed, change):
        assert dossier_of(signed).signature(Form.FR_AK_01, Role.ASESI) is not None
        for name, value in change.items():
            setattr(dossier_of(signed).plan, name, value)
        db.session.flush()
        assert dossier_of(signed).signature(Form.FR_AK_01, Role.ASESI) is None

    def test_the_contact_may_be_corrected(self, signed):
        dossier_of(signed).plan.backup_contact = "0812"
        db.session.flush()
        assert dossier_of(signed).signature(Form.FR_AK_01, Role.ASESI) is not None

    def test_the_statement_tells_how_the_assessment_is_held(self, signed):
        said = signing.statement(signed, Form.FR_AK_01, Role.ASESI)
        assert said.startswith("Bahwa saya telah mendapatkan penjelasan")
        assert "asesmen jarak jauh" in said
