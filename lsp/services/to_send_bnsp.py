"""The fields of each call to BNSP, under its own names and in its own order (process 4.5)."""

from __future__ import annotations

from collections.abc import Iterable

from lsp.data import read_csv
from lsp.models import FormalEducation, FrApl01, Permohonan
from lsp.services import regions
from lsp.services.blanko_requests import Paper, papers_of
from lsp.services.certificates import verification_address
from lsp.services.report_fields import ReportField
from lsp.services.to_send_parts import Facts, SentFile, as_sent, may_lack, not_known, said
from lsp.vocabulary import EvidenceKind, Mode, RequestKind, Sex

Fields = Iterable[ReportField]
_KINDS = {
    RequestKind.BARU: "1", RequestKind.FRESH_GRADUATE: "1", RequestKind.PERPANJANGAN: "2", RequestKind.PERUBAHAN: "3",
}  # fmt: skip
_SEX = {Sex.MALE: "1", Sex.FEMALE: "2"}
_FORM = "FR.APL.01"
_CODE = "Kodenya hanya ada di BNSP dan belum dicatat di portal. Pilih di sana: "


def jadwal(facts: Facts) -> Fields:
    batch = facts.about.jadwal
    if batch is None:
        return [not_known("nama_jadwal", "Jadwal", "Jadwal ini tidak ada lagi di portal.")]
    version = batch.skema_version
    return [
        said("tuk_id", "TUK", batch.tuk.bnsp_id, f"data {batch.tuk.name}",
             gap=f"ID {batch.tuk.name} di BNSP belum diisi. Isi di Data lembaga, TUK."),
        not_known("jenis_jadwal", "Jenis jadwal",
                  f"{_CODE}asesmen {batch.mode.plain}. Kode untuk jarak jauh belum dipastikan BNSP."),
        not_known("jenis_anggaran", "Jenis anggaran", f"{_CODE}sumber biaya peserta jadwal ini."),
        said("nama_jadwal", "Nama jadwal", batch.name, "jadwal"),
        not_known("klasifikasi_id", "Klasifikasi",
                  f"{_CODE}{version.klasifikasi} ({version.klasifikasi_code})."),
        not_known("subklasifikasi_id", "Subklasifikasi",
                  f"{_CODE}{version.subklasifikasi} ({version.subklasifikasi_code})."),
        said("tanggal_mulai", "Tanggal mulai", batch.starts_on, "jadwal"),
        said("tanggal_selesai", "Tanggal selesai", batch.ends_on, "jadwal"),
        may_lack("keterangan", "Keterangan", batch.mode.label if batch.mode is Mode.DARING else ""),
        not_known("jabker_id[]", "Jabatan kerja",
                  f"{_CODE}{version.title}, jenjang {version.jenjang}. Satu jadwal, satu jabatan kerja."),
    ]  # fmt: skip


def confirm(facts: Facts) -> Fields:
    return [facts.jadwal_at_bnsp]


def peserta(facts: Facts) -> Fields:
    case, batch = facts.about.permohonan, facts.about.jadwal
    form = facts.about.dossier.fr_apl_01 if facts.about.dossier is not None else None
    if case is None or form is None:
        return [facts.jadwal_at_bnsp, facts.nik("nik")]
    school = form.educations[-1] if form.educations else None
    tuk = batch.tuk if batch is not None else None
    return [
        facts.jadwal_at_bnsp,
        said("tuk_id", "TUK", tuk.bnsp_id if tuk else "", f"data {tuk.name}" if tuk else "",
             gap="ID TUK ini di BNSP belum diisi. Isi di Data lembaga, TUK."),
        facts.asesor_at_bnsp,
        said("is_fg", "Fresh graduate (1 ya, 0 tidak)", "1" if case.kind is RequestKind.FRESH_GRADUATE else "0",
             "jenis permohonan"),
        facts.nik("nik"),
        may_lack("nib", "NIB (tidak ditanyakan portal)", ""),
        *_person(form),
        said("jenis_mohon", "Jenis permohonan (1 baru, 2 perpanjangan, 3 perubahan)", _KINDS[case.kind],
             case.kind.label),
        not_known("skema_id", "Skema", f"{_CODE}{case.skema_version.title}, jenjang {case.skema_version.jenjang}."),
        may_lack("keterangan", "Keterangan", ""),
        *_school(form, school),
        *_work(form),
        *_named_files(facts),
    ]  # fmt: skip


def _person(form: FrApl01) -> Fields:
    city, province = regions.city_name(form.city_code), regions.province_name(form.province_code)
    return [
        _of_form("nama", "Nama", form.full_name),
        _of_form("tempat_lahir", "Tempat lahir", form.birth_place),
        _of_form("tanggal_lahir", "Tanggal lahir", form.birth_date),
        _of_form("jenis_kelamin", "Jenis kelamin (1 laki-laki, 2 perempuan)", _SEX[form.sex] if form.sex else ""),
        _of_form("alamat", "Alamat", form.address),
        _region("kota_id", "Kabupaten atau kota", city, form.city_code),
        _region("provinsi_id", "Provinsi", province, form.province_code),
        not_known("negara_id", "Negara", f"{_CODE}{form.nationality or 'negara asal'}."),
        _of_form("telepon", "Telepon", form.phone_mobile or form.phone_home),
        _of_form("email", "E-mail", form.email),
    ]  # fmt: skip


def _region(name: str, label: str, words: str, code: str) -> ReportField:
    """BNSP has codes of its own for regions; those of Kemendagri are shown beside, not sent."""
    if not words:
        return said(name, label, "", _FORM, paper=_FORM)
    return not_known(
        name, label, f"{_CODE}{words} (kode Kemendagri {code}; kode BNSP dapat berbeda)."
    )


def _school(form: FrApl01, row: FormalEducation | None) -> Fields:
    codes = {each["label"]: each["kode_bnsp"] for each in read_csv("reference/pendidikan.csv")}
    level = row.level if row is not None else form.education
    return [
        said("jenjang_id", "Jenjang pendidikan", codes.get(level, ""), _FORM, paper=_FORM,
             gap=f"{_CODE}{level or 'pendidikan terakhir di FR.APL.01'}."),
        may_lack("prodi", "Program studi", (row.study_programme if row else "") or form.study_programme, _FORM),
        said("no_ijasah", "Nomor ijazah", row.diploma_number if row else "", _FORM, paper=_FORM,
             gap="Nomor ijazah tidak diisi di FR.APL.01. Baca di berkas ijazahnya."),
        said("tanggal_ijazah", "Tanggal ijazah", row.diploma_date if row else None, _FORM, paper=_FORM,
             gap="Tanggal ijazah tidak diisi di FR.APL.01. Baca di berkas ijazahnya."),
        _of_form("tahun_lulus", "Tahun lulus", (row.graduation_year if row else None) or form.graduation_year),
        not_known("kota_sekolah", "Kota sekolah", "Tidak ditanyakan portal. Baca di berkas ijazahnya."),
        not_known("prov_sekolah", "Provinsi sekolah", "Tidak ditanyakan portal. Baca di berkas ijazahnya."),
        not_known("negara_sekolah", "Negara sekolah", "Tidak ditanyakan portal. Baca di berkas ijazahnya."),
        _of_form("nama_sekolah", "Nama sekolah", (row.school if row else "") or form.school),
    ]  # fmt: skip


def _work(form: FrApl01) -> Fields:
    return [
        not_known("pekerjaan", "Pekerjaan", f"{_CODE}{form.position or 'pekerjaan asesi'}."),
        may_lack("instansi_pekerjaan", "Instansi", form.institution, _FORM),
        may_lack("jabatan_pekerjaan", "Jabatan", form.position, _FORM),
    ]


#: BNSP's name of a file -> row of the checklist, and what it is called.
_FILES = {"file_foto": ("1d", "Pas foto"), "file_ktp": ("1a", "KTP"), "file_ijazah": ("2a", "Ijazah")}  # fmt: skip


def _named_files(facts: Facts) -> Fields:
    by_name = {each.name.partition(".")[0]: each for each in peserta_files(facts)}
    made = []
    for name, (_code, label) in _FILES.items():
        file = by_name.get(name)
        gap = f"Berkas {label} belum ada di permohonan ini."
        made.append(said(name, label, file.name if file else "", "berkas permohonan", gap=gap))
    made.insert(2, may_lack("file_nib", "NIB (tidak ditanyakan portal)", ""))
    return made


def peserta_files(facts: Facts) -> list[SentFile]:
    found = [facts.file(code, name, label) for name, (code, label) in _FILES.items()]
    return [each for each in found if each is not None]


def _of_form(name: str, label: str, value: object) -> ReportField:
    return said(name, label, value, _FORM, paper=_FORM, gap=f"{label} belum ada di FR.APL.01.")


def surat_tugas(facts: Facts) -> Fields:
    batch = facts.about.jadwal
    number = batch.surat_tugas_number if batch is not None else ""
    return [
        facts.jadwal_at_bnsp,
        facts.asesor_at_bnsp,
        not_known("url_surat_tugas", "Tautan surat tugas",
                  f"Portal belum membuat tautan untuk BNSP. Unggah surat tugas {number or 'asesor'} di sana."),
    ]  # fmt: skip


#: BNSP's four flags, and the evidence that sets each.
_FLAGS = {
    "uji_praktek_atau_observasi_lapangan": (EvidenceKind.OBSERVASI, "Uji praktik atau observasi lapangan"),
    "uji_tulis": (EvidenceKind.TERTULIS, "Uji tulis"),
    "uji_lisan": (EvidenceKind.LISAN, "Uji lisan"),
    "wawancara": (EvidenceKind.WAWANCARA, "Wawancara"),
}  # fmt: skip


def hasil_uji(facts: Facts) -> Fields:
    dossier = facts.about.dossier
    plan = dossier.plan if dossier is not None else None
    paper = dossier.fr_ak_02 if dossier is not None else None
    used = {kind for unit in paper.units for kind in unit.evidence} if paper is not None else set()
    return [
        facts.jadwal_at_bnsp,
        facts.nik("nik_peserta"),
        _competent(facts),
        said("metode_uji", "Metode uji", plan.approach if plan is not None else "", "FR.MAPA", paper="FR.MAPA.01",
             gap="Pendekatan asesmen tidak dipilih di FR.MAPA.01."),
        *(
            said(name, f"{label} (1 ya, 0 tidak)", "1" if kind.value in used else "0", "FR.AK.02", paper="FR.AK.02")
            for name, (kind, label) in _FLAGS.items()
        ),
        not_known("penyelenggara", "Penyelenggara", f"{_CODE}kode untuk jarak jauh belum dipastikan BNSP."),
        _no_link("apl_01", "FR.APL.01"),
        _no_link("apl_02", "FR.APL.02"),
        _no_link("url_dokumentasi_asesmen", "Dokumentasi asesmen"),
    ]  # fmt: skip


def hasil_uji_betulkan(facts: Facts) -> Fields:
    told = as_sent(facts.about.payload.get("dilaporkan"))
    made = [facts.jadwal_at_bnsp, facts.nik("nik_peserta")]
    if "kompeten" in facts.about.payload:
        made.append(_competent(facts))
    return [*made, may_lack("sudah_dilaporkan", "Yang sudah dilaporkan (1 K, 2 BK)", told)]


def _competent(facts: Facts) -> ReportField:
    value = facts.about.payload.get("kompeten")
    return said("kompeten", "Hasil (1 kompeten, 2 belum kompeten)", value, "FR.AK.02", paper="FR.AK.02")  # fmt: skip


def _no_link(name: str, label: str) -> ReportField:
    return not_known(
        name, label, f"Portal belum membuat tautan {label} untuk BNSP. Unggah berkasnya di sana."
    )


def blanko(facts: Facts) -> Fields:
    """The three numbered papers of the request that the row names."""
    request = facts.blanko_request
    if request is None:
        return []
    return [row for paper in papers_of(request) for row in _paper(facts, paper)]


def _paper(facts: Facts, paper: Paper) -> Fields:
    name = paper.name
    return [
        facts.jadwal_at_bnsp,
        said("form_id", f"{name}: jenis", str(paper.form_id)),
        said("nama", f"{name}: nama", name),
        said("nomor", f"{name}: nomor", paper.number),
        said("tanggal", f"{name}: tanggal", paper.dated),
        not_known("file_dokumen", f"{name}: berkas", f"Cetak dari halaman pengajuannya, lalu unggah di sana, paling "
                  f"besar {2 if paper.form_id == 1 else 5} MB."),
    ]  # fmt: skip


def cetak(facts: Facts) -> Fields:
    return [facts.jadwal_at_bnsp]


def sertifikat(facts: Facts) -> Fields:
    made = facts.certificate
    source = "sertifikat"
    return [
        facts.jadwal_at_bnsp,
        facts.nik("nik_peserta"),
        said("nomor_sertifikat", "Nomor sertifikat", made.certificate_number if made else "", source),
        said("nomor_reg", "Nomor registrasi LSP", made.lsp_registration_number if made else "", source),
        said("nomor_reg_lpjk", "Nomor registrasi LPJK", made.lpjk_number if made else "", source),
        said("link_sertifikat", "Tautan sertifikat", link_of(facts), "halaman pemeriksaan"),
        said("tgl_srtf", "Berlaku sejak", made.valid_from if made else None, source),
        said("tgl_srtf_end", "Berlaku sampai", made.valid_until if made else None, source),
    ]  # fmt: skip


def link_of(facts: Facts) -> str:
    """The public check of the certificate, which anybody opens without signing in."""
    made = facts.certificate
    return verification_address(made.token, facts.about.base_url) if made is not None else ""


def certificate_file(facts: Facts) -> list[SentFile]:
    made, case = facts.certificate, facts.about.permohonan
    if made is None or made.pdf_key is None or case is None:
        return []
    return [SentFile("sertifikat.pdf", "Sertifikat", made.pdf_key, certificate=case.public_id)]


def annulment(facts: Facts) -> Fields:
    return letter(facts, facts.about.permohonan)


def decided_about_certificate(facts: Facts) -> Fields:
    """Suspension, reinstatement, revocation: the LSP's decision with its letter number."""
    case, payload = facts.about.permohonan, facts.about.payload
    source = "keputusan ketua"
    return [
        said("id_izin", "ID Izin", facts.about.id_izin),
        said("nama", "Nama", case.asesi_name if case is not None else ""),
        said("nomor_sertifikat", "Nomor sertifikat", payload.get("nomor_sertifikat"), "sertifikat"),
        said("nomor_surat", "Nomor surat keputusan", payload.get("nomor_surat"), source),
        said("alasan", "Alasan", payload.get("alasan"), source),
    ]


def letter(facts: Facts, case: Permohonan | None) -> Fields:
    """No call for it was found at either system (process 5.3): a letter, whose words these are."""
    return [
        said("id_izin", "ID Izin", facts.about.id_izin),
        said("nama", "Nama", case.asesi_name if case is not None else ""),
        said("skema", "Skema", case.skema_version.title if case is not None else ""),
        said("alasan", "Alasan", facts.about.payload.get("alasan"), "pembatalan penetapan"),
    ]
