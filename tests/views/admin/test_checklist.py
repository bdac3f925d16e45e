"""Verification by the admin: verdicts, the met rule, "Diterima", and what a refusal keeps."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import ChecklistItem, NotePhrase, Permohonan, Signature
from lsp.vocabulary import Form, PermohonanStatus, Role, Verdict
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, form, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.workflow.cases import make_permohonan

S = PermohonanStatus
CASE_ALONE = HX | {"HX-Target": "case"}


@pytest.fixture
def case(app):
    """Sent, and nothing of the admin's work done."""
    return make_permohonan(S.SUBMITTED, work_done=False)


def address(case, endpoint="admin.permohonan", **query):
    return url_for(endpoint, permohonan_id=case.public_id, **query)


def verdict(admin, case, *, how=None, **data):
    page = soup(admin.get(address(case)))
    values = filled(form(page, address(case, "admin.judge")))
    return admin.post(address(case, "admin.judge"), data=values | data, headers=how or {})


def standing(case):
    db.session.expire_all()
    return {
        item.requirement_id: item
        for item in db.session.scalars(
            select(ChecklistItem).where(ChecklistItem.permohonan_id == case.id)
        )
        if item.verdict is not None
    }


class TestVerdict:
    def test_is_written_and_the_next_row_opens(self, admin, case):
        rows = dossier_of(case).requirements
        answer = verdict(admin, case, verdict="meets", dari="kerja=verifikasi")
        assert answer.status_code == 303
        assert f"berkas={rows[1].public_id}" in answer.location
        assert "dari=kerja%3Dverifikasi" in answer.location
        assert standing(case)[rows[0].id].verdict is Verdict.MEETS
        page = soup(admin.get(answer.location))
        assert words(page.select_one("#checklist [aria-current]")).endswith(rows[1].label)

    def test_a_panel_equals_the_page(self, admin, case):
        before = soup(admin.get(address(case)))
        answer = verdict(admin, case, verdict="meets", how=CASE_ALONE)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#case")), main(fresh))

    def test_opening_a_row_equals_the_page(self, admin, case):
        before = soup(admin.get(address(case)))
        link = before.select_one('#checklist [data-key="ArrowDown"]')["href"]
        answer = admin.get(link, headers=CASE_ALONE)
        assert same(main(swap(before, answer, "#case")), main(soup(admin.get(link))))

    @pytest.mark.parametrize("how", [{}, CASE_ALONE])
    @pytest.mark.parametrize("word", ["fails", "absent"])
    def test_a_failure_needs_a_note(self, admin, case, word, how):
        answer = verdict(admin, case, verdict=word, note=" ", how=how)
        assert answer.status_code == 422
        assert "Tulis catatan" in errors(soup(answer))["note"]
        assert standing(case) == {}

    def test_what_was_typed_is_kept(self, admin, case):
        long = "KTP buram. " * 200
        answer = verdict(admin, case, verdict="fails", note=long)
        assert answer.status_code == 422
        assert soup(answer).select_one("textarea[name=note]").get_text().strip() == long.strip()
        assert "Pendekkan" in errors(soup(answer))["note"]

    @pytest.mark.parametrize("how", [{}, CASE_ALONE])
    def test_to_meet_with_a_phrase_about_a_fault_is_asked_about_once(self, admin, case, how):
        db.session.add(NotePhrase(code="", text="Foto kabur sekali."))
        db.session.commit()
        asked = verdict(admin, case, verdict="meets", note="Foto kabur sekali. Ulang.", how=how)
        assert asked.status_code == 422
        assert "Tekan “Tidak memenuhi”" in errors(soup(asked))["note"]
        assert standing(case) == {}
        again = filled(form(soup(asked), address(case, "admin.judge")))
        assert again["note"] == "Foto kabur sekali. Ulang."
        admin.post(address(case, "admin.judge"), data=again | {"verdict": "meets"}, headers=how)
        assert [item.verdict for item in standing(case).values()] == [Verdict.MEETS]

    def test_a_note_of_one_s_own_may_stand_under_what_meets(self, admin, case):
        assert verdict(admin, case, verdict="meets", note="Jelas.").status_code == 303

    def test_without_a_button_nothing_is_judged(self, admin, case):
        assert verdict(admin, case).status_code == 422
        assert verdict(admin, case, verdict="bagus").status_code == 422
        assert standing(case) == {}

    @pytest.mark.parametrize(
        ("required", "sentence"), [(True, "Belum ada berkas"), (False, "tidak perlu dinilai")]
    )
    def test_nothing_is_judged_where_there_is_no_file(self, admin, case, required, sentence):
        row = dossier_of(case).requirements[0]
        row.required = required
        for file in dossier_of(case).documents:
            file.replaced_at = clock.now()
        db.session.commit()
        page = soup(admin.get(address(case, berkas=row.public_id)))
        assert page.select_one("button[value=meets]") is None
        answer = verdict(admin, case, verdict="meets", requirement=row.public_id)
        assert sentence in errors(soup(answer))["note"]
        assert standing(case) == {}
        answer = verdict(
            admin, case, verdict="absent", note="Unggah KTP.", requirement=row.public_id
        )
        assert answer.status_code == 303

    def test_a_row_of_another_case_is_refused(self, admin, case):
        other = dossier_of(make_permohonan(S.SUBMITTED)).requirements[0]
        answer = verdict(admin, case, verdict="meets", requirement=other.public_id)
        assert answer.status_code == 422
        assert standing(case) == {}

    @pytest.mark.parametrize("how", [{}, CASE_ALONE])
    def test_the_second_of_two_officials_is_told_and_keeps_his_note(
        self, admin, sign_in, case, how
    ):
        second = sign_in(Role.ADMIN)
        page = soup(second.get(address(case)))
        values = filled(form(page, address(case, "admin.judge")))
        verdict(admin, case, verdict="meets")
        answer = second.post(
            address(case, "admin.judge"),
            data=values | {"verdict": "fails", "note": "Buram."},
            headers=how,
        )
        assert answer.status_code == 409
        assert any("Data sudah berubah sejak" in each for each in notices(soup(answer)))
        assert soup(answer).select_one("textarea[name=note]").get_text().strip() == "Buram."
        assert [item.verdict for item in standing(case).values()] == [Verdict.MEETS]

    def test_outside_verification_there_is_no_button(self, admin):
        case = make_permohonan(S.PAID)
        page = soup(admin.get(address(case)))
        assert page.select_one("button[name=verdict]") is None
        row = dossier_of(case).requirements[0].public_id
        answer = admin.post(
            address(case, "admin.judge"),
            data={"version": case.version, "requirement": row, "verdict": "meets"},
        )
        assert answer.status_code == 422


class TestRule:
    def test_is_recorded(self, admin, case):
        page = soup(admin.get(address(case)))
        values = filled(form(page, address(case, "admin.met_rule")))
        answer = admin.post(address(case, "admin.met_rule"), data=values)
        assert answer.status_code == 303
        db.session.expire_all()
        assert case.met_rule_id == dossier_of(case).fr_apl_01.claimed_rule_id
        assert "Terpenuhi" in words(soup(admin.get(address(case))).select_one("#eligibility"))

    def test_a_panel_equals_the_page(self, admin, case):
        before = soup(admin.get(address(case)))
        values = filled(form(before, address(case, "admin.met_rule")))
        answer = admin.post(address(case, "admin.met_rule"), data=values, headers=CASE_ALONE)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#case")), main(fresh))

    @pytest.mark.parametrize("rule", ["", "0", "999999", "abc", "9223372036854775808", "-1"])
    def test_a_foreign_rule_is_refused(self, admin, case, rule):
        data = {"version": case.version, "rule_id": rule}
        answer = admin.post(address(case, "admin.met_rule"), data=data)
        assert answer.status_code == 422
        assert "rule_id" in errors(soup(answer))

    def test_months_overlapping_count_once(self, admin, case):
        text = words(soup(admin.get(address(case))).select_one("#eligibility"))
        assert "60 bulan (5 tahun)" in text
        assert "diklaim asesi" in text


class TestAccept:
    def accept(self, admin, case, name, how=None):
        data = {"version": case.version, "typed_name": name}
        return admin.post(address(case, "admin.accept"), data=data, headers=how or {})

    def signed(self, case):
        return db.session.scalars(
            select(Signature).where(
                Signature.permohonan_id == case.id, Signature.signer_role == Role.ADMIN
            )
        ).all()

    def test_signs_the_recommendation(self, admin, case):
        assert self.accept(admin, case, admin.user.name).status_code == 303
        assert [each.form for each in self.signed(case)] == [Form.FR_APL_01]
        assert "Diterima" in words(
            soup(admin.get(address(case))).select_one("#eligibility .badge.ok")
        )

    def test_twice_signs_once(self, admin, case):
        self.accept(admin, case, admin.user.name)
        self.accept(admin, case, admin.user.name)
        assert len(self.signed(case)) == 1

    def test_a_panel_equals_the_page(self, admin, case):
        before = soup(admin.get(address(case)))
        answer = self.accept(admin, case, admin.user.name, CASE_ALONE)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#case")), main(fresh))

    def test_not_under_another_name(self, admin, case):
        answer = self.accept(admin, case, "Orang Lain")
        assert answer.status_code == 422
        assert "persis seperti ini" in errors(soup(answer))["typed_name"]
        assert soup(answer).select_one("[name=typed_name]")["value"] == "Orang Lain"
        assert self.signed(case) == []


def test_a_verdict_raises_the_version_of_its_case(admin, case):
    before = case.version
    verdict(admin, case, verdict="meets")
    db.session.expire_all()
    assert db.session.get(Permohonan, case.id).version == before + 1
