"""The audit chain in Indonesian words: what was done, to what, and its details. Codes stay as they are in the chain."""

from __future__ import annotations

import json
from typing import Any

from lsp.services import meetings
from lsp.vocabulary import (
    BandingStatus,
    ConsentKind,
    DisputeOutcome,
    Form,
    ImportOutcome,
    ImportRowState,
    JadwalStatus,
    LinkPurpose,
    PermohonanStatus,
    Role,
    Verdict,
)
from lsp.workflow.banding import BANDING
from lsp.workflow.guards.banding import OUTCOMES
from lsp.workflow.jadwal import JADWAL
from lsp.workflow.permohonan import PERMOHONAN

ACTIONS: dict[str, str] = {
    "account.sign_up": "Mendaftar akun",
    "account.sign_in": "Masuk",
    "account.sign_in_refused": "Gagal masuk",
    "account.sign_out": "Keluar",
    "account.end_place": "Mengeluarkan perangkat",
    "account.change_password": "Mengganti kata sandi",
    "account.password_refused": "Kata sandi salah saat menandatangani",
    "account.disable": "Menutup akun",
    "account.first": "Membuat akun pertama",
    "account.name": "Mengisi nama sendiri",
    "account.zone": "Memilih zona waktu sendiri",
    "asesor.profile": "Mencatat data asesor",
    "apl_02.review": "Meninjau FR.APL.02",
    "banding.declare": "Menyatakan tidak melatih asesi",
    "banding.find": "Menulis temuan banding",
    "banding.propose": "Mengusulkan hasil banding",
    "banding.sign": "Menandatangani hasil banding",
    "banding.unsign": "Menarik tanda tangan atas hasil banding",
    "banding.replace_member": "Mengganti anggota panel banding",
    "calendar_feed.make": "Membuat alamat kalender",
    "calendar_feed.end": "Mematikan alamat kalender",
    "certificate.download": "Mengunduh sertifikat",
    "claim.email": "Membetulkan e-mail asesi sebelum diambil",
    "claim.send_again": "Mengirim lagi tautan pengambilan",
    "claim.take": "Mengambil permohonan dengan NIK",
    "claim.wrong_nik": "NIK tidak cocok saat mengambil permohonan",
    "checklist.answer": "Menjawab catatan admin tentang isian",
    "checklist.answer_back": "Menarik jawaban tentang isian",
    "checklist.judge": "Menilai berkas",
    "checklist.seen_at_siki": "Melihat perbaikan di SIKI",
    "consent.give": "Memberi persetujuan",
    "consent_text.write": "Menerbitkan teks persetujuan",
    "day_off.add": "Mencatat hari tidak bertugas asesor",
    "day_off.remove": "Menghapus hari tidak bertugas asesor",
    "decision.propose_annulment": "Mengusulkan pembatalan penetapan",
    "decision.decline_annulment": "Menolak pembatalan penetapan",
    "demo.load": "Memuat data demo",
    "duty.waive": "Memberi pengecualian tugas",
    "document.attach": "Mengunggah berkas",
    "document.remove": "Menghapus berkas",
    "document.restore": "Mengembalikan berkas",
    "fee.add": "Menambah biaya",
    "fee.take_back": "Membatalkan biaya",
    "form.sign": "Menandatangani formulir",
    "fr_ak_01.prepare": "Menyiapkan FR.AK.01",
    "fr_ak_02.save": "Menyimpan FR.AK.02",
    "fr_ak_02.unsigned": "Mencatat asesi tidak menandatangani FR.AK.02",
    "fr_ak_02.agrees": "Asesor 2 setuju dengan FR.AK.02",
    "fr_ak_02.dissents": "Asesor 2 tidak setuju dengan FR.AK.02",
    "fr_ak_02.released": "Melepas permohonan dari menunggu asesor 2",
    "fr_ak_07.fill": "Mengisi FR.AK.07",
    "import.upload": "Mengunggah lembar asesi",
    "import.download": "Mengunduh baris bermasalah dari lembar asesi",
    "import.begin": "Menyetujui lembar asesi",
    "import.finish": "Menyelesaikan lembar asesi",
    "import.stop": "Menghentikan lembar asesi",
    "import.discard": "Menghapus lembar asesi",
    "holiday.add": "Menambah hari libur",
    "holiday.remove": "Menghapus hari libur",
    "id_izin.ask": "Meminta ID Izin yang dipegang orang lain",
    "id_izin.decide": "Memutus ID Izin yang diminta dua orang",
    "invoice.proof": "Mengunggah bukti bayar",
    "invoice.proof_declined": "Melepas bukti bayar",
    "invoice.receipt": "Mencatat uang masuk",
    "jadwal.make": "Membuat jadwal",
    "lembaga.change": "Mengubah data lembaga",
    "list.export": "Membuat daftar untuk diunduh",
    "list.download": "Mengunduh daftar",
    "mapa.begin": "Memulai MAPA",
    "mapa.choose": "Memilih MAPA",
    "mapa.discard": "Menghapus draf MAPA",
    "mapa.edit": "Mengubah draf MAPA",
    "mapa.publish": "Memberlakukan MAPA",
    "mapa.take_back": "Menarik kembali MAPA yang belum berlaku",
    "meeting.join": "Masuk ruang rapat",
    "meeting.end": "Mencatat rapat selesai",
    "apl_02.walk": "Memeriksa bukti satu unit",
    "assessment.agree_on": "Menyepakati pelaksanaan asesmen",
    "data.resolve": "Menyelesaikan data yang tidak sesuai",
    "meeting.incident": "Mencatat gangguan rapat",
    "meeting.observe": "Mencatat pengamatan rapat",
    "meeting.identity_still": "Menyimpan foto pemeriksaan identitas",
    "meeting.recording": "Menyimpan rekaman rapat",
    "meeting.recording_destroyed": "Memusnahkan rekaman rapat",
    "meeting.recording_download": "Mengunduh rekaman rapat",
    "meeting.recording_replaced": "Menandai rekaman rapat tidak dipakai",
    "meeting.screenshot": "Menyimpan tangkapan layar rapat",
    "pack.remind": "Mengingatkan asesor melengkapi paket rapat",
    "penyelia.name": "Menunjuk penyelia",
    "penyelia.release": "Mengakhiri penunjukan penyelia",
    "meeting.withdraw_consent": "Menarik persetujuan perekaman",
    "mode.agree": "Menyetujui ganti cara asesmen",
    "mode.take_back": "Menarik persetujuan ganti cara asesmen",
    "nik.reveal": "Membuka NIK",
    "note_phrase.add": "Menambah kalimat catatan",
    "note_phrase.retire": "Tidak memakai lagi kalimat catatan",
    "outbox.by_hand": "Menandai kiriman sudah dikerjakan",
    "outbox.send_again": "Mengirim lagi",
    "permohonan.assign": "Menetapkan verifikator",
    "permohonan.unassign": "Membatalkan penetapan verifikator",
    "whatsapp.open": "Membuka WhatsApp untuk asesi",
    "whatsapp_text.change": "Mengubah teks WhatsApp",
    "work_batch.undo": "Membatalkan satu penetapan verifikator",
    "permohonan.remind": "Mengingatkan asesi",
    "permohonan.id_izin": "Membetulkan ID Izin",
    "permohonan.met_rule": "Menetapkan syarat yang terpenuhi",
    "permohonan.start": "Membuka permohonan",
    "payment_account.change": "Mencatat rekening tujuan pembayaran",
    "pleno.open": "Membuka rapat pleno",
    "pleno.remove": "Mengeluarkan permohonan dari agenda pleno",
    "pleno.vote": "Memberi suara",
    "reassessment.ask": "Meminta asesmen ulang",
    "reassessment.invoice": "Menagih asesmen ulang",
    "remote_permission.add": "Mencatat izin asesmen jarak jauh",
    "remote_permission.correct": "Membetulkan izin asesmen jarak jauh",
    "remote_permission.end": "Mengakhiri izin asesmen jarak jauh",
    "result.open": "Membuka hasil asesmen",
    "siki.dossier": "Mengisi permohonan dari data SIKI",
    "setting.change": "Mengubah pengaturan",
    "sk.sign": "Menandatangani SK",
    "skema.import": "Memuat skema",
    "skema.open": "Membuka pendaftaran skema",
    "slot.open": "Membuka waktu rapat",
    "slot.close": "Menutup waktu rapat",
    "slot.reopen": "Membuka kembali waktu rapat",
    "slot.wait": "Menunggu waktu rapat dibuka",
    "slot.hindered": "Membatalkan waktu rapat beserta kursinya",
    "staff.propose": "Mengusulkan peran",
    "staff.decide": "Memutus usulan peran",
    "tuk.add": "Menambah TUK",
    "tuk.change": "Membetulkan TUK",
}
ACTIONS |= {f"account.{purpose.value}": purpose.label for purpose in LinkPurpose}
# As the ketua recorded them before there was a banding of its own.
ACTIONS |= {
    "banding.grant_reassessment": "Mencatat banding diterima, asesmen diulang",
    "banding.grant_redecision": "Mencatat banding diterima, penetapan diulang",
}
ACTIONS |= {f"meeting.{item}": label for item, (_column, label) in meetings.TICKS.items()}
for _machine in (PERMOHONAN, BANDING, JADWAL):
    ACTIONS |= {f"{_machine.name}.{row.name}": row.label for row in _machine.transitions}

OBJECTS: dict[str, str] = {
    "banding": "Banding",
    "booking": "Rapat",
    "certificate": "Sertifikat",
    "consent_text": "Teks persetujuan",
    "document": "Berkas",
    "fee": "Biaya",
    "holiday": "Hari libur",
    "import_batch": "Lembar asesi",
    "whatsapp_text": "Teks WhatsApp",
    "work_batch": "Penetapan verifikator",
    "id_izin_dispute": "ID Izin yang diminta dua orang",
    "invoice": "Tagihan",
    "jadwal": "Jadwal",
    "lembaga": "Lembaga",
    "list_export": "Daftar",
    "mapa": "MAPA",
    "note_phrase": "Kalimat catatan",
    "outbox_message": "Kiriman",
    "payment_account": "Rekening tujuan",
    "permohonan": "Permohonan",
    "pleno": "Rapat pleno",
    "pleno_case": "Agenda pleno",
    "setting": "Pengaturan",
    "sign_in": "Perangkat",
    "skema": "Skema",
    "skema_version": "Skema",
    "slot": "Waktu rapat",
    "staff_proposal": "Usulan peran",
    "tuk": "TUK",
    "user": "Akun",
}
DETAILS: dict[str, str] = {
    "fields": "isian",
    "unit": "unit",
    "recording": "rekaman",
    "start": "mulai byte ke-",
    "accounts": "akun",
    "agrees": "setuju",
    "amount": "jumlah",
    "first": "hari pertama",
    "last": "hari terakhir",
    "changed": "yang berubah",
    "was": "sebelumnya",
    "zone": "zona waktu",
    "now": "sekarang",
    "approach": "pendekatan",
    "approved": "disetujui",
    "can_continue": "dapat dilanjutkan",
    "code": "kode",
    "count": "jumlah",
    "cases": "permohonan",
    "nobodys": "tanpa verifikator",
    "digest": "sidik isi",
    "filter": "saringan",
    "form": "formulir",
    "from": "dari",
    "given": "peran",
    "item": "butir",
    "kind": "jenis",
    "mapa": "MAPA",
    "matched": "NIK dicocokkan",
    "number": "nomor",
    "outcome": "keputusan",
    "permohonan": "permohonan",
    "person": "orang",
    "purpose": "untuk",
    "reason": "alasan",
    "refused": "menolak",
    "refuses_recording": "menolak direkam",
    "rows": "baris",
    "rule": "syarat",
    "scope": "lingkup",
    "sha256": "sidik berkas",
    "since": "mulai",
    "ticked_at": "dicatat pada",
    "to": "menjadi",
    "user": "akun",
    "value": "nilai",
    "verdict": "penilaian",
    "version": "versi",
    "version_number": "versi",
}
DETAILS |= {f"rows_{each.value}": each.label.lower() for each in (*ImportRowState, *ImportOutcome)}
_VALUES: dict[str, dict[str, str]] = {
    "from": {each.value: each.label for each in (*BandingStatus, *PermohonanStatus, *JadwalStatus)},
    "verdict": {each.value: each.label for each in Verdict},
    "given": {each.value: each.label for each in Role},
    "form": {each.value: each.label for each in Form},
    "kind": {each.value: each.label for each in ConsentKind},
    "outcome": {each.value: each.label for each in DisputeOutcome} | OUTCOMES,
}
_VALUES["to"] = _VALUES["from"]


def action(code: str) -> str:
    """`Menilai berkas`; a code without words (of a newer or older portal) as it stands in the chain."""
    return ACTIONS.get(code, code)


def thing(code: str) -> str:
    return OBJECTS.get(code, code)


def details(text: str) -> str:
    """`dari Draf, menjadi Dikirim` for the JSON that the chain seals; what somebody tampered with as it stands."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if not isinstance(found, dict):
        return text
    return ", ".join(f"{DETAILS.get(name, name)} {_value(name, found[name])}" for name in found)


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, str):
        return _VALUES.get(name, {}).get(value, value)
    return json.dumps(value, ensure_ascii=False)
