"""Pengaturan, MUK: a draft is put in force, a version ended; what its authors leave in doubt is asked first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Instrument
from lsp.services.muk import instruments_in_force
from lsp.vocabulary import InstrumentPaper
from tests import factories
from tests.html import errors, filled, form, links, notices, soup, words
from tests.support.assessment import make_instrument
from tests.support.muk import LIST, PEOPLE, VALIDATOR, opened, stored, url

P = InstrumentPaper


class TestPublishing:
    def send(self, admin, draft, **typed):
        address = url(draft, "/berlakukan")
        return admin.post(address, data=opened(admin, address) | typed)

    def test_a_complete_draft_and_then_a_new_version(self, admin, draft):
        assert self.send(admin, draft).status_code == 303
        assert stored(draft).effective_from == clock.today_wib()
        for tail in ("/baris/baru", "/kepala", "/impor"):
            assert admin.get(url(draft, tail)).status_code == 303
        first, second = (admin.post(url(draft, "/versi-baru")).location for _ in range(2))
        assert first == second
        page = soup(admin.get(first))
        assert "versi 2" in words(page.h1)
        assert "Apa itu JSA?" in words(page)
        assert url(draft) in links(page).values(), "the versions before stay to be read"

    def test_an_empty_version_ends_it_and_says_so_before(self, admin, draft):
        self.send(admin, draft)
        factories.make_mapa(draft.skema_version, codes=("CVP", "PW", "DPL"))
        skema = draft.skema_version
        data = {"paper": "FR.IA.07", "kelompok": "", "start": "kosong"}
        address = admin.post(f"{LIST}/skema/{skema.public_id}/baru", data=data).location
        drawn = soup(admin.get(address))
        assert "Draf ini kosong" in words(drawn)
        assert links(drawn)["Hentikan pemakaiannya…"] == f"{address}/berlakukan"
        assert [words(each) for each in drawn.select("main .btn.main")] == ["Tambah baris"]
        asked = soup(admin.get(f"{address}/berlakukan"))
        assert words(asked.h1) == "Hentikan pemakaian FR.IA.07?"
        assert "FR.IA.07 tidak dipakai lagi untuk seluruh skema" in words(asked)
        before = soup(admin.get(f"{LIST}/skema/{skema.public_id}"))
        assert "FR.IA.07 untuk" not in words(before)
        sent = filled(form(asked, f"{address}/berlakukan"))
        assert admin.post(f"{address}/berlakukan", data=sent).status_code == 303
        assert instruments_in_force(skema.id, P.DPL) == []
        page = soup(admin.get(f"{LIST}/skema/{skema.public_id}"))
        assert "FR.IA.07 untuk Kelompok pekerjaan 1 diminta MAPA" in words(page)
        assert "Versi ini kosong" in words(soup(admin.get(address)))

    def test_a_first_version_is_not_put_in_force_empty(self, admin, skema):
        made = make_instrument(skema, P.PW, questions=(), in_force=False, people=PEOPLE)
        db.session.commit()
        assert "Belum ada baris isi" in words(soup(admin.get(url(made, "/berlakukan"))))

    def test_what_is_missing_is_named(self, admin, draft):
        draft.items[0].key, draft.people = "", {}
        db.session.commit()
        page = soup(admin.get(url(draft, "/berlakukan")))
        assert "Baris 1: isi kunci jawaban." in words(page)
        assert "sedikitnya satu validator" in words(page)
        assert page.main.find("form") is None

    def test_a_validation_that_is_still_to_come_is_missing(self, admin, draft):
        later = (clock.today_wib() + timedelta(days=1)).isoformat()
        draft.people = PEOPLE | {"validator": [VALIDATOR | {"date": later}]}
        db.session.commit()
        page = soup(admin.get(url(draft, "/berlakukan")))
        assert "Tanggal validator Validator Rekaan" in words(page)
        assert "belum tiba" in words(page)
        assert page.main.find("form") is None

    @pytest.mark.parametrize(
        ("validator", "asked"),
        [
            (VALIDATOR | {"name": "penyusun  rekaan"}, "tercatat sebagai penyusun dan validator"),
            (VALIDATOR | {"met": "MET 000 009901 2026"}, "tercatat sebagai penyusun dan validator"),
            (
                VALIDATOR | {"met": "abc"},
                "Nomor MET “abc” (Validator Rekaan) tidak seperti lazimnya",
            ),
        ],
    )
    def test_a_doubt_about_the_people_is_asked_and_may_be_so(self, admin, draft, validator, asked):
        page = soup(admin.get(url(draft, "/berlakukan")))
        assert page.find("input", {"name": "people_sure"}) is None
        draft.people = PEOPLE | {"validator": [validator]}
        db.session.commit()
        answer = self.send(admin, draft)
        assert answer.status_code == 422
        assert asked in words(soup(answer))
        assert "people_sure" in errors(soup(answer))
        assert stored(draft).published_at is None
        assert self.send(admin, draft, people_sure="y").status_code == 303

    def test_a_day_that_has_passed_and_one_before_its_forerunner(self, admin, draft):
        answer = self.send(admin, draft, effective_from="2026-01-01")
        assert "paling cepat hari ini" in errors(soup(answer))["effective_from"]
        coming = clock.today_wib() + timedelta(days=9)
        self.send(admin, draft, effective_from=coming.isoformat())
        admin.post(url(draft, "/versi-baru"))
        second = db.session.scalars(
            select(Instrument).where(Instrument.published_at.is_(None))
        ).one()
        second.people = PEOPLE
        db.session.commit()
        answer = self.send(admin, second)
        assert "Versi sebelumnya baru berlaku" in errors(soup(answer))["effective_from"]

    def test_what_another_tab_changed_is_read_first(self, admin, draft):
        address = url(draft, "/berlakukan")
        seen = opened(admin, address)
        row = url(draft, f"/baris/{draft.items[0].id}")
        admin.post(row, data=opened(admin, row) | {"text": "Lain?"})
        assert admin.post(address, data=seen).status_code == 409
        assert stored(draft).published_at is None

    def test_a_row_sent_after_it_is_in_force_is_refused_and_kept(self, admin, draft):
        row = url(draft, f"/baris/{draft.items[0].id}")
        mine = opened(admin, row) | {"text": "Terlambat?"}
        self.send(admin, draft)
        answer = admin.post(row, data=mine)
        assert answer.status_code == 409
        assert any("Buat versi barunya" in each for each in notices(soup(answer)))
        assert "Terlambat?" in words(soup(answer))

    def test_a_draft_is_deleted_after_a_question_and_a_version_in_force_is_not(self, admin, draft):
        assert "2 barisnya" in words(soup(admin.get(url(draft, "/hapus"))))
        assert admin.post(url(draft, "/hapus")).status_code == 303
        assert db.session.scalar(select(Instrument.id)) is None
        standing = make_instrument(factories.make_skema())
        db.session.commit()
        assert admin.post(url(standing, "/hapus")).status_code == 409
