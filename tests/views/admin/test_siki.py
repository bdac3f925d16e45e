"""Dari data SIKI: shown first, then saved; the same again changes nothing; addresses are never opened."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from lsp.database import db, write_transaction
from lsp.models import Claim, Document, FormalEducation, FrApl01, LinkedDocument, Permohonan
from lsp.services import apl01, prefill, siki_dossier
from lsp.vocabulary import FieldOrigin, PermohonanStatus
from tests import factories
from tests.html import errors, filled, form, links, notices, soup, words

EXAMPLE = (Path(__file__).parents[3] / "docs/examples/siki_permohonan.json").read_text()
SAVE = "/admin/siki/simpan"


def without_id_izin() -> str:
    data = json.loads(EXAMPLE)["data"]
    del data["id_izin"]
    return json.dumps(data)


def preview(admin, content: str = EXAMPLE):
    return soup(admin.post("/admin/siki", data={"dossier": content}))


def save(admin, page, **changes):
    sent = {name: value for name, value in filled(form(page, SAVE)).items() if value is not None}
    return admin.post(SAVE, data=sent | changes)


def cases() -> list[Permohonan]:
    db.session.expire_all()
    return list(db.session.scalars(select(Permohonan).order_by(Permohonan.id)))


def opened(admin, skema) -> Permohonan:
    save(admin, preview(admin), skema=skema.public_id)
    return cases()[0]


def test_it_is_shown_first_and_nothing_written(admin, skema):
    page = preview(admin)
    text = words(page)
    assert cases() == []
    assert "Siti Contoh" in text
    assert "9901014101900001" not in words(page.find("dl"))
    assert "Belum" not in (notices(page) or [""])[0]


def with_work(code: str, level: str) -> str:
    data = json.loads(EXAMPLE)["data"]
    data["klasifikasi_kualifikasi"] = [{"jabatan_kerja": code, "jenjang": level}]
    return json.dumps(data)


def test_a_skema_that_does_not_fit_is_not_chosen_by_itself(admin, skema):
    page = preview(admin, with_work("SI012001", "6"))
    assert "jabatan kerja SI012001, jenjang 6" in " ".join(notices(page))
    assert page.select_one("[name=skema] [selected]") is None
    answer = save(admin, page)
    assert "skema" in errors(soup(answer))
    assert cases() == []


def test_one_that_fits_is_chosen_without_a_word(admin, skema):
    page = preview(admin, with_work(skema.title, str(skema.jenjang)))
    assert page.select_one("[name=skema] [selected]")["value"] == skema.public_id
    assert "jabatan kerja" not in " ".join(notices(page))


def test_saved_it_is_a_draft_with_all_that_is_known(admin, skema):
    answer = save(admin, preview(admin), skema=skema.public_id)
    (case,) = cases()
    assert answer.location == f"/admin/permohonan/{case.public_id}"
    paper = db.session.get_one(FrApl01, case.id)
    assert (paper.nik, paper.city_code, len(paper.experiences)) == ("9901014101900001", "73.71", 1)
    assert prefill.origins(case.id)["nik"] is FieldOrigin.SIKI
    assert db.session.get_one(Claim, case.id).claimed_at is None
    assert len(db.session.scalars(select(LinkedDocument)).all()) == 6


def test_sent_twice_it_is_one_draft_with_the_same_rows(admin, skema):
    page = preview(admin)
    first = save(admin, page, skema=skema.public_id)
    again = save(admin, page, skema=skema.public_id)
    assert again.status_code == 200, "the draft that came of it is shown, for a second look"
    save(admin, soup(again))
    (case,) = cases()
    assert first.location.endswith(case.public_id)
    assert len(db.session.get_one(FrApl01, case.id).experiences) == 1


def test_what_the_asesi_typed_stays_and_is_named_before(admin, skema):
    case = opened(admin, skema)
    with write_transaction():
        apl01.save_section(db.session.get_one(Permohonan, case.id), "pribadi", {"birth_place": "Maros"})  # fmt: skip
    page = preview(admin)
    assert "isian asesi dibiarkan" in words(page)
    save(admin, page)
    assert db.session.get_one(FrApl01, case.id).birth_place == "Maros"


def test_an_education_is_not_said_to_be_left_when_a_higher_row_comes(admin, skema):
    case = opened(admin, skema)
    with write_transaction():
        form = db.session.get_one(FrApl01, case.id)
        form.educations = [FormalEducation(level="SD", school="SD Contoh")]
        form.education, form.school = "SD", "SD Contoh"
    page = preview(admin)
    assert "Pendidikan terakhir" not in words(page.find("dl"))
    said = words(page.find("section", {"aria-label": "Pendidikan"}))
    assert "mencetak pendidikan yang tertinggi" in said


def test_without_an_id_izin_it_is_asked_for(admin, skema):
    page = preview(admin, without_id_izin())
    refused = save(admin, page, skema=skema.public_id, id_izin="")
    assert errors(soup(refused))["id_izin"] == "Isi ID Izin."
    kept = filled(form(soup(refused), SAVE))
    assert (kept["name"], kept["skema"]) == ("Siti Contoh", [skema.public_id])
    assert save(admin, page, skema=skema.public_id, id_izin="I-2026111809150100042").status_code == 303  # fmt: skip


def test_one_past_draft_is_explained(admin, skema):
    case = factories.make_permohonan(id_izin="I-2026111809150100042", status=PermohonanStatus.SUBMITTED)  # fmt: skip
    page = preview(admin)
    assert any("hanya mengisi draf" in words(each) for each in page.select(".notice"))
    assert links(page)["Buka permohonan itu"].endswith(case.public_id)
    sent = {"dossier": EXAMPLE, "untuk": case.public_id}
    assert admin.post(SAVE, data=sent).status_code == 409
    assert prefill.origins(case.id) == {}


def test_a_dossier_of_another_person_is_doubted(admin, skema):
    opened(admin, skema)
    page = preview(admin, EXAMPLE.replace("9901014101900001", "9901014101900002"))
    assert "bukan NIK di draf ini" in words(page)


@pytest.mark.parametrize("content", ["", "{", "x" * 200_001, '{"a": 1}'])
def test_what_is_no_dossier_says_so_and_is_kept(admin, content):
    answer = admin.post("/admin/siki", data={"dossier": content})
    assert answer.status_code == 422
    assert errors(soup(answer))["dossier"]
    assert (soup(answer).find("textarea").get_text() or "").strip() == content


def test_a_file_is_read_as_well(admin, skema):
    sent = {"file": (io.BytesIO(b"\xef\xbb\xbf" + EXAMPLE.encode()), "data.json")}
    answer = admin.post("/admin/siki", data=sent, content_type="multipart/form-data")
    assert "Siti Contoh" in words(soup(answer))
    wrong = {"file": (io.BytesIO(b"\xff\xd8\xff\xe0"), "ktp.jpg")}
    answer = admin.post("/admin/siki", data=wrong, content_type="multipart/form-data")
    assert answer.status_code == 422


class TestDocumentsByAddress:
    def test_the_admin_may_open_those_of_the_ministry(self, admin, skema):
        photo = "https://perizinan.pu.go.id/portal/contoh/foto.jpg"
        other = EXAMPLE.replace(photo, "https://evil.example/f.jpg")
        save(admin, preview(admin, other), skema=skema.public_id)
        page = soup(admin.get(f"/admin/permohonan/{cases()[0].public_id}"))
        assert links(page)["KTP (tab baru)"] == "https://perizinan.pu.go.id/portal/contoh/ktp.jpg"
        assert "Pas foto (tab baru)" not in links(page)
        assert "https://evil.example/f.jpg" in words(page)

    def test_one_whose_row_has_a_file_counts_as_fetched(self, admin, skema):
        case = opened(admin, skema)
        linked = db.session.scalars(
            select(LinkedDocument).where(LinkedDocument.requirement_id.is_not(None))
        ).first()
        before = words(soup(admin.get(f"/admin/permohonan/{case.public_id}")))
        assert "Belum diunduh dari SIKI: 6 dokumen" in before
        factories.saved(
            Document(
                permohonan_id=case.id, requirement_id=linked.requirement_id, purpose="requirement", label="KTP",
                original_name="ktp.jpg", content_type="image/jpeg", size=10, sha256="0" * 64, storage_key="k",
                uploaded_by_id=case.asesi_id,
            )
        )  # fmt: skip
        after = words(soup(admin.get(f"/admin/permohonan/{case.public_id}")))
        assert "Belum diunduh dari SIKI: 5 dokumen" in after


@pytest.mark.parametrize(
    "half",
    [
        '{"\\ud800": 1, "personal": [{"nama": "A"}]}',
        '{"personal": [{"nama": "A", "\\ud800": 1}]}',
    ],
)
def test_half_a_letter_in_a_key_is_shown_as_unknown(admin, half):
    page = preview(admin, half)
    assert "Bagian yang tidak dikenal" in words(page)
    assert filled(form(page, SAVE))["dossier"] == half


@pytest.mark.parametrize("how", ["pasted", "as a file"])
def test_the_largest_dossier_can_be_saved(admin, skema, how):
    """As a browser sends it: in the way that the form names, with two signs for each end of a line."""
    data = json.loads(EXAMPLE)
    data["data"]["personal"][0]["catatan"] = [""] * 45_000
    content = json.dumps(data, indent=0)
    content += " " * (siki_dossier.MOST_BYTES - len(content))
    sent = {"dossier": content.replace("\n", "\r\n")}
    if how == "as a file":
        sent = {"file": (io.BytesIO(content.encode()), "data.json")}
    page = soup(admin.post("/admin/siki", data=sent, content_type="multipart/form-data"))
    save_form = form(page, SAVE)
    fields = {name: value for name, value in filled(save_form).items() if value is not None}
    fields |= {"skema": skema.public_id}
    fields["dossier"] = str(fields["dossier"]).replace("\r\n", "\n").replace("\n", "\r\n")
    kind = str(save_form.get("enctype", "application/x-www-form-urlencoded"))
    assert admin.post(SAVE, data=fields, content_type=kind).status_code == 303
    assert len(cases()) == 1
