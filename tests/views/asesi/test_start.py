"""Beginning a permohonan with an ID Izin."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import delete, select

from lsp.database import db
from lsp.models import Fee, FrApl01, IdIzinDispute, Permohonan
from lsp.services.intake import MOST_DRAFTS
from lsp.vocabulary import Mode, PermohonanStatus, RequestKind
from tests import factories
from tests.html import errors, filled, form, links, notices, soup, words
from tests.views.asesi import situations

URL = "/asesi/mulai"


@pytest.fixture
def skema(app):
    return factories.make_skema(remote=True)


def answers(version, /, **changes) -> dict[str, str]:
    return {
        "id_izin": "I-2026111809150100042",
        "skema": version.public_id,
        "kind": "baru",
        "mode": "daring",
    } | changes


def standing() -> list[Permohonan]:
    return list(db.session.scalars(select(Permohonan)))


class TestBeginning:
    def test_a_draft_with_an_empty_fr_apl_01(self, sign_in, skema):
        browser = sign_in()
        answer = browser.post(URL, data=answers(skema, id_izin=" i-2026111809150100042 "))
        (permohonan,) = standing()
        assert answer.status_code == 303
        assert answer.location == url_for("asesi.permohonan", permohonan_id=permohonan.public_id)
        assert permohonan.status is PermohonanStatus.DRAFT
        assert permohonan.id_izin == "I-2026111809150100042"
        assert (permohonan.kind, permohonan.mode) == (RequestKind.BARU, Mode.DARING)
        assert db.session.get(FrApl01, permohonan.id).full_name == browser.user.name

    def test_the_form_on_the_page_is_enough(self, sign_in, skema):
        browser = sign_in()
        page = soup(browser.get(URL))
        sent = filled(form(page, URL)) | {
            "id_izin": "I-2026111809150100042",
            "skema": skema.public_id,
        }
        assert browser.post(URL, data=sent).status_code == 303

    def test_daring_only_where_the_permission_lists_every_method(self, sign_in):
        version = factories.make_skema()
        version.methods = ["wawancara", "observasi"]
        factories.make_remote_permission(version.skema, methods=["wawancara"])
        answer = sign_in().post(URL, data=answers(version))
        assert answer.status_code == 422
        assert "belum boleh dinilai jarak jauh" in errors(soup(answer))["mode"]
        assert standing() == []

    def test_the_page_says_what_it_will_cost(self, sign_in, skema):
        factories.make_fee(jenjang=skema.jenjang, amount=1_250_000)
        card = soup(sign_in().get(URL)).select_one("[aria-labelledby=biaya]")
        assert f"Jenjang {skema.jenjang}" in words(card)
        assert "Rp1.250.000" in words(card)
        assert "belum berarti membayar" in words(card)

    def test_without_a_fee_the_page_says_so(self, sign_in, skema):
        db.session.execute(delete(Fee))
        db.session.commit()
        card = soup(sign_in().get(URL)).select_one("[aria-labelledby=biaya]")
        assert "Belum ditetapkan" in words(card)

    def test_with_htmx_the_journey_moves_on_by_header(self, sign_in, skema):
        answer = sign_in().post(URL, data=answers(skema), headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"].startswith("/asesi/permohonan/")


class TestBadInput:
    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({"id_izin": ""}, "id_izin", "Isi ID Izin."),
            ({"id_izin": "I" * 61}, "id_izin", "Paling panjang 60 huruf."),
            ({"id_izin": "I-\x0112\n3456"}, "id_izin", "Tulis dalam satu baris."),
            ({"skema": "TIDAKADA"}, "skema", "Pilih skema."),
            ({"skema": ""}, "skema", "Pilih skema."),
            ({"kind": "lain"}, "kind", "Pilih jenis permohonan."),
            ({"mode": ""}, "mode", "Pilih cara asesmen."),
        ],
    )
    def test_each_gets_its_sentence_and_nothing_is_lost(
        self, sign_in, skema, changes, field, sentence
    ):
        answer = sign_in().post(URL, data=answers(skema, **changes))
        page = soup(answer)
        assert answer.status_code == 422
        assert sentence in errors(page)[field] or any(sentence in each for each in notices(page))
        if field != "id_izin":
            assert page.find(id="id_izin")["value"] == "I-2026111809150100042"
        assert standing() == []

    def test_an_unusual_id_izin_is_asked_about_and_then_taken(self, sign_in, skema):
        browser = sign_in()
        answer = browser.post(URL, data=answers(skema, id_izin="I-12345"))
        page = soup(answer)
        assert answer.status_code == 422
        assert "I-2026111809150100042" in errors(page)["id_izin"]
        assert standing() == []
        assert browser.post(URL, data=filled(form(page, URL)) | {"sure": "y"}).status_code == 303
        assert standing()[0].id_izin == "I-12345"

    def test_an_id_izin_of_somebody_else_is_put_to_the_admin_and_nothing_told(self, sign_in, skema):
        held = situations.draft(id_izin="I-2026111809150100042", status=PermohonanStatus.SUBMITTED)
        browser = sign_in()
        answer = browser.post(URL, data=answers(skema))
        assert (answer.status_code, answer.location) == (303, "/asesi")
        text = words(soup(browser.get("/asesi")))
        assert "ID Izin I-2026111809150100042 diperiksa LSP" in text
        assert held.asesi_name not in text
        assert len(standing()) == 1
        (asked,) = db.session.scalars(select(IdIzinDispute)).all()
        assert (asked.permohonan_id, asked.asker_id) == (held.id, browser.user.id)

    def test_asked_twice_it_is_one_question(self, sign_in, skema):
        situations.draft(id_izin="I-2026111809150100042")
        browser = sign_in()
        for _ in range(2):
            assert browser.post(URL, data=answers(skema)).status_code == 303
        assert len(db.session.scalars(select(IdIzinDispute)).all()) == 1

    def test_whoever_tries_through_numbers_is_slowed_down(self, sign_in, skema, steady_clock):
        browser = sign_in()
        situations.draft(browser.user, id_izin="I-2026111809150100042")
        found = [browser.post(URL, data=answers(skema)).status_code for _ in range(11)]
        assert found == [409] * 10 + [429]

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("1234567890123", "NIB"),
            ("1-1688636823642", "E-SIMPAN"),
            ("71102 2142 7 00000123 2026", "nomor sertifikat"),
            ("I-2019111809150100042", "18 November 2019"),
            ("I-2031111809150100042", "belum tiba"),
            ("I-2026139909150100042", "biasanya tanggal dan jam"),
        ],
    )
    def test_an_odd_one_is_explained_and_taken_once_ticked(self, sign_in, skema, typed, said):
        browser = sign_in()
        page = soup(browser.post(URL, data=answers(skema, id_izin=typed)))
        assert said in errors(page)["id_izin"]
        assert page.find(id="sure") is not None
        sure = answers(skema, id_izin=typed) | {"sure": "y"}
        assert browser.post(URL, data=sure).status_code in (303, 409)

    def test_a_nik_is_never_taken(self, sign_in, skema):
        sent = answers(skema, id_izin="9901014101900001") | {"sure": "y"}
        answer = sign_in().post(URL, data=sent)
        assert answer.status_code == 422
        assert "NIK" in errors(soup(answer))["id_izin"]
        assert standing() == []

    @pytest.mark.parametrize(
        "typed",
        [
            "ID Izin: i-2026111809150100042", "I\u20132026111809150100042", "2026111809150100042",
            "No. ID Izin Anda = I - 20261118 0915 0100042", "I2026111809150100042.", "1-2026111809150100042",
        ],
    )  # fmt: skip
    def test_what_copying_brings_is_left_out(self, sign_in, skema, typed):
        assert sign_in().post(URL, data=answers(skema, id_izin=typed)).status_code == 303
        assert standing()[0].id_izin == "I-2026111809150100042"

    def test_sent_twice_it_begins_once(self, sign_in, skema):
        browser = sign_in()
        browser.post(URL, data=answers(skema))
        again = browser.post(URL, data=answers(skema))
        assert again.status_code == 409
        assert "sudah Anda mulai" in errors(soup(again))["id_izin"]
        way = url_for("asesi.permohonan", permohonan_id=standing()[0].public_id)
        assert links(soup(again))["Buka permohonan itu"] == way
        assert len(standing()) == 1

    def test_too_many_drafts_are_no_fault_of_the_number(self, sign_in, skema):
        browser = sign_in()
        for _ in range(MOST_DRAFTS):
            situations.draft(browser.user)
        answer = browser.post(URL, data=answers(skema))
        assert answer.status_code == 409
        assert any("belum dikirim" in each for each in notices(soup(answer)))
        assert errors(soup(answer)) == {}

    def test_a_skema_without_remote_permission_is_not_begun_remotely(self, sign_in):
        skema = factories.make_skema()
        answer = sign_in().post(URL, data=answers(skema))
        assert answer.status_code == 422
        assert "tatap muka" in errors(soup(answer))["mode"]

    def test_a_skema_that_is_not_open_is_not_offered(self, sign_in):
        closed = factories.make_skema(incomplete_reason="Ada unit tanpa elemen.")
        assert sign_in().post(URL, data=answers(closed)).status_code == 422

    def test_without_any_open_skema_it_says_so(self, sign_in):
        assert "Belum ada skema yang dibuka" in sign_in().get(URL).get_data(as_text=True)
