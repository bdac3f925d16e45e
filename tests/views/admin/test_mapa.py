"""Pengaturan, MAPA: begin one, write its sections, put it in force, copy it; two tabs do not overwrite each other."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, Mapa
from lsp.services.mapa_check import gaps_of
from lsp.views.admin.mapa import SECTIONS
from lsp.vocabulary import InstrumentPaper
from tests import factories
from tests.html import errors, filled, form, links, notices, soup, words
from tests.support.assessment import make_instrument
from tests.test_pages import count_queries

LIST = "/admin/pengaturan/mapa"


@pytest.fixture
def draft(skema):
    return factories.make_mapa(skema, draft=True)


def url(mapa, tail=""):
    return f"{LIST}/{mapa.public_id}{tail}"


def opened(admin, mapa, word):
    """The form of a section as a browser would send it back."""
    address = url(mapa, f"/{word}")
    return filled(form(soup(admin.get(address)), address))


def stored(mapa):
    db.session.expire_all()
    return db.session.get_one(Mapa, mapa.id)


class TestList:
    def test_it_names_the_skema_that_lacks_one(self, admin, skema, draft):
        page = soup(admin.get(LIST))
        assert "Belum ada yang berlaku" in words(page)
        assert links(page)[f"Buka MAPA rekaan versi 1, {skema.title}"] == url(draft)

    def test_it_asks_as_much_for_many_as_for_one(self, admin, draft):
        few = count_queries(lambda: admin.get(LIST))
        for _ in range(5):
            factories.make_mapa(factories.make_skema())
        assert count_queries(lambda: admin.get(LIST)) == few


class TestBeginning:
    def send(self, admin, skema, **typed):
        address = f"{LIST}/baru/{skema.public_id}"
        return admin.post(
            address, data={"name": "", "approach": "portofolio", "source": "", **typed}
        )

    def test_a_draft_that_says_what_is_missing(self, admin, skema):
        answer = self.send(admin, skema, name="Portofolio")
        assert answer.status_code == 303
        page = soup(admin.get(answer.location))
        assert "Isi sedikitnya satu penyusun" in words(page)

    def test_copied_from_another_skema(self, admin, skema, draft):
        other = factories.make_skema()
        self.send(admin, other, name="Salinan", source=draft.public_id)
        made = db.session.scalars(select(Mapa).where(Mapa.skema_version_id == other.id)).one()
        assert [row["evidence"] for row in made.matrix.values()] == ["Bukti 1", "Bukti 2"]

    def test_bad_input_is_told_and_kept(self, admin, skema, draft):
        answer = self.send(admin, skema, name="mapa rekaan")
        assert answer.status_code == 422
        page = soup(answer)
        assert "sudah punya MAPA dengan nama itu" in errors(page)["name"]
        assert filled(form(page, f"{LIST}/baru/{skema.public_id}"))["name"] == "mapa rekaan"
        assert self.send(admin, skema, name="Lain", source="tidak-ada").status_code == 422


class TestSections:
    @pytest.mark.parametrize("word", SECTIONS)
    def test_what_is_stored_comes_back_and_saving_it_changes_nothing(self, admin, draft, word):
        before = getattr(draft, SECTIONS[word].attribute)
        answer = admin.post(url(draft, f"/{word}"), data=opened(admin, draft, word))
        assert answer.status_code == 303
        assert getattr(stored(draft), SECTIONS[word].attribute) == before
        assert gaps_of(stored(draft)) == []
        assert db.session.query(AuditEvent).filter_by(action="mapa.edit").count() == 0

    def test_a_unit_of_the_matrix(self, admin, draft):
        unit = draft.skema_version.units[0].id
        data = opened(admin, draft, "matriks") | {
            f"u{unit}": "Laporan IBPR", f"u{unit}-t": ["L", "T"], f"u{unit}-c": ["CL", "DPT", "sulap"],
        }  # fmt: skip
        admin.post(url(draft, "/matriks"), data=data)
        assert stored(draft).matrix[str(unit)] == {
            "evidence": "Laporan IBPR", "types": ["L", "T"], "codes": ["CL", "DPT"],
        }  # fmt: skip

    def test_the_map_holds_several_origins_an_instrument(self, admin, draft):
        data = opened(admin, draft, "peta") | {"g1-FR.IA.08": ["1", "3", "7"], "g1-FR.IA.06": "5"}
        admin.post(url(draft, "/peta"), data=data)
        marks = stored(draft).instrument_map["Kelompok pekerjaan 1"]
        assert (marks["FR.IA.08"], marks["FR.IA.06"]) == (["1", "3"], ["5"])

    def test_filling_the_empty_ones_stores_nothing_yet(self, admin, skema, draft):
        draft.matrix = {}
        db.session.commit()
        data = {"step": "isi", "semua": "Foto kerja", "semua-t": "TL", "semua-c": ["CVP", "PW"]}
        page = soup(admin.post(url(draft, "/matriks"), data=opened(admin, draft, "matriks") | data))
        assert "2 unit terisi" in " ".join(notices(page))
        assert stored(draft).matrix == {}
        sent = filled(form(page, url(draft, "/matriks"))) | {"step": "simpan"}
        admin.post(url(draft, "/matriks"), data=sent)
        assert {row["evidence"] for row in stored(draft).matrix.values()} == {"Foto kerja"}

    @pytest.mark.parametrize(
        ("word", "name", "typed", "sentence"),
        [
            ("penyusun", "penyusun-0-date", "31-02-2026", "Tulis tanggal"),
            ("penyesuaian", "a-words", "x" * 1001, "Paling panjang 1000"),
            ("pendekatan", "tujuan-lainnya", "x" * 1001, "Paling panjang 1000"),
        ],
    )
    def test_bad_input_is_told_and_kept(self, admin, draft, word, name, typed, sentence):
        answer = admin.post(url(draft, f"/{word}"), data=opened(admin, draft, word) | {name: typed})
        assert answer.status_code == 422
        page = soup(answer)
        assert sentence in errors(page)[name]
        assert filled(form(page, url(draft, f"/{word}")))[name].strip() == typed

    def test_the_other_tab_is_not_overwritten_unseen(self, admin, draft):
        mine = opened(admin, draft, "penyusun") | {"penyusun-0-name": "Tab pertama"}
        admin.post(
            url(draft, "/penyusun"),
            data=opened(admin, draft, "penyusun") | {"penyusun-0-name": "Tab kedua"},
        )
        answer = admin.post(url(draft, "/penyusun"), data=mine)
        assert answer.status_code == 409
        page = soup(answer)
        assert any("sudah berubah" in each for each in notices(page))
        again = filled(form(page, url(draft, "/penyusun")))
        assert again["penyusun-0-name"] == "Tab pertama"
        assert stored(draft).people["penyusun"][0]["name"] == "Tab kedua"
        assert admin.post(url(draft, "/penyusun"), data=again).status_code == 303
        assert stored(draft).people["penyusun"][0]["name"] == "Tab pertama"

    def test_another_section_saved_meanwhile_is_no_conflict(self, admin, draft):
        mine = opened(admin, draft, "penyusun") | {"penyusun-0-name": "Nama baru"}
        admin.post(url(draft, "/penyesuaian"), data={"a": "ada", "a-words": "Ada."})
        assert admin.post(url(draft, "/penyusun"), data=mine).status_code == 303

    def test_put_in_force_meanwhile_it_is_kept_as_it_is(self, admin, draft):
        mine = opened(admin, draft, "penyusun") | {"penyusun-0-name": "Terlambat"}
        draft.effective_from, draft.published_at = clock.today_wib(), clock.now()
        db.session.commit()
        answer = admin.post(url(draft, "/penyusun"), data=mine)
        assert answer.status_code == 409
        assert "Buat versi barunya" in notices(soup(answer))[0]
        assert admin.get(url(draft, "/penyusun")).status_code == 303

    def test_a_matrix_of_thirty_units_stays_light(self, admin):
        mapa = factories.make_mapa(factories.make_skema(units=30), draft=True)
        assert len(admin.get(url(mapa, "/matriks")).data) < 110_000


class TestWarnings:
    """They are said where the MAPA is read and put in force, and bar nothing."""

    @pytest.mark.parametrize("tail", ["", "/berlakukan"])
    def test_oral_questions_without_content_and_a_low_jenjang(self, admin, tail):
        low = factories.make_skema(jenjang=3)
        mapa = factories.make_mapa(low, codes=("CVP", "PW", "DPL"), draft=True)
        page = soup(admin.get(url(mapa, tail)))
        said = " ".join(notices(page))
        assert "mulai jenjang 4" in said
        assert "FR.IA.07 untuk Kelompok pekerjaan 1 diminta MAPA" in said
        assert "pertanyaannya dibuat dari daftar FR.IA.08" in said
        if tail:
            assert page.main.find("form") is not None
        make_instrument(low, InstrumentPaper.DPL)
        make_instrument(low, InstrumentPaper.PW)
        db.session.commit()
        said = " ".join(notices(soup(admin.get(url(mapa, tail)))))
        assert "FR.IA.07" not in said
        assert "FR.IA.09" not in said

    def test_papers_that_cannot_be_filled_bar_the_step(self, admin, skema):
        mapa = factories.make_mapa(skema, codes=("CL", "PW"), draft=True)
        page = soup(admin.get(url(mapa, "/berlakukan")))
        assert "FR.IA.01 belum dapat diisi di portal" in words(page)
        assert page.main.find("form") is None


class TestPublishing:
    def send(self, admin, draft, **typed):
        address = url(draft, "/berlakukan")
        return admin.post(address, data=filled(form(soup(admin.get(address)), address)) | typed)

    def test_a_complete_draft(self, admin, draft):
        assert self.send(admin, draft).status_code == 303
        assert stored(draft).effective_from == clock.today_wib()
        assert "Berlaku" in words(soup(admin.get(LIST)))

    def test_a_day_that_has_passed_is_told_by_its_field(self, admin, draft):
        answer = self.send(admin, draft, effective_from="2026-01-01")
        assert answer.status_code == 422
        assert "paling cepat hari ini" in errors(soup(answer))["effective_from"]

    @pytest.mark.parametrize("typed", ["9206-11-24", "24/11/9206"])
    def test_a_year_that_cannot_be_is_refused(self, admin, draft, typed):
        answer = self.send(admin, draft, effective_from=typed, sure="y")
        assert answer.status_code == 422
        assert "Periksa tahunnya" in errors(soup(answer))["effective_from"]
        assert stored(draft).published_at is None

    def test_a_day_far_ahead_is_asked_about_and_typed_as_people_do(self, admin, draft):
        near, far = (clock.today_wib() + timedelta(days=days) for days in (90, 91))
        answer = self.send(admin, draft, effective_from=f"{far:%d/%m/%Y}")
        assert answer.status_code == 422
        assert "lebih dari 90 hari" in errors(soup(answer))["effective_from"]
        assert soup(answer).select_one("input[name=sure]")
        sent = self.send(admin, draft, effective_from=f"{far:%d/%m/%Y}", sure="y")
        assert sent.status_code == 303
        assert stored(draft).effective_from == far
        other = factories.make_mapa(factories.make_skema(), draft=True)
        assert self.send(admin, other, effective_from=f"{near:%d-%m-%Y}").status_code == 303

    def test_a_coming_one_is_taken_back_after_a_question(self, admin, draft):
        coming = clock.today_wib() + timedelta(days=3)
        self.send(admin, draft, effective_from=coming.isoformat())
        assert url(draft, "/tarik") in links(soup(admin.get(url(draft)))).values()
        assert "menjadi draf lagi" in words(soup(admin.get(url(draft, "/tarik"))))
        assert admin.post(url(draft, "/tarik")).status_code == 303
        assert stored(draft).published_at is None
        assert self.send(admin, draft).status_code == 303
        assert url(draft, "/tarik") not in links(soup(admin.get(url(draft)))).values()
        assert admin.post(url(draft, "/tarik")).status_code == 409
        assert stored(draft).effective_from == clock.today_wib()

    def test_an_incomplete_one_names_what_is_missing(self, admin, draft):
        draft.people = {}
        db.session.commit()
        page = soup(admin.get(url(draft, "/berlakukan")))
        assert "sedikitnya satu validator" in words(page)
        assert page.main.find("form") is None

    def test_what_another_tab_changed_is_read_first(self, admin, draft):
        address = url(draft, "/berlakukan")
        seen = filled(form(soup(admin.get(address)), address))
        changed = opened(admin, draft, "penyesuaian") | {"a": "ada", "a-words": "Lain."}
        admin.post(url(draft, "/penyesuaian"), data=changed)
        answer = admin.post(address, data=seen)
        assert answer.status_code == 409
        assert stored(draft).published_at is None

    def test_then_a_new_version_begins_as_its_copy(self, admin, skema):
        standing = factories.make_mapa(skema)
        address = url(standing, "/versi-baru")
        first, second = (admin.post(address).location for _ in range(2))
        assert first == second
        page = soup(admin.get(first))
        assert "versi 2" in words(page)
        assert "Bukti 1" in words(page)

    def test_a_draft_is_deleted_after_a_question_and_a_version_in_force_is_not(self, admin, draft):
        assert "tidak dapat dibatalkan" in words(soup(admin.get(url(draft, "/hapus"))))
        assert admin.post(url(draft, "/hapus")).status_code == 303
        assert db.session.scalar(select(Mapa.id)) is None
        standing = factories.make_mapa(factories.make_skema())
        assert admin.post(url(standing, "/hapus")).status_code == 409


class TestReading:
    def test_sections_are_folded_under_what_they_say_in_short(self, admin, skema):
        page = soup(admin.get(url(factories.make_mapa(skema, codes=("CVP", "PW")))))
        parts = {each["id"]: each for each in page.select("details.fold")}
        assert [*parts] == ["mapa-pendekatan", "mapa-rencana", "mapa-penyesuaian", "mapa-peta"]
        said = {key: words(each.select_one("summary small")) for key, each in parts.items()}
        assert said["mapa-rencana"] == f"{len(skema.units)} unit · PW, CVP"
        assert said["mapa-penyesuaian"] == "tidak ada penyesuaian"
        assert said["mapa-peta"] == "FR.IA.08, FR.IA.09"
        # Printed from the browser, so what is folded has to open for it.
        assert page.find("script", src=re.compile(r"/fold\.")) is not None

    def test_what_a_draft_lacks_is_told_without_unfolding(self, admin, draft):
        draft.matrix, draft.changes = {}, {}
        db.session.commit()
        page = soup(admin.get(url(draft)))
        units = len(draft.skema_version.units)
        assert (
            words(page.select_one("#mapa-rencana small")) == f"{units} unit · {units} belum lengkap"
        )
        assert "belum diisi" in words(page.select_one("#mapa-penyesuaian small"))
