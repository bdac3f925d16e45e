"""FR.APL.01 of a fictional asesi, section by section, from his line of the invented people."""

from __future__ import annotations

from datetime import date, datetime

from lsp import clock
from lsp.models import Permohonan
from lsp.services import apl01, apl01_rows
from lsp.vocabulary import AssessmentPurpose, RequestKind, Sex


def fill_apl_01(case: Permohonan, row: dict[str, str]) -> None:
    """Every section. What a correction brought along from the form before is not written twice."""
    is_fresh = case.kind is RequestKind.FRESH_GRADUATE
    # The first alternative asks for a diploma and no work, the last for school and years of it.
    rule = case.skema_version.education_rules[0 if is_fresh else -1]
    born = datetime.strptime(row["tanggal_lahir"], "%d/%m/%Y").replace(tzinfo=clock.WIB).date()
    apl01.save_section(
        case,
        "pribadi",
        {
            "full_name": row["nama"],
            "nik": row["nik"],
            "birth_place": row["tempat_lahir"],
            "birth_date": born.isoformat(),
            "sex": Sex(row["jenis_kelamin"]),
            "nationality": "Indonesia",
            "address": row["alamat"],
            "province_code": row["kode_provinsi"],
            "city_code": row["kode_kota"],
            "phone_mobile": row["telp"],
            "email": row["email"],
        },
    )
    if case.kind is not RequestKind.PERUBAHAN:
        _add_rows(case, row, born.year + 22)
    apl01.save_section(
        case, "pekerjaan", {"institution": row["instansi"], "position": row["pekerjaan"]}
    )
    apl01.save_section(
        case,
        "sertifikasi",
        {
            "purpose": AssessmentPurpose.SERTIFIKASI,
            "funding": row["sumber_anggaran"],
            "ministry": "Pemerintah Kabupaten Contoh",
            "claimed_rule_id": rule.id,
        },
    )


def _add_rows(case: Permohonan, row: dict[str, str], graduated: int) -> None:
    """School, work and training. Who has only just graduated has no work yet."""
    apl01_rows.add(
        case,
        "pendidikan",
        {
            "level": row["pendidikan"],
            "school": "Sekolah Contoh Rekaan",
            "graduation_year": graduated,
        },
    )
    if case.kind is not RequestKind.FRESH_GRADUATE:
        _add_work(case, row)
    apl01_rows.add(
        case,
        "pelatihan",
        {"name": "Dasar K3 konstruksi", "organiser": "Balai Latihan Contoh", "hours": 32},
    )


def _add_work(case: Permohonan, row: dict[str, str]) -> None:
    today = clock.today_wib()
    employer = row["instansi"] or "CV Contoh Rekaan"
    for values in (
        {
            "project": "Rumah susun contoh",
            "location": "Kota Contoh",
            "started_on": date(today.year - 9, 2, 1),
            "ended_on": date(today.year - 1, 11, 30),
            "project_value": 1_500_000_000,
            "simpan_number": "1-0000000000001",
        },
        {"project": "Jembatan contoh", "started_on": date(today.year - 1, 12, 1)},
    ):
        values |= {"employer": employer, "position": "Petugas K3"}
        apl01_rows.add(case, "pengalaman", values)
