"""The admin reads the whole file of a case: the list of its papers, and every FR.IA that was filled."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import PlenoCase, UserRole
from lsp.vocabulary import InstrumentPaper, PermohonanStatus as S, Role
from lsp.workflow.dossier import dossier_of
from tests.html import links, soup, words
from tests.support.assessment import answer_a_question, make_fr_ak_03, make_instrument
from tests.support.reports import make_ak_05, make_ak_06
from tests.support.third_party import SECRET, answered
from tests.workflow.cases import make_permohonan, person

PARTS = {"FR.APL.01", "FR.APL.02", "FR.MAPA.01", "FR.AK.07", "FR.AK.01", "FR.IA.08", "FR.AK.02"}


def address(case, **more):
    return url_for("admin.case_file", permohonan_id=case.public_id, **more)


def checklist(page):
    return page.find(id="daftar-periksa").find_parent("section")


def test_each_paper_leads_to_where_it_is_read(cast, sign_in):
    """Every link is followed: to a part of the page that is there, or to a page that opens."""
    case = make_permohonan(S.ISSUED, cast=cast)
    jadwal = dossier_of(case).bookings[-1].slot.jadwal
    make_ak_05(jadwal, cast.asesor)
    make_ak_06(jadwal, cast.asesor)
    make_fr_ak_03(case, given_at=clock.now())
    db.session.commit()
    browser = sign_in(cast.admin)
    page = soup(browser.get(address(case)))
    found = links(checklist(page))
    for name, target in found.items():
        if target.startswith("#"):
            assert page.find(id=target[1:]), name
        else:
            assert browser.get(target).status_code == 200, name
    codes = {name.partition(" ")[0] for name in found}
    assert PARTS | {"FR.IA.09", "FR.AK.03", "FR.AK.05", "FR.AK.06", "SK", "Sertifikat"} <= codes
    assert "Lengkap untuk pleno" in words(checklist(page))


def test_the_tim_teknis_is_led_nowhere_he_may_not_go(cast, sign_in):
    case = make_permohonan(S.COMPETENT, cast=cast)
    jadwal = dossier_of(case).bookings[-1].slot.jadwal
    make_ak_05(jadwal, cast.asesor)
    make_fr_ak_03(case, given_at=clock.now())
    place = db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
    db.session.commit()
    browser = sign_in(cast.chair)
    page = soup(browser.get(url_for("tim_teknis.case", place_id=place.public_id)))
    found = links(checklist(page))
    assert {"FR.AK.03 Umpan balik asesi", "Berita acara rapat pleno"} <= set(found)
    for name, target in found.items():
        assert target.startswith("#") or browser.get(target).status_code == 200, name
    assert "FR.AK.05" in words(checklist(page))
    assert not [name for name in found if name.startswith(("FR.AK.05", "Surat tugas", "Nomor"))]


def test_who_assessed_the_case_is_not_led_to_its_feedback(cast, sign_in):
    case = make_permohonan(S.COMPETENT, cast=cast)
    make_fr_ak_03(case, given_at=clock.now())
    db.session.add(UserRole(user_id=cast.asesor.id, role=Role.ADMIN, granted_at=clock.now()))
    db.session.commit()
    page = soup(sign_in(cast.asesor).get(address(case)))
    assert "FR.AK.03 Umpan balik asesi" in words(checklist(page))
    assert "FR.AK.03 Umpan balik asesi" not in links(page)


def test_a_pleno_on_his_own_case_is_not_offered(cast, sign_in):
    both = person(Role.ADMIN, Role.ASESI)
    make_permohonan(S.COMPETENT, cast=cast, asesi=both)
    case = make_permohonan(S.COMPETENT, cast=cast)
    mine = db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id != case.id)).one()
    other = db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
    mine.pleno_id = other.pleno_id
    db.session.commit()
    assert "Berita acara rapat pleno" not in links(soup(sign_in(both).get(address(case))))


def test_every_filled_fr_ia_is_read_without_its_key(cast, sign_in):
    case = make_permohonan(S.RECOMMENDED, cast=cast)
    item = answer_a_question(case, make_instrument(cast.skema, InstrumentPaper.DPL))
    db.session.commit()
    page = soup(sign_in(cast.admin).get(address(case)))
    shown = page.find(id="instrumen").find_parent("section")
    heads = [words(each).partition(" ")[0] for each in shown.select("summary")]
    assert heads == ["FR.IA.07", "FR.IA.08", "FR.IA.09"]
    assert "Saya periksa dulu, lalu saya catat." in words(shown)
    assert item.text in words(shown)
    assert item.key not in words(page)


def test_what_a_third_party_said_is_marked_rahasia(cast, sign_in):
    case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
    answered(case, cast)
    page = soup(sign_in(cast.admin).get(address(case)))
    section = words(page.find(id="fr-ia-10").find_parent("section"))
    assert "Informasi Rahasia" in section
    assert SECRET in section


def test_to_be_printed_everything_is_open(cast, sign_in):
    case = make_permohonan(S.RECOMMENDED, cast=cast)
    browser = sign_in(cast.admin)
    page = soup(browser.get(address(case)))
    closed = "#instrumen, #daftar-periksa"
    assert [
        each for part in page.select(closed) for each in part.find_parent("section").select("details:not([open])")
    ]  # fmt: skip
    printed = soup(browser.get(links(page)["Buka semua untuk dicetak"]))
    assert not [
        each for part in printed.select(closed) for each in part.find_parent("section").select("details:not([open])")
    ]  # fmt: skip


@pytest.mark.parametrize("status", [S.DRAFT, S.REJECTED, S.PAID, S.READY, S.APPEALED])
def test_it_opens_in_every_stage_and_the_case_leads_there(cast, sign_in, status):
    case = make_permohonan(status, cast=cast)
    browser = sign_in(cast.admin)
    around = browser.get(url_for("admin.permohonan", permohonan_id=case.public_id))
    assert address(case) in links(soup(around)).values()
    page = soup(browser.get(address(case)))
    assert not page.select("#daftar-periksa ~ .badge.bad")
    assert "berhenti di pra-asesmen" not in words(page)


class TestDraft:
    """FR.AK.02 before it is sent: named a draft, and a signature counts for the words it was given for alone."""

    def recommendation(self, page):
        return words(page.find(id="rekomendasi").find_parent("section"))

    def signed_list(self, page):
        return words(page.find(id="tanda-tangan").find_parent("section"))

    def test_it_says_so(self, cast, sign_in):
        browser = sign_in(cast.admin)
        draft = self.recommendation(
            soup(browser.get(address(make_permohonan(S.IN_ASSESSMENT, cast=cast))))
        )
        assert "Draf, belum dikirim" in draft
        assert "Ditandatangani" in draft, "as it stands"
        sent = self.recommendation(
            soup(browser.get(address(make_permohonan(S.RECOMMENDED, cast=cast))))
        )
        assert "Draf" not in sent
        assert "Ditandatangani" in sent

    def test_what_was_changed_after_the_asesi_signed_is_not_signed(self, cast, sign_in):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        browser = sign_in(cast.admin)
        assert "isinya diubah sesudah itu" not in self.signed_list(soup(browser.get(address(case))))
        dossier_of(case).fr_ak_02.comment = "Ditambah sesudah asesi menandatangani."
        db.session.commit()
        page = soup(browser.get(address(case)))
        assert "Belum. Yang ditandatangani asesi" in self.recommendation(page)
        assert "adalah isi sebelumnya" in self.recommendation(page)
        assert "Tanda tangan asesi Ditandatangani" not in self.recommendation(page)
        assert "isinya diubah sesudah itu" in self.signed_list(page)

    def test_a_refusal_stands_before_an_older_signature(self, cast, sign_in):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        paper = dossier_of(case).fr_ak_02
        paper.comment, paper.asesi_signature = "Ditambah sesudahnya.", "refused"
        paper.asesi_refusal_reason = "Tidak sependapat dengan hasilnya."
        db.session.commit()
        said = self.recommendation(soup(sign_in(cast.admin).get(address(case))))
        assert "Tanda tangan asesi Menolak" in said
        assert paper.asesi_refusal_reason in said
