"""Every paper of a case in the order of its phases: which are there, which are waited for, and what the portal lacks.

The order and the names are those of a portfolio with interview at a distance (forms 12). Which papers the pleno waits
for stands in lsp/workflow/required_papers.py; here they get words. Of the present attempt; earlier ones are named last.
"""

from __future__ import annotations

from lsp.models import FilledInstrument, Permohonan
from lsp.services.case_papers_after import after, beside, certificate, decision
from lsp.services.case_papers_pleno import committee_letter, last_place, technical_team
from lsp.services.paper_entry import Asked, Paper, Phase, day_of, joined, not_needed, outside
from lsp.vocabulary import Form, InstrumentPaper, MeetingKind, PaperState, Role, Stage
from lsp.workflow.instruments import (
    bare_and_passed_over,
    bare_unanswered,
    bare_words,
    papers_asked,
    papers_needed,
)
from lsp.workflow.remote_record import is_held_remotely
from lsp.workflow.required_papers import MAPA, RECORDED

_PRE = (Stage.PRE_ASSESSMENT, Stage.ASSESSMENT)
_EARLY = (Stage.REGISTRATION,)
_ASSESSMENT = (Stage.ASSESSMENT,)
_STOPPED = "Permohonan ini berhenti di pra-asesmen."
_BEFORE = "Rapat pra-asesmen berlangsung pada asesmen sebelumnya."
#: Named in every file, also where the plan does not ask for them.
_USUAL = (InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK)
_ATTENDED = {
    MeetingKind.PRE_ASSESSMENT: "daftar_hadir_pra",
    MeetingKind.ASSESSMENT: "daftar_hadir_asesmen",
}


def case_papers(permohonan: Permohonan) -> tuple[Phase, ...]:
    """The whole list; two queries besides what the dossier holds, and a third where there was a banding."""
    asked = Asked(permohonan)
    row, last = beside(asked), last_place(permohonan)
    made = (
        Phase("pendaftaran", "Pendaftaran", tuple(_registration(asked))),
        Phase("rencana", "Rencana", tuple(_plan(asked))),
        Phase("sebelum", "Sebelum hari asesmen", (*_before(asked), committee_letter(asked, last))),
        Phase("pra", "Pra-asesmen", tuple(_pre_assessment(asked))),
        Phase("asesmen", "Asesmen", tuple(_assessment(asked))),
        decision(asked, row),
        technical_team(asked, last),
        certificate(asked, row),
        after(asked, row),
    )
    return tuple(phase for phase in made if phase.papers)


def _registration(asked: Asked) -> list[Paper]:
    progress = asked.dossier.apl_02
    signed = {form: asked.signed(form, Role.ASESI) for form in (Form.FR_APL_01, Form.FR_APL_02)}
    accepted = asked.signed(Form.FR_APL_01, Role.ADMIN)
    reviewed = asked.dossier.reviews
    return [
        asked.entry(
            "FR.APL.01",
            "FR.APL.01 Permohonan",
            joined(
                _by("asesi", signed[Form.FR_APL_01]) or "belum ditandatangani asesi",
                f"diterima admin pada {accepted}" if accepted else "",
            ),
            absent="Diisi asesi.",
            due=_EARLY,
        ),
        asked.entry(
            "FR.APL.02",
            "FR.APL.02 Asesmen mandiri",
            joined(
                _by("asesi", signed[Form.FR_APL_02]) or "belum ditandatangani asesi",
                f"ditinjau asesor pada {day_of(reviewed[-1].created_at)}" if reviewed else "",
            ),
            absent=f"Baru {progress.answered} dari {progress.total} elemen dijawab asesi.",
            due=_EARLY,
        ),
        _portfolio(asked),
    ]


def _by(who: str, day: str) -> str:
    return f"ditandatangani {who} pada {day}" if day else ""


def _portfolio(asked: Asked) -> Paper:
    basic = [each for each in asked.dossier.documents if each.requirement_id is not None]
    further = [
        each
        for each in asked.dossier.documents
        if each.requirement_id is None and each.purpose == "evidence"
    ]
    return asked.entry(
        "portofolio",
        "Bukti portofolio",
        f"{len(basic) + len(further)} berkas"
        + (f", {len(further)} di luar syarat" if further else ""),
        is_there=bool(basic or further),
        absent="Diunggah asesi.",
        due=_EARLY,
    )


def _plan(asked: Asked) -> list[Paper]:
    plan = asked.dossier.plan
    names = {key: f"{key} {title}" for key, title in zip(MAPA, ("Rencana", "Peta instrumen"), strict=True)}  # fmt: skip
    if asked.stopped:
        return [not_needed(key, name, _STOPPED) for key, name in names.items()]
    words = f"dipilih asesor pada {day_of(plan.mapa_chosen_at)}" if plan else ""
    if plan is not None and plan.mapa is not None:
        words = f"{plan.mapa.name}, versi {plan.mapa.version_number}; {words}"
    absent = "Dipilih asesor dalam pra-asesmen."
    return [asked.entry(key, name, words, absent=absent, due=_PRE) for key, name in names.items()]


def _before(asked: Asked) -> list[Paper]:
    seats = asked.seats
    jadwal = seats[-1].slot.jadwal if seats else None
    letters = {
        f"{each.surat_tugas_number}, {day_of(each.surat_tugas_date)}": each.public_id
        for each in (seat.slot.jadwal for seat in seats)
        if each.surat_tugas_number
    }
    tuk = jadwal.tuk if jadwal is not None else None
    verified = tuk is not None and bool(tuk.verification_letter or tuk.verified_on)
    if tuk is not None and not verified:
        why = f"Surat untuk {tuk.name} tidak dicatat di portal."
        checked = outside("verifikasi_tuk", "Verifikasi TUK", why)
    else:
        checked = asked.entry(
            "verifikasi_tuk",
            "Verifikasi TUK",
            joined(tuk.name, tuk.verification_letter, tuk.verification_signer, day_of(tuk.verified_on))
            if tuk is not None
            else "",
            is_there=verified,
            absent="TUK ditentukan bersama jadwal.",
            subject=jadwal.public_id if jadwal is not None else "",
        )  # fmt: skip
    return [
        asked.entry(
            "surat_tugas_asesor",
            "Surat tugas asesor",
            "; ".join(letters),
            is_there=bool(letters),
            absent="Diberi nomor bersama jadwalnya.",
            subject=list(letters.values())[-1] if letters else "",
        ),
        checked,
    ]


def _pre_assessment(asked: Asked) -> list[Paper]:
    plan, kind = asked.dossier.plan, MeetingKind.PRE_ASSESSMENT
    made = [_attendance(asked, kind), _documentation(asked, kind)]
    if asked.permohonan.attempt > 1 and not asked.seats_of(kind):
        made = [not_needed(each.key, each.name, _BEFORE) for each in made]
    made += [
        _explained(
            asked, "penjelasan_banding", "Penjelasan FR.AK.04 (hak banding)", "appeal_explained_at"
        ),
        _explained(asked, "tata_tertib", "Tata tertib dan K3", "rights_explained_at"),
    ]
    if asked.stopped:
        return [
            *made,
            not_needed("FR.AK.07", "FR.AK.07 Penyesuaian", _STOPPED),
            not_needed("FR.AK.01", "FR.AK.01 Persetujuan", _STOPPED),
        ]
    by_both = joined(
        *(_by(role.label.lower(), _agreed(asked, role)) for role in (Role.ASESI, Role.ASESOR))
    )
    adjusted = f"diisi {day_of(plan.fr_ak_07_at)}" if plan is not None else ""
    absent = "Diisi asesor dalam pra-asesmen."
    return [
        *made,
        asked.entry("FR.AK.07", "FR.AK.07 Penyesuaian", adjusted, absent=absent, due=_PRE),
        asked.entry(
            "FR.AK.01",
            "FR.AK.01 Persetujuan",
            by_both or "belum ditandatangani",
            absent=absent,
            due=_PRE,
        ),
    ]


def _explained(asked: Asked, key: str, name: str, column: str) -> Paper:
    """What the asesor explains in a meeting before FR.AK.01 is signed; column: of the meeting's record."""
    found = [
        (day_of(moment), seat.public_id)
        for seat in asked.dossier.bookings
        if seat.record is not None and (moment := getattr(seat.record, column)) is not None
    ]
    told, meeting = found[0] if found else ("", "")
    agreed = _agreed(asked, Role.ASESI)
    return asked.entry(
        key,
        name,
        joined(
            f"dijelaskan asesor pada {told}",
            f"disetujui asesi dalam FR.AK.01 pada {agreed}" if agreed else "",
        ),
        is_there=bool(found),
        absent="Dicatat asesor dalam pra-asesmen.",
        due=(Stage.PRE_ASSESSMENT,),
        subject=meeting,
    )


def _agreed(asked: Asked, role: Role) -> str:
    found = asked.dossier.signature(Form.FR_AK_01, role, attempt=asked.permohonan.attempt)
    return day_of(found.signed_at) if found is not None else ""


def _attendance(asked: Asked, kind: MeetingKind) -> Paper:
    """Who was there is kept in the record of the meeting."""
    seats = asked.seats_of(kind)
    held = [
        seat
        for seat in seats
        if seat.record is not None
        and seat.record.asesi_present_at is not None
        and seat.record.asesor_present_at is not None
    ]
    seat = next(iter(reversed(held or seats)), None)
    day = day_of(seat.slot.starts_at) if seat is not None else ""
    asesor = seat.slot.asesor.name if seat is not None else ""
    return asked.entry(
        _ATTENDED[kind],
        f"Daftar hadir {kind.label.lower()}",
        f"asesi dan asesor {asesor}, {day}",
        is_there=bool(held),
        absent=f"Dicatat asesor saat rapat {day}." if seat is not None else "Rapatnya belum ada.",
        due=_due(kind) if seat is not None else (),
        subject=seat.public_id if seat is not None else "",
    )


def _documentation(asked: Asked, kind: MeetingKind) -> Paper:
    """Recording and screenshots of what was held at a distance."""
    key, name = RECORDED[kind], f"Dokumentasi {kind.label.lower()}"
    began = [
        seat
        for seat in asked.seats_of(kind)
        if seat.record is not None and seat.record.started_at is not None
    ]
    remote = [seat for seat in began if is_held_remotely(seat)]
    if began and not remote:
        return not_needed(key, name, "Rapatnya tatap muka.")
    missing = asked.missing(key)
    return asked.entry(
        key,
        name,
        "rekaman dan tangkapan layar" + (f", {len(remote)} rapat" if len(remote) > 1 else ""),
        absent=f"Kurang: {', '.join(missing)}." if missing else "Disimpan asesor sesudah rapatnya.",
        due=_due(kind) if remote else (),
        subject=remote[-1].public_id if remote else "",
    )


def _due(kind: MeetingKind) -> tuple[Stage, ...]:
    return _PRE if kind is MeetingKind.PRE_ASSESSMENT else _ASSESSMENT


def _assessment(asked: Asked) -> list[Paper]:
    kind = MeetingKind.ASSESSMENT
    if asked.stopped:
        made = [
            not_needed(_ATTENDED[kind], "Daftar hadir asesmen", _STOPPED),
            not_needed(RECORDED[kind], "Dokumentasi asesmen", _STOPPED),
        ]
    else:
        made = [_attendance(asked, kind), _documentation(asked, kind)]
    needed = papers_needed(asked.dossier)
    named = {*needed, *asked.dossier.instruments, *_USUAL}
    papers = [_instrument(asked, paper, needed) for paper in InstrumentPaper if paper in named]
    return [made[0], *papers, made[1]]


def _instrument(asked: Asked, paper: InstrumentPaper, needed: list[InstrumentPaper]) -> Paper:
    key, name = paper.value, f"{paper.value} {paper.label}"
    filled, plan = asked.dossier.instruments.get(paper), asked.dossier.plan
    if asked.stopped:
        return not_needed(key, name, _STOPPED)
    if paper not in needed and plan is not None:
        return not_needed(key, name, _why_not(asked, paper, filled))
    made = asked.entry(
        key,
        name,
        f"edisi {filled.edition}, selesai {day_of(filled.finished_at)}" if filled else "",
        absent=_progress(asked, paper, filled)
        if plan is not None
        else "Menurut rencana asesmen (FR.MAPA).",
        due=_ASSESSMENT,
    )
    if made.state is PaperState.PRESENT and filled is None:
        return Paper(key, name, PaperState.OUTSIDE, needed=True, words="Di arsip kertas LSP.")
    return made


def _progress(asked: Asked, paper: InstrumentPaper, filled: FilledInstrument | None) -> str:
    was_sent = filled is not None and filled.frozen_at is not None
    count = 0 if was_sent else len(bare_unanswered(asked.dossier, paper))
    bare = f" {bare_words(count)}: ditanyakan di sini." if count else ""
    if filled is None:
        return f"Diisi asesor dalam asesmen.{bare}"
    if filled.finished_at is None or count:
        return f"Edisi {filled.edition} belum diselesaikan asesor.{bare}"
    return f"Edisi {filled.edition} selesai, belum dikirim bersama FR.AK.02."


def _why_not(asked: Asked, paper: InstrumentPaper, filled: FilledInstrument | None) -> str:
    bare = _passed_over(asked) if paper is InstrumentPaper.PW else ""
    if paper is InstrumentPaper.PW and paper in papers_asked(asked.dossier.plan):
        return f"Semua bukti di FR.IA.08 memenuhi aturan bukti.{bare}"
    begun = " Dibuka asesor, tidak diselesaikan." if filled is not None else ""
    return f"Tidak diminta rencana asesmen.{begun}{bare}"


def _passed_over(asked: Asked) -> str:
    count = len(bare_and_passed_over(asked.dossier))
    return f" {bare_words(count)}, tidak ditanyakan." if count else ""
