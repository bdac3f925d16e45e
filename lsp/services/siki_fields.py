"""The fields of a SIKI dossier by part: what is read, what names a document, what our forms have no place for."""

from __future__ import annotations

PARTS = (
    "personal", "pendidikan", "proyek", "pelatihan", "sertifikat_surat_keterangan", "klasifikasi_kualifikasi",
)  # fmt: skip
#: Parts and fields as people know them, where the dossier's own name says little.
_WORDS = {
    "personal": "Data diri", "pendidikan": "Pendidikan", "proyek": "Pengalaman", "pelatihan": "Pelatihan",
    "sertifikat_surat_keterangan": "Sertifikat atau surat keterangan",
    "klasifikasi_kualifikasi": "Klasifikasi dan kualifikasi",
    "npwp": "NPWP", "nik": "NIK", "lsp": "LSP", "tuk": "TUK", "propinsi": "provinsi",
    "nama_sertifikat_surket": "nama sertifikat", "no_registrasi_asosiasi": "nomor registrasi asosiasi",
    "subklasifikasi": "subklasifikasi",
}  # fmt: skip


def words_of(part: str, key: str) -> str:
    """A field of a part as people read it: "Pengalaman: jenis pengalaman"."""
    return f"{_WORDS.get(part, part)}: {_WORDS.get(key, key.replace('_', ' '))}"


#: In every row, about the row itself.
OF_ROW = frozenset({"id", "updated", "created", "creator", "data_id", "deleted_at", "id_izin"})
#: Read and known, but without a place on our forms (or only compared).
NO_PLACE: dict[str, frozenset[str]] = {
    "personal": frozenset({"npwp"}),
    "pendidikan": frozenset({"alamat", "negara", "propinsi", "kabupaten"}),
    "proyek": frozenset({"jenis_pengalaman", "nik"}),
    "pelatihan": frozenset({"jumlah_hari"}),
    "sertifikat_surat_keterangan": frozenset(
        {"nama_sertifikat_surket", "penerbit", "tanggal_mulai", "tanggal_selesai"}
    ),
    "klasifikasi_kualifikasi": frozenset(
        {"lsp", "klasifikasi", "subklasifikasi", "kualifikasi", "asosiasi", "no_registrasi_asosiasi", "tuk"}
    ),
}  # fmt: skip
#: Fields that hold the address of a document: field -> (row of the checklist, its name).
FILES: dict[str, dict[str, tuple[str, str]]] = {
    "personal": {
        "ktp": ("1a", "KTP"),
        "surat_pernyataan_kebenaran_data": ("1b", "Surat pernyataan kebenaran data"),
        "file_npwp": ("1c", "NPWP"),
        "pas_foto": ("1d", "Pas foto"),
    },
    "pendidikan": {
        "scan_ijazah_legalisir": ("2a", "Ijazah yang dilegalisasi"),
        "scan_surat_keterangan": ("2b", "Surat keterangan pendidikan"),
    },
    "proyek": {"surat_referensi": ("3", "Surat referensi")},
    "pelatihan": {"file_sertifikat": ("4", "Sertifikat pelatihan")},
    "sertifikat_surat_keterangan": {"file_sertifikat": ("4", "Sertifikat atau surat keterangan")},
    "klasifikasi_kualifikasi": {
        "kta": ("5b", "KTA asosiasi"),
        "surat_pengantar_pemohonan_asosiasi": ("5b", "Surat pengantar asosiasi"),
        "sertifikat_skk": ("5c", "SKK lama"),
        "surat_permohonan": ("", "Surat permohonan"),
        "berita_acara_vv": ("", "Berita acara verifikasi dan validasi"),
        "self_asesmen_apl": ("", "Asesmen mandiri (APL) dari Portal Perizinan"),
    },
}


READ: dict[str, frozenset[str]] = {
    "personal": frozenset(
        {"nik", "nama", "tempat_lahir", "tanggal_lahir", "email", "telepon", "jenis_kelamin", "alamat", "negara",
         "propinsi", "kabupaten", "kodepos"}
    ),
    "pendidikan": frozenset(
        {"nama_sekolah_perguruan_tinggi", "program_studi", "no_ijazah", "tahun_lulus", "jenjang"}
    ),
    "proyek": frozenset(
        {"nama_proyek", "lokasi_proyek", "tanggal_awal", "tanggal_akhir", "jabatan", "nilai_proyek", "pemberi_kerja",
         "no_registrasi"}
    ),
    "pelatihan": frozenset({"nama_pelatihan", "penyelenggara", "tanggal_awal", "tanggal_akhir", "jumlah_jp"}),
    "sertifikat_surat_keterangan": frozenset(),
    "klasifikasi_kualifikasi": frozenset({"jabatan_kerja", "jenjang", "jenis_permohonan"}),
}  # fmt: skip
