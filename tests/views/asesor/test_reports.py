"""Laporan jadwal: FR.AK.05 and FR.AK.06 filled, saved by themselves, signed once; the asesor's work and his sums."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import FrAk05, FrAk06
from lsp.services import fr_ak_05, fr_ak_06
from lsp.vocabulary import Answer, JadwalStatus, Mode, PermohonanStatus, Role
from tests import factories
from tests.html import form, links, main, notices, soup, words
from tests.htmx import HX
from tests.support.assessment import make_fr_ak_03
from tests.support.reports import every_cell, make_ak_05, make_ak_06, next_edition
from tests.test_pages import count_queries
from tests.views.asesor.conftest import typed
from tests.workflow.cases import make_permohonan

S = PermohonanStatus
PAGES = ("fr-ak-05", "fr-ak-06")


@pytest.fixture
def case(cast):
    return make_permohonan(S.NOT_YET_COMPETENT, cast=cast)


@pytest.fixture
def jadwal(cast, case):
    jadwal = cast.jadwal[Mode.DARING]
    jadwal.status = JadwalStatus.DONE
    db.session.commit()
    return jadwal


@pytest.fixture
def browser(app, cast, jadwal):
    return factories.browser_of(app, cast.asesor)


def at(jadwal, tail):
    return f"/asesor/jadwal/{jadwal.public_id}/{tail}"


def sheet(browser, jadwal, tail):
    return typed(form(soup(browser.get(at(jadwal, tail))), at(jadwal, tail)))


def cells():
    ticks = [key for key, value in every_cell().items() if value is True]
    written = {f"dimensi-{key}": value for key, value in every_cell().items() if value is not True}
    return {"sel": ticks, **written}


def paper_of(model):
    db.session.expire_all()
    return db.session.query(model).one()


class TestWhereTheyLie:
    def test_his_work_list_names_them_once_the_batch_is_over(self, browser, jadwal):
        page = soup(browser.get("/asesor"))
        assert links(page)[jadwal.name] == at(jadwal, "laporan")
        assert "FR.AK.05 dan FR.AK.06" in words(page.find(id="menunggu").find_parent("section"))
        jadwal.status = JadwalStatus.RUNNING
        db.session.commit()
        assert jadwal.name not in links(soup(browser.get("/asesor")))

    def test_the_list_and_the_jadwal(self, browser, cast, case, jadwal):
        page = soup(browser.get("/asesor/laporan"))
        assert links(page)[jadwal.name] == at(jadwal, "laporan")
        page = soup(browser.get(at(jadwal, "laporan")))
        assert links(page)["FR.AK.05 Laporan Asesmen"] == at(jadwal, "fr-ak-05")
        assert case.asesi_name in words(main(page))
        assert cast.skema.units[0].code in words(main(page))

    def test_what_stands_against_signing_is_said_there(self, browser, cast, jadwal):
        waits = make_permohonan(S.SCHEDULED, cast=cast)
        for tail in ("laporan", *PAGES):
            assert waits.asesi_name in notices(soup(browser.get(at(jadwal, tail))))[0]

    def test_a_colleagues_jadwal_is_not_found(self, app, jadwal):
        stranger = factories.browser_of(app, factories.make_user(Role.ASESOR))
        for tail in ("laporan", *PAGES, "fr-ak-05/tanda-tangan", "fr-ak-06/tanda-tangan"):
            assert stranger.get(at(jadwal, tail)).status_code == 404


class TestFilling:
    def test_ak_05_begins_with_the_batch(self, browser, cast, case, jadwal):
        page = soup(browser.get(at(jadwal, "fr-ak-05")))
        [row] = page.table.tbody.find_all("tr")
        unit = cast.skema.units[0]
        assert case.asesi_name in words(row)
        assert f"{unit.code} {unit.title}" in words(row)

    def test_a_change_saves_itself_and_the_edition_goes_on(self, browser, jadwal):
        data = sheet(browser, jadwal, "fr-ak-05")
        for text in ("Jaringan TUK baik.", "Jaringan TUK baik. Suara jelas."):
            data |= {"aspects": text, "autosave": "1"}
            answer = browser.post(at(jadwal, "fr-ak-05"), data=data, headers=HX)
            assert (answer.status_code, "Tersimpan" in words(soup(answer))) == (200, True)
            data["seen"] = soup(answer).find("input", {"name": "seen"})["value"]
        assert paper_of(FrAk05).aspects == "Jaringan TUK baik. Suara jelas."

    @pytest.mark.parametrize("tail", PAGES)
    def test_another_tab_is_not_overwritten(self, browser, jadwal, tail):
        field = "aspects" if tail == "fr-ak-05" else "explanation"
        old, new = sheet(browser, jadwal, tail), sheet(browser, jadwal, tail)
        assert browser.post(at(jadwal, tail), data=new | {field: "Baru"}).status_code == 303
        answer = browser.post(at(jadwal, tail), data=old | {field: "Lama"})
        assert answer.status_code == 409
        assert "Lama" in words(soup(answer).find("textarea", id=field))
        line = browser.post(
            at(jadwal, tail), data=old | {field: "Lama", "autosave": "1"}, headers=HX
        )
        assert (line.status_code, "Belum tersimpan" in words(soup(line))) == (409, True)
        assert getattr(paper_of(FrAk05 if field == "aspects" else FrAk06), field) == "Baru"

    def test_ak_06_keeps_ticks_and_codes_and_ticks_nothing_by_itself(self, browser, jadwal):
        first = soup(browser.get(at(jadwal, "fr-ak-06")))
        assert first.find_all("input", {"type": "checkbox", "checked": True}) == []
        assert first.find("input", value="keputusan.flexible") is None, "a blocked cell"
        data = sheet(browser, jadwal, "fr-ak-06") | cells() | {"sel": ["rencana.valid"]}
        assert browser.post(at(jadwal, "fr-ak-06"), data=data).status_code == 303
        paper = paper_of(FrAk06)
        assert (paper.answers["rencana.valid"], paper.answers["rencana.fair"]) == (True, False)
        assert paper.answers["ts"] == "TL/CVP, T/PW"
        again = soup(browser.get(at(jadwal, "fr-ak-06")))
        [box] = again.find_all("input", {"type": "checkbox", "checked": True})
        assert box["value"] == "rencana.valid"

    def test_a_text_too_long_stays_and_says_so(self, browser, jadwal):
        data = sheet(browser, jadwal, "fr-ak-06") | {"dimensi-ts": "x" * 201}
        answer = browser.post(at(jadwal, "fr-ak-06"), data=data)
        assert answer.status_code == 422
        assert "Task Skills: Paling panjang 200 huruf" in words(soup(answer))
        assert "x" * 201 in answer.text


class TestSigning:
    def save_and_sign(self, browser, jadwal, tail, data):
        answer = browser.post(at(jadwal, tail), data=data | {"lanjut": "1"})
        assert answer.location == at(jadwal, f"{tail}/tanda-tangan")
        page = soup(browser.get(answer.location))
        return typed(form(page, answer.location))

    @pytest.mark.both
    def test_both_from_the_empty_form_to_the_paper(self, browser, cast, case, jadwal):
        texts = {"aspects": "Positif: asesi siap.\nNegatif: sambungan sempat putus."}
        wanted = {"fr-ak-05": texts, "fr-ak-06": cells()}
        for tail, more in wanted.items():
            signing = self.save_and_sign(browser, jadwal, tail, sheet(browser, jadwal, tail) | more)
            where = at(jadwal, f"{tail}/tanda-tangan")
            refused = browser.post(where, data=signing | {"typed_name": "Bukan Saya"})
            assert (refused.status_code, "persis seperti ini" in refused.text) == (409, True)
            signed = browser.post(where, data=signing | {"typed_name": cast.asesor.name})
            assert signed.location == at(jadwal, "laporan")
            again = browser.post(where, data=signing | {"typed_name": cast.asesor.name})
            assert again.location.startswith("/laporan/"), "a second press leads to the paper"
        page = soup(browser.get(paper_address(paper_of(FrAk05), "fr-ak-05")))
        assert "Negatif: sambungan sempat putus." in words(main(page))
        assert cast.asesor.name in words(page.find(id="report-foot"))
        assert "✓ sesuai" in browser.get(paper_address(paper_of(FrAk06), "fr-ak-06")).text
        assert soup(browser.get("/asesor")).find(string=jadwal.name) is None

    def test_signed_over_what_another_tab_changed_it_asks_again(self, browser, cast, jadwal):
        data = sheet(browser, jadwal, "fr-ak-05") | {"aspects": "Satu"}
        signing = self.save_and_sign(browser, jadwal, "fr-ak-05", data)
        later = sheet(browser, jadwal, "fr-ak-05") | {"aspects": "Dua"}
        browser.post(at(jadwal, "fr-ak-05"), data=later)
        where = at(jadwal, "fr-ak-05/tanda-tangan")
        answer = browser.post(where, data=signing | {"typed_name": cast.asesor.name})
        assert answer.status_code == 409
        assert "Dua" in words(main(soup(answer)))
        assert paper_of(FrAk05).signed_at is None

    def test_a_recommendation_that_changed_meanwhile_is_seen_first(
        self, browser, cast, case, jadwal
    ):
        data = sheet(browser, jadwal, "fr-ak-05") | {"aspects": "Satu"}
        signing = self.save_and_sign(browser, jadwal, "fr-ak-05", data)
        next_edition(case, Answer.K)
        where = at(jadwal, "fr-ak-05/tanda-tangan")
        answer = browser.post(where, data=signing | {"typed_name": cast.asesor.name})
        assert answer.status_code == 409

    def test_what_lacks_bars_the_way_and_leads_back(self, browser, jadwal):
        for tail in PAGES:
            page = soup(browser.get(at(jadwal, f"{tail}/tanda-tangan")))
            assert page.find("form", action=at(jadwal, f"{tail}/tanda-tangan")) is None
            assert links(page)["Kembali ke isian"] == at(jadwal, tail)

    def test_the_signed_one_is_read_and_not_written(self, browser, cast, jadwal):
        papers = (make_ak_05(jadwal, cast.asesor), make_ak_06(jadwal, cast.asesor))
        for tail, paper in zip(PAGES, papers, strict=True):
            answer = browser.get(at(jadwal, tail))
            assert answer.location == paper_address(paper, tail)
            refused = browser.post(at(jadwal, tail), data={"aspects": "x", "sel": "rencana.valid"})
            assert refused.status_code == 409

    def test_a_later_recommendation_is_marked_on_it(self, browser, cast, case, jadwal):
        paper = make_ak_05(jadwal, cast.asesor)
        next_edition(case, Answer.K)
        for address in (paper_address(paper, "fr-ak-05"), at(jadwal, "laporan")):
            assert "Rekomendasi berubah sesudah laporan: Kompeten." in words(
                main(soup(browser.get(address)))
            )


def paper_address(paper, tail):
    return f"/laporan/{paper.public_id}/{tail}"


class TestQueries:
    def test_as_many_for_twenty_asesi_as_for_one(self, browser, cast, jadwal):
        addresses = [
            "/asesor/laporan",
            at(jadwal, "laporan"),
            *(at(jadwal, tail) for tail in PAGES),
        ]
        few = [count_queries(lambda a=a: browser.get(a)) for a in addresses]
        for _ in range(19):
            make_permohonan(S.COMPETENT, cast=cast)
        many = [count_queries(lambda a=a: browser.get(a)) for a in addresses]
        assert many == few
        assert max(many) <= 16

    def test_the_texts_and_cells_are_those_of_the_models(self, app):
        assert set(fr_ak_05.TEXTS) <= set(FrAk05.__table__.columns.keys())
        assert set(fr_ak_06.TEXTS) <= set(FrAk06.__table__.columns.keys())


class TestWhatAsesiSaid:
    def test_nothing_below_three_then_sums_without_names(self, browser, cast):
        cases = [make_permohonan(S.COMPETENT, cast=cast) for _ in range(3)]
        for number, case in enumerate(cases):
            make_fr_ak_03(
                case,
                answers={"1": {"yes": number > 0, "note": "Terlalu cepat" if not number else ""}},
                given_at=clock.now() - timedelta(days=30),
            )
            db.session.commit()
            text = words(main(soup(browser.get("/asesor/umpan-balik"))))
            assert ("Belum cukup jawaban" in text) is (number < 2)
            assert ("Terlalu cepat" in text) is (number == 2)
        assert not [case for case in cases if case.asesi_name in text]
