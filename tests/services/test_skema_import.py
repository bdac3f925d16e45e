"""Importing skema: what is written, what is refused and how the refusal names the place."""

import copy

import pytest
from sqlalchemy import func, select

from lsp.data import read_json
from lsp.database import db
from lsp.models import Elemen, Kuk, Skema, SkemaVersion, UnitKompetensi
from lsp.services.skema_import import (
    SkemaHeader,
    SkemaIncomplete,
    SkemaInvalid,
    document_requirements,
    education_rules,
    import_skema,
    import_warnings,
    open_skema,
)
from lsp.vocabulary import PHOTO_CODE, AcceptedFiles, RequestKind

HEADER = read_json("schemes/petugas-k3-lsp-p1.header.json")
COMPLETE = read_json("schemes/petugas-k3-lsp-p1.json")
INCOMPLETE = read_json("schemes/personil-keselamatan-dan-kesehatan-kerja.json")


def header(**changes):
    return SkemaHeader.from_dict({**HEADER, **changes})


def changed(change):
    data = copy.deepcopy(COMPLETE)
    change(data)
    return data


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.both
class TestImport:
    def test_every_unit_elemen_and_kuk_arrives(self, app):
        version = import_skema(COMPLETE, header())
        db.session.commit()
        assert (count(UnitKompetensi), count(Elemen), count(Kuk)) == (9, 27, 91)
        unit = version.units[0]
        assert (unit.position, unit.code, unit.standard) == (1, "M.71KKK00.001.1", "SKKNI 307-2017")
        assert unit.elements[0].kuk_list[0].number == "1.1"
        assert version.skema.number == "SKM/CONTOH/001/2026"
        assert (version.kbli, version.kbji, version.jenjang) == ("71102", "2142", 4)
        assert version.opened_at is None
        assert version.incomplete_reason == ""

    def test_a_second_import_is_a_new_version(self, app):
        import_skema(COMPLETE, header())
        second = import_skema(COMPLETE, header())
        assert second.version_number == 2
        assert count(Skema) == 1

    def test_an_incomplete_source_comes_in_but_cannot_be_opened(self, app):
        version = import_skema(INCOMPLETE, header(number="SKM/X/2"))
        assert version.incomplete_reason == (
            "6 dari 13 unit belum punya elemen dan KUK yang lengkap. "
            "Skema ini belum dapat dibuka untuk pendaftaran."
        )
        with pytest.raises(SkemaIncomplete, match="6 dari 13 unit"):
            open_skema(version)
        assert version.opened_at is None

    def test_opening_twice_keeps_the_first_time(self, app):
        version = import_skema(COMPLETE, header())
        open_skema(version)
        first = version.opened_at
        open_skema(version)
        assert version.opened_at == first is not None


class TestWhatIsMissing:
    def test_no_units_at_all(self, app):
        data = {"units": [], "complete": False}
        assert "Daftar unit kompetensi belum ada" in import_skema(data, header()).incomplete_reason

    def test_units_whole_but_the_list_uncertain(self, app):
        data = {**COMPLETE, "complete": False}
        assert "belum dipastikan lengkap" in import_skema(data, header()).incomplete_reason

    def test_a_unit_without_code_is_said(self):
        data = changed(lambda d: d["units"][1].update(code=None))
        assert import_warnings(data) == ["Unit 2 belum punya kode unit."]
        assert import_warnings(COMPLETE) == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (
                lambda d: d["units"].append(d["units"][0]),
                r"Unit 10 \(M.71KKK00.001.1\): kode unit ini muncul dua",
            ),
            (lambda d: d["units"][1].update(title=" "), r"Unit 2 \(.*\): judul unit kosong"),
            (lambda d: d["units"][0].update(elements=[]), "Unit 1 .*tidak punya elemen"),
            (lambda d: d["units"][0].update(complete=False), "Unit 1 .*belum lengkap"),
            (lambda d: d["units"][0]["elements"].reverse(), "Unit 1 .*elemen 1: bernomor '2'"),
            (
                lambda d: d["units"][0]["elements"][1].update(title=""),
                "elemen 2: judul elemen kosong",
            ),
            (lambda d: d["units"][0]["elements"][1].update(kuk=[]), "elemen 2: tidak punya KUK"),
            (
                lambda d: d["units"][0]["elements"][1]["kuk"].pop(0),
                "elemen 2: KUK ke-1 harus bernomor 2.1",
            ),
            (
                lambda d: d["units"][0]["elements"][0]["kuk"][0].update(text=""),
                "teks KUK 1.1 kosong",
            ),
            (lambda d: d["units"][0]["elements"].append("x"), "harus memuat 'no'"),
            (lambda d: d["units"].append("x"), "Unit 10: bukan objek"),
            (lambda d: d["units"][0].update(code="x" * 41), "paling panjang 40"),
            (lambda d: d.update(units=[]), "tidak memuat satu unit pun"),
            (lambda d: d.update(units=None), "harus memuat 'units'"),
            (lambda d: d.pop("complete"), "'complete'"),
        ],
    )
    def test_a_fault_is_named_and_nothing_is_written(self, app, change, sentence):
        with pytest.raises(SkemaInvalid, match=sentence):
            import_skema(changed(change), header())
        assert count(Skema) == count(SkemaVersion) == 0

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"kbli": "7110"}, "KBLI wajib diisi dengan 5 angka"),
            ({"kbli": 71102}, "KBLI"),
            ({"kbji": "21420"}, "KBJI wajib diisi dengan 4 angka"),
            ({"kbji": "²142"}, "KBJI"),
            ({"jenjang": 10}, "jenjang wajib"),
            ({"jenjang": "4"}, "jenjang wajib"),
            ({"title": " "}, "title"),
            ({"number": "x" * 81}, "paling panjang 80"),
            ({"colour": "red"}, "tidak dikenal: colour"),
            ({"effective_from": "31-01-2026"}, "tanggal"),
            ({"methods": [1]}, "methods"),
        ],
    )
    def test_a_header_that_does_not_fit(self, changes, sentence):
        with pytest.raises(SkemaInvalid, match=sentence):
            header(**changes)

    def test_a_header_without_kbli(self):
        with pytest.raises(SkemaInvalid, match="belum diisi: kbji, kbli"):
            SkemaHeader.from_dict({key: value for key, value in HEADER.items() if key[:2] != "kb"})


def test_the_pas_foto_is_a_picture_and_every_other_row_may_be_a_pdf():
    for kind in RequestKind:
        taken = {row.code: row.accepts for row in document_requirements(7) if row.kind is kind}
        assert taken.pop(PHOTO_CODE) is AcceptedFiles.PICTURE
        assert set(taken.values()) == {AcceptedFiles.PICTURE_OR_PDF}


def test_every_paper_of_the_dossier_has_a_row():
    """Process 3.5, of a request of jenjang 7."""
    asked = {row.code for row in document_requirements(7)}
    assert {"1a", "1b", "1c", "1d", "2a", "2b", "3", "4", "5a", "5b", "5c", "5d", "6"} <= asked


def codes(jenjang, kind, *, required):
    rows = document_requirements(jenjang)
    return {row.code for row in rows if row.kind is kind and row.required is required}


class TestRequirements:
    def test_everyone_shows_ktp_statement_and_photo(self):
        for kind in RequestKind:
            assert {"1a", "1b", "1d"} <= codes(4, kind, required=True)

    def test_experience_but_for_the_fresh_graduate_who_shows_training(self):
        assert "3" in codes(7, RequestKind.BARU, required=True)
        assert "4" in codes(7, RequestKind.BARU, required=False)
        assert "3" in codes(7, RequestKind.FRESH_GRADUATE, required=False)
        assert "4" in codes(7, RequestKind.FRESH_GRADUATE, required=True)

    def test_membership_by_jenjang(self):
        assert "5b" not in codes(4, RequestKind.BARU, required=False)
        assert "5b" in codes(6, RequestKind.BARU, required=False)
        assert "5b" in codes(7, RequestKind.BARU, required=True)
        assert "5b" not in codes(7, RequestKind.FRESH_GRADUATE, required=True)

    def test_npwp_is_not_asked_of_operators(self):
        assert "1c" in codes(3, RequestKind.BARU, required=False)
        assert "1c" in codes(4, RequestKind.BARU, required=True)

    def test_the_old_certificate_for_renewal_and_change(self):
        for kind in (RequestKind.PERPANJANGAN, RequestKind.PERUBAHAN):
            assert "5c" in codes(4, kind, required=True)
        assert "5c" not in codes(4, RequestKind.BARU, required=True)

    def test_texts_help_and_fit_their_columns(self):
        for row in document_requirements(9):
            assert len(row.code) <= 6
            assert len(row.label) <= 120
            assert row.help_text.endswith(".")

    def test_every_jenjang_has_an_education_rule(self):
        for jenjang in range(1, 10):
            rules = education_rules(jenjang)
            assert [rule.position for rule in rules] == list(range(1, len(rules) + 1))
            assert all(len(rule.education) <= 80 for rule in rules)
            assert any(rule.kind is None for rule in rules)

    def test_experience_is_spared_only_the_fresh_graduate_of_jenjang_7(self):
        bachelor = [rule for rule in education_rules(7) if rule.education.startswith("S1")]
        assert {(rule.years, rule.kind) for rule in bachelor} == {
            (2, None),
            (0, RequestKind.FRESH_GRADUATE),
        }
