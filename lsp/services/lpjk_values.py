"""Values of the reports to LPJK that are no addresses: numbers, names, days, flags, each with where it was captured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from lsp.models import Booking, MeetingRecord, User
from lsp.models.inforce import setting
from lsp.services.lpjk_facts import Facts, day
from lsp.vocabulary import Answer, EvidenceKind, Form, InstrumentPaper, Mode, PaperState, Role

REPORTED_BY_HAND = (
    "Admin mengirimnya sendiri ke LPJK, lalu menyebutkannya sebagai alasan saat menandai kiriman."
)
#: Flag of the report → kinds of evidence in the plan that mean it.
METHODS = {
    "uji_praktek_atau_observasi_lapangan": (EvidenceKind.OBSERVASI, EvidenceKind.PROYEK),
    "uji_tulis": (EvidenceKind.TERTULIS,),
    "uji_lisan": (EvidenceKind.LISAN,),
    # A portfolio is judged with an interview.
    "wawancara": (EvidenceKind.WAWANCARA, EvidenceKind.PORTOFOLIO),
}
#: The forms by which each is held, the first that the case needs.
_FORMS = {
    "uji_praktek_atau_observasi_lapangan": (
        InstrumentPaper.CL, InstrumentPaper.TPD, InstrumentPaper.PMO, InstrumentPaper.DIT_B
    ),
    "uji_tulis": (InstrumentPaper.DPT_PG, InstrumentPaper.DPT_ESAI),
    "uji_lisan": (InstrumentPaper.DPL,),
    "wawancara": (InstrumentPaper.PW, InstrumentPaper.CVP),
}  # fmt: skip
_FORM_FIELDS = ("url_form_", "tgl_pelaksaaan_form_")


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def report(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A value with where it was captured; gap: what to do when there is none."""

    value: str
    source: str = ""
    paper: str = ""
    subject: str = ""
    gap: str = ""


def paper_of_method(name: str, facts: Facts) -> str:
    """The form by which the method of this field was held; "" where the plan has no such method."""
    for prefix in _FORM_FIELDS:
        method = name.removeprefix(prefix)
        if method in _FORMS and method != name:
            if not facts.uses(*METHODS[method]):
                return ""
            keys = [each.value for each in _FORMS[method]]
            return next((key for key in keys if facts.is_asked(key)), "")
    return ""


def value_of(spec: Named, facts: Facts) -> Found:
    name = spec.name
    if name in METHODS:
        return _flag(name, facts)
    if name.startswith("tgl_pelaksaaan_form_"):
        return _held_on(name, facts)
    if name.startswith("met_komtek_"):
        return _member(int(name[-1]) - 1, facts)
    return (_COMMITTEE if spec.report == "committee" else _VALUES)[name](facts)


# --- The assessor's report ---------------------------------------------------------------------------------------


def _met(user: User | None, facts: Facts, who: str) -> Found:
    if user is None:
        return Found("", gap=f"Belum ada {who}: jadwalnya belum ditentukan.")
    gap = f"Nomor MET {user.name} belum dicatat. Admin mengisinya di Pengaturan, data asesor."
    number = facts.met_numbers.get(user.id, "")
    return Found(number, f"Data asesor {user.name}", "data_asesor", user.public_id, gap)


def _asesor(facts: Facts) -> Found:
    return _met(facts.last.slot.asesor if facts.last is not None else None, facts, "asesor")


def _second(facts: Facts) -> Found:
    jadwal, last = facts.jadwal, facts.last
    if jadwal is None or last is None or jadwal.asesor_2_id is None:
        return Found("", "Jadwal tanpa asesor 2")
    # Whoever of the two did not hold the meeting.
    other = jadwal.asesor_2 if last.slot.asesor_id != jadwal.asesor_2_id else jadwal.asesor_1
    return _met(other, facts, "asesor 2")


def _recommendation(facts: Facts) -> Found:
    said = facts.case.recommendation
    gap = "Asesor mengirim rekomendasinya bersama FR.AK.02."
    return Found(said.value if said else "", "FR.AK.02", "FR.AK.02", "", gap)


def _note(facts: Facts) -> Found:
    gap = (
        "LPJK meminta alasan untuk hasil BK, dan FR.AK.02 tidak menyebutkannya. Admin menulisnya sendiri di layar "
        "SIKI dan menyebutkannya sebagai alasan saat menandai kiriman."
    )
    return Found(facts.asesor_note, "FR.AK.02, komentar dan alasan per unit", "FR.AK.02", "", gap)


def _letter(facts: Facts, *, number: bool) -> Found:
    jadwal = facts.jadwal
    if jadwal is None:
        return Found("", gap="Permohonan ini belum punya jadwal.")
    value = jadwal.surat_tugas_number if number else day(jadwal.surat_tugas_date)
    gap = "Surat tugas asesor belum bernomor. Admin mengonfirmasi jadwalnya."
    return Found(value, f"Jadwal {jadwal.name}", "data_jadwal", jadwal.public_id, gap)


def _tuk(column: str, words: str) -> Callable[[Facts], Found]:
    def read(facts: Facts) -> Found:
        jadwal = facts.jadwal
        if jadwal is None:
            return Found("", gap="TUK ditentukan bersama jadwal.")
        tuk = jadwal.tuk
        found = getattr(tuk, column)
        value = found if isinstance(found, str) else day(found)
        gap = f"{words} {tuk.name} belum dicatat. Admin mengisinya di Pengaturan, data TUK."
        return Found(value, f"Data TUK {tuk.name}", "data_tuk", tuk.public_id, gap)

    return read


def _tested_on(facts: Facts) -> Found:
    gap = "Jam mulai asesmen tidak tercatat. Asesor mencatat rapatnya di halaman permohonan ini."
    return Found(day(facts.tested_on), "Catatan rapat asesmen", *_pack(facts.held), gap)


def _tested_until(facts: Facts) -> Found:
    gap = "Jam selesai asesmen belum dicatat. Asesor menutup rapatnya di halaman permohonan ini."
    return Found(day(facts.tested_until), "Catatan rapat asesmen", *_pack(facts.held), gap)


def _pack(seats: list[Booking]) -> tuple[str, str]:
    return ("daftar_hadir_asesmen", seats[-1].public_id) if seats else ("", "")


def _method(facts: Facts) -> Found:
    if not facts.has_plan:
        return Found("", "Rencana asesmen", "FR.MAPA.01", "", _NO_PLAN)
    observed = facts.uses(EvidenceKind.OBSERVASI)
    return Found(
        "observasi" if observed else "portofolio", "Rencana asesmen (FR.MAPA.01)", "FR.MAPA.01"
    )


_NO_PLAN = "Rencana asesmen belum dipilih. Asesor memilih MAPA dalam pra-asesmen."


def _flag(name: str, facts: Facts) -> Found:
    if not facts.has_plan:
        return Found("", "Rencana asesmen", "FR.MAPA.01", "", _NO_PLAN)
    value = "1" if facts.uses(*METHODS[name]) else "0"
    return Found(value, "Rencana asesmen (FR.MAPA.01)", "FR.MAPA.01")


def _held_on(name: str, facts: Facts) -> Found:
    key = paper_of_method(name, facts)
    paper = facts.papers.get(key)
    filled = {each.value: row for each, row in facts.dossier.instruments.items()}.get(key)
    if paper is None or paper.state is PaperState.NOT_NEEDED:
        return Found("", "Tidak diminta rencana asesmen")
    gap = f"{paper.name} belum selesai diisi asesor."
    return Found(day(filled.finished_at if filled else None), paper.name, key, "", gap)


def _delivery(facts: Facts) -> Found:
    jadwal = facts.jadwal
    if jadwal is None:
        return Found("", gap="Permohonan ini belum punya jadwal.")
    remote = jadwal.mode is Mode.DARING
    codes = setting("lpjk_delivery_code")
    code = codes.get("jarak jauh" if remote else "tatap muka", "")
    said = "Aturan portal" + ("; kode jarak jauh belum dikonfirmasi LPJK" if remote else "")
    return Found(str(code), said, "aturan", "lpjk_delivery_code")


def _apl_01_accepted(facts: Facts) -> Found:
    signed = facts.signed(Form.FR_APL_01, Role.ADMIN)
    moment = signed.signed_at if signed is not None else facts.case.verified_at
    gap = "FR.APL.01 belum diterima admin. Admin menandatanganinya saat memeriksa berkas."
    return Found(day(moment), "Tanda tangan admin pada FR.APL.01", "FR.APL.01", "", gap)


def _apl_02_reviewed(facts: Facts) -> Found:
    reviews = facts.dossier.reviews
    gap = "FR.APL.02 belum ditinjau asesor. Asesor meninjaunya dalam pra-asesmen."
    moment = reviews[-1].created_at if reviews else None
    return Found(day(moment), "Tinjauan asesor atas FR.APL.02", "FR.APL.02", "", gap)


def _pictured_on(facts: Facts) -> Found:
    picture = facts.picture
    gap = "Tangkapan layar asesmen belum disimpan. Asesor menyimpannya di halaman permohonan ini."
    moment = picture.created_at if picture is not None else None
    _, seat = _pack(facts.held)
    return Found(day(moment), "Tangkapan layar rapat asesmen", "dokumentasi_asesmen", seat, gap)


def _verifier(facts: Facts) -> Found:
    person = facts.case.verifier
    gap = "Berkas permohonan ini belum dinyatakan lengkap oleh admin."
    return Found(
        person.name if person else "", "Pemeriksaan berkas permohonan", "FR.APL.01", "", gap
    )


def _verified_on(facts: Facts) -> Found:
    gap = "Berkas permohonan ini belum dinyatakan lengkap oleh admin."
    return Found(day(facts.case.verified_at), "Pemeriksaan berkas permohonan", "FR.APL.01", "", gap)


def _pre_held_on(facts: Facts) -> Found:
    seat = facts.pre
    record: MeetingRecord | None = seat.record if seat is not None else None
    moment = (record.started_at or record.asesi_present_at) if record is not None else None
    gap = "Rapat pra-asesmen tidak tercatat. Asesor mencatatnya di halaman permohonan ini."
    where = seat.public_id if seat is not None else ""
    return Found(day(moment), "Catatan rapat pra-asesmen", "daftar_hadir_pra", where, gap)


# --- The committee's report --------------------------------------------------------------------------------------

_UNDECIDED = "Belum diputus rapat pleno tim teknis."
_NO_LETTER = f"Surat tugas tim teknis belum dicatat di portal. {REPORTED_BY_HAND}"


def _of_pleno(value: str, facts: Facts, gap: str = "") -> Found:
    place = facts.place
    if place is None:
        return Found("", "Rapat pleno", "", "", _UNDECIDED)
    source = f"Berita acara {place.pleno.berita_acara_number}"
    return Found(value, source, "berita_acara_pleno", place.pleno.public_id, gap)


def _committee_note(facts: Facts) -> Found:
    if facts.decision_note or facts.place is None:
        return _of_pleno(facts.decision_note, facts)
    if facts.place.outcome != Answer.BK.value or facts.place.outcome != facts.case.recommendation:
        gap = f"Ketua rapat tidak menulis catatan bersama penetapannya. {REPORTED_BY_HAND}"
        return _of_pleno("", facts, gap)
    found = _note(facts)
    source = "FR.AK.02: alasan rekomendasi yang disetujui rapat"
    return Found(found.value, source, found.paper, found.subject, found.gap)


def _member(index: int, facts: Facts) -> Found:
    members = facts.members
    if facts.place is None:
        return _of_pleno("", facts)
    if index >= len(members):
        return Found("", "Rapatnya tidak beranggota sebanyak itu")
    person, place = members[index], facts.place
    frozen = {each.user_id: each.met_number for each in place.pleno.members}.get(person.id, "")
    if frozen:
        source = f"Surat tugas tim teknis {place.pleno.surat_tugas_number}"
        return Found(frozen, source, "surat_tugas_komite", place.pleno.public_id)
    found = _met(person, facts, "anggota tim teknis")
    # Who is no asesor has his number in the data of the tim teknis, from the next rapat on.
    gap = f"{found.gap} Bila ia bukan asesor: {REPORTED_BY_HAND[0].lower()}{REPORTED_BY_HAND[1:]}"
    return replace(found, gap=gap)


def _committee_letter(facts: Facts, *, number: bool) -> Found:
    """Surat tugas of the pleno; one that was called before there were any has none."""
    if facts.place is None:
        return _of_pleno("", facts)
    held = facts.place.pleno
    if not held.surat_tugas_number:
        return Found("", gap=_NO_LETTER)
    value = held.surat_tugas_number if number else day(held.surat_tugas_date)
    return Found(value, "Surat tugas tim teknis", "surat_tugas_komite", held.public_id)


def _position(facts: Facts) -> Found:
    """Jabatan of the member named first, as it stood in the surat tugas of the rapat."""
    place = facts.place
    if place is None or not facts.members:
        return _of_pleno("", facts)
    known = {each.user_id: each.jabatan for each in place.pleno.members}
    return _of_pleno(known.get(facts.members[0].id) or "Ketua rapat tim teknis", facts)


def _number(which: str) -> Callable[[Facts], Found]:
    def read(facts: Facts) -> Found:
        row = facts.dossier.registration
        gap = "Diambil portal saat tim teknis menetapkan kompeten."
        if row is None:
            return Found("", "Nomor sertifikat", "pencatatan", "", gap)
        if which == "blanko":
            text = row.blanko.number if row.blanko is not None else ""
            gap = "Admin mencatat nomor blangko dari BNSP di halaman nomor permohonan ini."
        else:
            text = getattr(row, which).text
        return Found(text, "Nomor sertifikat permohonan ini", "pencatatan", "", gap)

    return read


_VALUES: dict[str, Callable[[Facts], Found]] = {
    "id_asesor": _asesor,
    "id_asesor_2": _second,
    "rekomendasi": _recommendation,
    "catatan": _note,
    "tgl_surat_tugas": lambda facts: _letter(facts, number=False),
    "no_surat_tugas": lambda facts: _letter(facts, number=True),
    "kode_tuk": _tuk("siki_code", "Kode SIKI"),
    "nama_tuk": _tuk("name", "Nama"),
    "tgl_uji": _tested_on,
    "tgl_selesai_uji": _tested_until,
    "metode_uji": _method,
    "penyelenggaraan_uji": _delivery,
    "tgl_verifikasi_apl01": _apl_01_accepted,
    "tgl_verifikasi_apl02": _apl_02_reviewed,
    "tgl_dokumentasi": _pictured_on,
    "nama_admin_lsp": _verifier,
    "tgl_periksa_admin_lsp": _verified_on,
    "nama_ttd_surat_verifikasi_tuk": _tuk("verification_signer", "Penanda tangan verifikasi"),
    "tgl_ttd_surat_verifikasi_tuk": _tuk("verified_on", "Tanggal verifikasi"),
    "tgl_kegiatan_pra_asesmen": _pre_held_on,
    "nomor_registrasi_lsp": _number("registration_entry"),
    "nomor_sertifikasi_lsp": _number("certificate_entry"),
    "nomor_blangko_bnsp": _number("blanko"),
}
_COMMITTEE: dict[str, Callable[[Facts], Found]] = {
    "nama_komite_teknis": lambda facts: _of_pleno(
        facts.members[0].name if facts.members else "", facts
    ),
    "jabatan_komite_teknis": _position,
    "hasil_penetapan": lambda facts: _of_pleno(facts.place.outcome if facts.place else "", facts),
    "catatan": _committee_note,
    "tgl_surat_tugas": lambda facts: _committee_letter(facts, number=False),
    "no_surat_tugas": lambda facts: _committee_letter(facts, number=True),
    "tgl_penetapan": lambda facts: _of_pleno(day(facts.case.decided_at), facts),
}
