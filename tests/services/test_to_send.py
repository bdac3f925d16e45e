"""What is typed into SIKI and BNSP: the fields of each kind under the other side's names, and the ZIP of it all."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from lsp import ids
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.models import DocumentRequirement, OutboxAnswer, OutboxMessage, Peserta, PlenoCase
from lsp.models.outbox_answer import note_word
from lsp.models.queue import BLANKO, PENCATATAN, TO_CORRECT_AT_BNSP
from lsp.services import lpjk_reports, to_send, to_send_zip
from lsp.services.to_send_parts import SentFile, sent_document
from lsp.vocabulary import Channel, PermohonanStatus
from lsp.workflow.effects import blanko as blanko_effects
from lsp.workflow.effects.certificate_life import LETTERS
from tests import factories
from tests.services.raw_sql import refuses
from tests.workflow.cases import actor_of, make_cast, make_permohonan, upload

S = PermohonanStatus
PORTAL = "https://lsp.contoh.id"
STATUS = "id_izin kd_status keterangan"
#: Kind of row -> the names of process 4.3 to 4.5, in their order.
NAMES = {
    **dict.fromkeys((f"status {code}" for code in (20, 11, 10, 30, 31, 90)), STATUS),
    "jadwal": "tuk_id jenis_jadwal jenis_anggaran nama_jadwal klasifikasi_id subklasifikasi_id tanggal_mulai "
    "tanggal_selesai keterangan jabker_id[]",
    "jadwal/confirm": "jadwal_id",
    "jadwal/peserta": "jadwal_id tuk_id asesor_id is_fg nik nib nama tempat_lahir tanggal_lahir jenis_kelamin alamat "
    "kota_id provinsi_id negara_id telepon email jenis_mohon skema_id keterangan jenjang_id prodi no_ijasah "
    "tanggal_ijazah tahun_lulus kota_sekolah prov_sekolah negara_sekolah nama_sekolah pekerjaan instansi_pekerjaan "
    "jabatan_pekerjaan file_foto file_ktp file_nib file_ijazah",
    "jadwal/asesor/surat-tugas": "jadwal_id asesor_id url_surat_tugas",
    "jadwal/peserta/hasil-uji": "jadwal_id nik_peserta kompeten metode_uji uji_praktek_atau_observasi_lapangan "
    "uji_tulis uji_lisan wawancara penyelenggara apl_01 apl_02 url_dokumentasi_asesmen",
    TO_CORRECT_AT_BNSP: "jadwal_id nik_peserta kompeten sudah_dilaporkan",
    BLANKO: " ".join(["jadwal_id form_id nama nomor tanggal file_dokumen"] * 3),
    PENCATATAN: "id_izin nomor_registrasi_lsp nomor_sertifikasi_lsp nomor_blangko_bnsp",
    "jadwal/cetak": "jadwal_id",
    "jadwal/peserta/sertifikat": "jadwal_id nik_peserta nomor_sertifikat nomor_reg nomor_reg_lpjk link_sertifikat "
    "tgl_srtf tgl_srtf_end",
    "izin-final-skk": "id_izin link_e_sertifikat",
    "surat pembatalan penetapan": "id_izin nama skema alasan",
    **dict.fromkeys(LETTERS.values(), "id_izin nama nomor_sertifikat nomor_surat alasan"),
}  # fmt: skip

MAY_BE_EMPTY = {
    "keterangan", "prodi", "instansi_pekerjaan", "jabatan_pekerjaan", "nib", "file_nib",
}  # fmt: skip


@pytest.fixture
def cast(app):
    return make_cast()


def row(case, kind, channel=Channel.BNSP, **payload):
    return factories.make_message(
        channel,
        kind=kind,
        permohonan_id=case.id,
        payload={"id_izin": case.id_izin, "permohonan": case.public_id, **payload},
    )


def read(message):
    return to_send.to_send(message, message.payload, base_url=PORTAL)


def values(sent):
    return {field.name: field.value for field in sent.fields}


def test_each_kind_has_the_fields_of_the_other_side(cast):
    case = make_permohonan(S.ISSUED, cast=cast)
    peserta = db.session.query(Peserta).filter_by(permohonan_id=case.id).one()
    jadwal = next(iter(cast.jadwal.values()))
    more = {"kd_status": 20, "keterangan": "Validasi", "kompeten": 1, "dilaporkan": 2, "alasan": "Keliru",
            "nomor_sertifikat": "41011 2142 7 00000123 2026", "nomor_surat": "0001/SK-SERT/2026"}  # fmt: skip
    place = db.session.query(PlenoCase).filter_by(permohonan_id=case.id).one()
    request = blanko_effects.open_request(actor_of(cast.admin), place.pleno, jadwal.id, [])
    for kind, names in NAMES.items():
        payload = {"jadwal": jadwal.public_id, "peserta": peserta.id}
        if kind == BLANKO:
            payload["permintaan_blanko"] = request.public_id
        payload |= more
        sent = read(row(case, kind, **payload))
        assert [field.name for field in sent.fields] == names.split(), kind
        silent = {field.name for field in sent.fields if not field.value and not field.gap}
        assert silent <= MAY_BE_EMPTY, kind
        assert sent.screen, kind
    for kind, report in (
        (lpjk_reports.ASSESSOR, "assessor"),
        (lpjk_reports.COMMITTEE, "committee"),
    ):
        asked = [each.name for each in lpjk_reports.specs(report)]
        assert [field.name for field in read(row(case, kind)).fields] == ["id_izin", *asked]
    known = values(read(row(case, "jadwal/peserta", jadwal=jadwal.public_id, peserta=peserta.id)))
    assert known["nik"] == f"99{case.id:014d}"
    assert (known["jenis_kelamin"], known["jenis_mohon"], known["is_fg"]) == ("2", "1", "0")
    assert (known["kota_id"], known["jadwal_id"]) == ("", ""), "no code of BNSP is invented"
    done = values(to_send.without_nik(read(row(case, "jadwal/peserta/sertifikat"))))
    assert done["nik_peserta"] == "*" * 12 + f"99{case.id:014d}"[-4:]
    assert done["link_sertifikat"].startswith(PORTAL.upper() + "/V/")


def test_what_bnsp_answered_stands_in_the_rows_after_it(cast):
    case = make_permohonan(S.SCHEDULED, cast=cast)
    jadwal = next(iter(cast.jadwal.values()))
    first = factories.make_message(
        Channel.BNSP, kind="jadwal", dedupe=f"bnsp:jadwal:{jadwal.public_id}", payload={}
    )
    note_word(first, cast.admin.id, "done", id_jadwal="41")
    note_word(first, cast.admin.id, "corrected", note="Salah ketik angkanya.", id_jadwal="4177")
    db.session.commit()
    assert values(read(row(case, "jadwal/peserta/hasil-uji", kompeten=1)))["jadwal_id"] == "4177"


def test_every_row_of_the_workflow_is_known():
    from lsp.config import ROOT
    from lsp.workflow.effects.common import SIKI_TEXT

    written = "".join(path.read_text() for path in (ROOT / "lsp/workflow").rglob("*.py"))
    known = {*to_send.KINDS, *to_send.REPORTS}
    assert known == {*NAMES, *lpjk_reports.REPORTS}
    assert {f"status {code}" for code in SIKI_TEXT} <= known
    named = (
        known - {BLANKO, PENCATATAN, TO_CORRECT_AT_BNSP} - {f"status {code}" for code in SIKI_TEXT}
    )
    assert {kind for kind in named if f'"{kind}"' not in written} == set()


def test_words_about_a_row_are_never_rewritten(cast):
    message = factories.make_message()
    note_word(message, cast.admin.id, "done")
    db.session.commit()
    assert db.session.query(OutboxAnswer).count() == 1
    for statement in ("UPDATE outbox_answer SET note = 'lain'", "DELETE FROM outbox_answer"):
        refuses(statement, "append-only: outbox_answer")


class TestZip:
    def made(self, case, **columns):
        """The case's first file is its photo; with bytes in the store."""
        first = db.session.query(DocumentRequirement).filter_by(
            skema_version_id=case.skema_version_id, position=1
        )
        requirement = first.one()
        requirement.code = "1d"
        stored = storage.store().put(b"isi foto")
        upload(
            case, "Pas foto", "requirement", requirement_id=requirement.id, storage_key=stored.key,
            content_type="image/jpeg", size=8, original_name="../../etc/passwd\r\n.exe", **columns,
        )  # fmt: skip
        db.session.commit()

    def test_holds_the_files_and_the_fields_under_safe_names(self, cast):
        case = make_permohonan(S.SCHEDULED, cast=cast)
        self.made(case)
        form = case.fr_apl_01
        form.full_name, form.address = "=HYPERLINK(1)", "Jl. Satu\r\nnik: 9900000000000000"
        db.session.commit()
        peserta = db.session.query(Peserta).filter_by(permohonan_id=case.id).one()
        sent = read(row(case, "jadwal/peserta", peserta=peserta.id))
        hostile = SentFile("../../..\\auto run.exe", "Jahat", sent.files[0].storage_key)
        gone = SentFile("file_lain.pdf", "Lain", ids.random_id(32))
        files, missing = to_send_zip.present([*sent.files, *sent.files, hostile, gone])
        assert {file.name for file in missing} == {"file_ijazah.pdf", "file_lain.pdf"}
        content = b"".join(to_send_zip.pieces("Peserta", sent, files, missing))
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            assert opened.testzip() is None
            assert opened.namelist() == [
                "isian.csv", "isian.txt", "file_foto.jpg", "file_foto-2.jpg", "auto-run.exe",
            ]  # fmt: skip
            assert {each.compress_type for each in opened.infolist()} == {zipfile.ZIP_STORED}
            assert opened.read("file_foto.jpg") == b"isi foto"
            listed = io.StringIO(opened.read("isian.csv").decode("utf-8-sig"))
            table = list(csv.reader(listed, delimiter=";"))
            text = opened.read("isian.txt").decode("utf-8-sig")
        rows = {line[0]: line[2] for line in table}
        assert rows["nama"] == "'=HYPERLINK(1)", "no formula"
        assert rows["nik"] == form.nik
        assert text.count("\r\nnik:") == 0, "an address does not look like the next field"
        assert "Jl. Satu nik: 9900000000000000" in text
        assert "file_lain.pdf: berkasnya tidak ada" in text

    def test_more_than_fits_is_said_and_not_made(self, cast):
        big = SentFile("besar.pdf", "Besar", "0" * 32, size=to_send_zip.MOST + 1)
        with pytest.raises(DomainError, match="lebih dari 60 MB"):
            to_send_zip.pieces("", to_send.ToSend("", 0, (), ()), [big], [])

    def test_a_file_the_other_side_refuses_is_named(self, cast):
        case = make_permohonan(S.SCHEDULED, cast=cast)
        large = upload(case, "KTP", size=5_400_000)
        assert "5,4 MB, padahal di sana paling besar 5 MB" in sent_document(large, "a", "A").gap
        assert not sent_document(upload(case, "KTP", size=5_000_000), "a", "A").gap


def test_rows_of_other_channels_are_left_alone(cast):
    """A job has no screen of a ministry."""
    message = factories.make_message(
        Channel.JOB, kind="certificate_pdf", payload={"certificate": "x"}
    )
    assert read(message).fields == ()
    assert db.session.get(OutboxMessage, message.id).done_at is None
