"""What the rows of the outbox are called on the screen: calls, fields, states and faults in plain words."""

from __future__ import annotations

import re

from lsp.gateways import signer
from lsp.models.outbox_answer import REFUSED
from lsp.models.queue import PENCATATAN, REPLACED, TO_CORRECT_AT_BNSP

#: Kinds of calls and jobs; a kind that is not here is shown as it is stored.
CALLS = {
    "izin-final-skk": "Laporan sertifikat terbit",
    "asesor-lsp-penugasan": "Laporan penugasan asesor",
    "komtek-lsp-penugasan": "Laporan penugasan tim teknis",
    "jadwal": "Jadwal asesmen baru",
    "jadwal/confirm": "Konfirmasi jadwal asesmen",
    "jadwal/peserta": "Peserta jadwal asesmen",
    "jadwal/asesor/surat-tugas": "Surat tugas asesor",
    "jadwal/peserta/hasil-uji": "Hasil uji peserta",
    TO_CORRECT_AT_BNSP: "Hasil uji perlu dibetulkan di BNSP",
    "jadwal/blanko": "Permintaan blanko",
    PENCATATAN: "Pencatatan sertifikat di LPJK",
    "jadwal/cetak": "Laporan cetak sertifikat",
    "jadwal/peserta/sertifikat": "Sertifikat peserta",
    "surat pembatalan penetapan": "Surat pembatalan penetapan",
    "surat pembekuan sertifikat": "Surat pembekuan sertifikat",
    "surat pemulihan sertifikat": "Surat pemulihan sertifikat",
    "surat pencabutan sertifikat": "Surat pencabutan sertifikat",
    "certificate_pdf": "Membuat PDF sertifikat",
    "settle_zero_invoice": "Meneruskan permohonan tanpa biaya",
    "reset_link": "Menyiapkan tautan kata sandi baru",
    "list_export": "Membuat daftar untuk diunduh",
    "chore:sweep_uploads": "Menghapus unggahan yang tidak selesai dalam sehari",
    "chore:sweep_exports": "Menghapus daftar unduhan yang sudah sehari",
    "store_recording": "Menyimpan rekaman rapat",
    "chore:sweep_recordings": "Menghapus kiriman rekaman yang tidak selesai",
    "sheet_import": "Mengerjakan lembar asesi",
    "chore:forget_expired_sheets": "Menghapus lembar asesi yang lewat waktunya",
    "chore:move_what_is_due": "Memindahkan permohonan yang jatuh tempo",
    "chore:remind_idle": "Mengingatkan permohonan yang lama diam",
    "chore:remind_third_parties": "Mengingatkan pihak ketiga yang belum menjawab",
    "chore:remind_complaints": "Mengingatkan keluhan yang jatuh tempo",
    "chore:follow_up_feedback": "Mengingatkan umpan balik asesi",
    "chore:follow_certificates": "Membuka dan mengingatkan surveilan dan perpanjangan sertifikat",
    "chore:draw_certificates": "Membuat gambar sertifikat",
    "chore:remind_banding": "Mengingatkan ketua tentang banding yang belum dijawab",
    "chore:sweep_orphan_files": "Membersihkan berkas yang tidak terpakai",
    "chore:forget_ended_places": "Menghapus catatan masuk yang sudah berakhir",
    "chore:forget_old_counts": "Menghapus hitungan percobaan yang lama",
    "chore:forget_old_chores": "Menghapus catatan pekerjaan yang lama",
}
#: Mails of a keluhan: whom it is about may be an admin, and he reads nothing of it, here neither. To who complains,
#: not even the address is shown: with the receipt it would open the page of the keluhan.
SEALED_MAILS = {
    "complaint_received": "Tanda terima keluhan",
    "complaint_told": "Kabar keluhan",
    "complaint_closed": "Surat penutupan keluhan",
    "complaint_arrived": "Kabar keluhan baru",
    "complaint_assigned": "Penunjukan pemeriksa keluhan",
    "complaint_due": "Pengingat keluhan yang jatuh tempo",
}
TO_COMPLAINANT = frozenset({"complaint_received", "complaint_told", "complaint_closed"})
SEALED = "Isi e-mail keluhan dibaca di halaman keluhannya, oleh yang berhak membacanya."
#: To staff no more is written than a link.
SEALED_LINK = (
    "E-mail ini hanya mengantar ke halaman sebuah keluhan. Isinya dibaca di sana, oleh yang berhak."
)
COMPLAINANT = "pelapor keluhan"
_SIKI_STATUS = re.compile(r"status (\d+)")

#: Fields of payloads, with the words of the ministry's own screens.
LABELS = {
    "id_izin": "ID Izin",
    "kd_status": "Kode status",
    "keterangan": "Keterangan",
    "permohonan": "Nomor permohonan di portal",
    "permintaan_blanko": "Nomor permintaan blangko di portal",
    "nomor_surat": "Nomor surat",
    "certificate": "Nomor sertifikat di portal",
    "jadwal": "Nomor jadwal di portal",
    "nama_jadwal": "Nama jadwal",
    "peserta": "Nomor peserta di portal",
    "kompeten": "Hasil (1 kompeten, 2 belum kompeten)",
    "dilaporkan": "Hasil yang sudah dilaporkan (1 kompeten, 2 belum kompeten)",
    "nik": "NIK",
    "alasan": "Alasan",
    "nomor_sertifikat": "Nomor sertifikat",
    "batch": "Nomor lembar di portal",
}

DONE = {"sent": "terkirim", "by_hand": "dikerjakan sendiri", "cancelled": "dibatalkan"}
#: Of a row taken back because what it tells was replaced.
SUPERSEDED = "sudah diganti"
#: Of a mail where no server is set: nobody has received it.
WRITTEN = "ditulis ke berkas, tidak keluar"

_FAULTS = (
    (f"{REPLACED}: sent_back", "Tidak dilaporkan: tim teknis mengembalikan rekomendasi ini ke asesor. Rekomendasi yang "
     "baru menjadi kiriman sendiri."),
    (f"{REPLACED}: banding", "Tidak dilaporkan: banding membatalkan penetapan atas rekomendasi ini. Hasil asesmen "
     "ulang menjadi kiriman sendiri."),
    (f"{REPLACED}: redecided", "Tidak dilaporkan: pleno menetapkan hasil lain. Hasil yang ditetapkan menjadi kiriman "
     "sendiri."),
    *((f"NotYet: signing {code}", sentence) for code, sentence in signer.SENTENCES.items()),
    (r"ChildRefused", "Nama atau nomornya memuat huruf yang tidak dapat dicetak."),
    (f"{REPLACED}: annulled", "Tidak dikirim: penetapannya dibatalkan, jadi nomornya tidak berlaku lagi."),
    (REFUSED, "Ditolak di sana. Betulkan, lalu kerjakan lagi."),
    (r"Overtaken", "Tidak dikirim: rapat atau permintaannya sudah batal, berganti, atau lewat waktunya."),
    (r"SMTPAuthenticationError", "Server e-mail menolak nama pengguna atau kata sandi portal."),
    (r"SMTPRecipientsRefused: 5", "Server e-mail menolak alamat penerima. Periksa alamatnya."),
    (r"SMTPRecipientsRefused|: 4\d\d", "Server e-mail meminta dicoba lagi nanti."),
    (r"SMTPSenderRefused", "Server e-mail menolak alamat pengirim portal."),
    (r"SMTPDataError", "Server e-mail menolak isi e-mail ini."),
    (r"SSLCertVerificationError|SSLError", "Sambungan ke server e-mail tidak aman: sertifikatnya tidak cocok."),
    (r"TimeoutError|no answer in time", "Server e-mail tidak menjawab pada waktunya."),
    (r"ConnectionRefusedError", "Server e-mail tidak dapat dihubungi."),
    (r"gaierror|ConnectionError|ConnectionResetError|SMTPConnectError|SMTPServerDisconnected",
     "Sambungan ke server e-mail terputus."),
    (r"address of the recipient|line break", "Nama atau alamat penerima tidak dapat dipakai dalam e-mail."),
    (r"TemplateNotFound|UndefinedError", "Isi e-mail ini tidak dapat disusun."),
    (r"KeyProblem", "Isinya tidak dapat dibuka dengan kunci yang terpasang."),
    (r"HeavyWorkBusy", "Server sedang mengolah berkas lain."),
    (r"FileStoreError|StoreUnavailable|OSError", "Tempat penyimpanan berkas sedang bermasalah."),
    (r"LeaseExpired", "Portal berhenti setiap kali mengerjakannya."),
    (r"JobUnknown", "Pekerjaan ini tidak dikenal versi portal yang sekarang."),
    (r"DatabaseBusy|OperationalError", "Basis data sedang sibuk."),
)  # fmt: skip
_UNKNOWN = "Terjadi gangguan di portal."


def call_of(kind: str) -> str:
    status = _SIKI_STATUS.fullmatch(kind)
    return f"Status {status[1]}" if status else CALLS.get(kind, kind)


def fault_of(error: str) -> str:
    """The stored class and codes of an error as a sentence; the log keeps the rest."""
    for pattern, sentence in _FAULTS:
        if re.search(pattern, error):
            return sentence
    return _UNKNOWN if error else ""
