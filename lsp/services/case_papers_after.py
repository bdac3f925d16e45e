"""The list of a case's papers from the recommendation on: FR.AK.02 to FR.AK.06, certificate, banding.

What lies beside the case is read in few queries, none of them for each paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, false, func, select

from lsp.database import db
from lsp.models import (
    Banding,
    Blanko,
    BlankoRequest,
    BlankoRequestCase,
    Certificate,
    Countersignature,
    FrAk03,
    FrAk05,
    FrAk06,
    Permohonan,
    Registration,
)
from lsp.services import fr_ak_03
from lsp.services.certificate_papers import life_papers, proposals_with_papers
from lsp.services.paper_entry import Asked, Paper, Phase, day_of, joined, not_needed
from lsp.vocabulary import (
    OPEN_BANDING,
    Answer,
    Form,
    PaperState,
    PermohonanStatus as S,
    Role,
    Stage,
)

_ASSESSMENT = (Stage.ASSESSMENT,)
_REPORTED = (Stage.AFTER, Stage.END)
#: The word of asesor 2 (Countersignature).
_SECOND = {
    "agrees": "asesor 2 setuju",
    "dissents": "asesor 2 tidak setuju, dengan alasan",
    "released": "asesor 2 dilepas admin, dengan alasan",
}
_UNSIGNED = {
    "refused": "asesi menolak menandatangani, dengan alasan",
    "unsigned": "asesi tidak menandatangani, dengan alasan",
}
_ON_THE_WAY = (S.BLANKO_REQUESTED, S.BLANKO_RECEIVED, S.RECORDED, S.ISSUED)


def beside(asked: Asked) -> Any:
    """One row: FR.AK.03, the word of asesor 2, the reports of the asesor of this very jadwal, the numbers."""
    case, seats, paper = asked.permohonan, asked.seats, asked.dossier.fr_ak_02
    slot = seats[-1].slot if seats else None

    def of_asesor(model: Any) -> Any:
        if slot is None:
            return false()
        return and_(model.jadwal_id == slot.jadwal_id, model.asesor_id == slot.asesor_id)

    feedback = and_(FrAk03.permohonan_id == case.id, FrAk03.attempt == case.attempt)
    bandings = select(func.count(Banding.id)).where(Banding.permohonan_id == case.id)
    second = Countersignature.fr_ak_02_id == (paper.id if paper is not None else 0)
    # The newest request that named the case in this attempt: its letter is what BNSP was sent.
    request = (
        select(BlankoRequest.public_id)
        .join(BlankoRequestCase, BlankoRequestCase.request_id == BlankoRequest.id)
        .where(
            BlankoRequestCase.permohonan_id == case.id, BlankoRequestCase.attempt == case.attempt
        )
        .order_by(BlankoRequest.id.desc())
        .limit(1)
    )
    return db.session.execute(
        select(
            FrAk03.given_at,
            FrAk03.left_empty_at,
            Countersignature.word,
            FrAk05.public_id.label("report_id"),
            FrAk05.signed_at.label("report_signed"),
            FrAk06.public_id.label("review_id"),
            FrAk06.signed_at.label("review_signed"),
            Blanko.number.label("blanko"),
            request.scalar_subquery().label("request_id"),
            Registration.lpjk_number,
            Certificate.certificate_number,
            Certificate.token,
            bandings.scalar_subquery().label("bandings"),
            proposals_with_papers(Permohonan.id).label("proposals"),
        )
        .select_from(Permohonan)
        .outerjoin(FrAk03, feedback)
        .outerjoin(Countersignature, second)
        .outerjoin(FrAk05, of_asesor(FrAk05))
        .outerjoin(FrAk06, of_asesor(FrAk06))
        .outerjoin(Registration, Registration.permohonan_id == Permohonan.id)
        .outerjoin(Blanko, Blanko.id == Registration.blanko_id)
        .outerjoin(Certificate, Certificate.permohonan_id == Permohonan.id)
        .where(Permohonan.id == case.id)
    ).one()


# --- The recommendation ------------------------------------------------------------------------------------------


def decision(asked: Asked, row: Any) -> Phase:
    papers = (
        _fr_ak_02(asked, row.word),
        _recommendation(asked),
        _feedback(asked, row),
        _report(asked, "FR.AK.05", "Laporan asesmen", row.report_id, row.report_signed),
        _report(asked, "FR.AK.06", "Meninjau proses asesmen", row.review_id, row.review_signed),
    )
    return Phase("keputusan", "Keputusan", papers)


def _fr_ak_02(asked: Asked, word: str | None) -> Paper:
    paper, seats = asked.dossier.fr_ak_02, asked.seats
    has_second = bool(seats) and seats[-1].slot.jadwal.asesor_2_id is not None
    second = _SECOND.get(word or "", "asesor 2 belum menandatangani" if has_second else "")
    said = ""
    if paper is not None:
        by_asesi = _UNSIGNED.get(paper.asesi_signature) or _signed(asked, Role.ASESI)
        said = joined(f"edisi {paper.edition}", by_asesi, _signed(asked, Role.ASESOR), second)
    sent = paper is not None and paper.frozen_at is not None
    return asked.entry(
        "FR.AK.02",
        "FR.AK.02 Rekaman asesmen kompetensi",
        said,
        absent=said if said and not sent else "Diisi asesor dalam asesmen.",
        due=_ASSESSMENT,
    )


def _signed(asked: Asked, role: Role) -> str:
    """Whether the paper as it is written now was signed."""
    found = asked.dossier.signature(Form.FR_AK_02, role, attempt=asked.permohonan.attempt)
    who = role.label.lower()
    if found is None:
        return f"{who} belum menandatangani"
    return f"ditandatangani {who} pada {day_of(found.signed_at)}"


def _recommendation(asked: Asked) -> Paper:
    paper = asked.dossier.fr_ak_02
    told = paper is not None and paper.frozen_at is not None and paper.recommendation is not None
    return asked.entry(
        "rekomendasi_asesor",
        "Rekomendasi asesor",
        f"{paper.recommendation.label}, dikirim {day_of(paper.frozen_at)} dalam FR.AK.02; "
        "berita acara tersendiri belum ada di portal"
        if paper is not None and paper.recommendation is not None
        else "",
        is_there=told,
        absent="Dikirim asesor bersama FR.AK.02.",
        due=_ASSESSMENT,
    )


def _feedback(asked: Asked, row: Any) -> Paper:
    """FR.AK.03 blocks nothing: the asesi answers after the decision, or not."""
    case, name = asked.permohonan, "FR.AK.03 Umpan balik asesi"
    absent, due = "Diisi asesi sesudah keputusan.", False
    if row.left_empty_at is not None:
        absent = f"Tidak diisi asesi sampai {day_of(row.left_empty_at)}."
    elif case.status in fr_ak_03.ASKED:
        due = True
        absent = f"Dari asesi, sampai {day_of(fr_ak_03.until(case, case.attempt))}."
    return asked.entry(
        "FR.AK.03",
        name,
        f"diisi {day_of(row.given_at)}",
        is_there=row.given_at is not None,
        absent=absent,
        due=_REPORTED if due else (),
    )


def _report(asked: Asked, code: str, title: str, report_id: str | None, signed: Any) -> Paper:
    """One for all asesi of an asesor in a jadwal. A draft is nobody's but its asesor's."""
    name, recommended = f"{code} {title}", asked.permohonan.recommendation is not None
    absent = "Ditulis asesor sesudah semua asesinya di jadwal ini direkomendasikan."
    if report_id is not None and signed is None:
        absent = "Masih draf pada asesor. " + absent
    return asked.entry(
        code,
        name,
        f"ditandatangani asesor pada {day_of(signed)}",
        is_there=signed is not None,
        absent=absent,
        due=(*_ASSESSMENT, *_REPORTED) if recommended else (),
        subject=(report_id or "") if signed is not None else "",
    )


# --- Certificate -------------------------------------------------------------------------------------------------


def certificate(asked: Asked, row: Any) -> Phase:
    """row: of `beside`."""
    made = (
        _number(
            asked,
            ("permohonan_blanko", "Permohonan blangko"),
            "diajukan ke BNSP" if _asked_for_blanko(asked) else "",
            absent="Diajukan admin sesudah SK ditandatangani.",
            at=S.COMPETENT,
            subject=row.request_id or "",
        ),
        _number(
            asked,
            ("nomor_blanko", "Nomor blangko"),
            row.blanko,
            absent="Diberikan BNSP.",
            at=S.BLANKO_REQUESTED,
        ),
        _number(
            asked,
            ("pencatatan", "Pencatatan LPJK"),
            row.lpjk_number,
            absent="Nomor dari LPJK, dicatat admin.",
            at=S.BLANKO_RECEIVED,
        ),
        _number(
            asked,
            ("sertifikat", "Sertifikat"),
            row.certificate_number,
            absent="Diterbitkan ketua.",
            at=S.RECORDED,
            subject=row.token or "",
        ),
    )
    return Phase("sertifikat", "Sertifikat", made)


def _asked_for_blanko(asked: Asked) -> bool:
    return asked.permohonan.status in _ON_THE_WAY


def _number(
    asked: Asked, called: tuple[str, str], words: str | None, *, absent: str, at: S, subject: str = ""
) -> Paper:  # fmt: skip
    """at: the state in which it is waited for."""
    key, name = called
    if asked.permohonan.decision is Answer.BK:
        return not_needed(key, name, "Hasilnya belum kompeten.")
    return asked.entry(
        key,
        name,
        words or "",
        is_there=bool(words),
        absent=absent,
        due=_REPORTED if asked.permohonan.status is at else (),
        subject=subject,
    )


# --- Afterwards --------------------------------------------------------------------------------------------------


def after(asked: Asked, row: Any) -> Phase:
    """Only what happened: appeals with their answers, and attempts that are over. row: of `beside`."""
    case = asked.permohonan
    papers: list[Paper] = []
    for number, banding in enumerate(_bandings(case) if row.bandings else (), start=1):
        papers += _banding(banding, "" if number == 1 else f":{number}")
    papers += life_papers(case) if row.proposals else ()
    for attempt in range(1, case.attempt):
        key, name = f"asesmen_ke_{attempt}", f"Asesmen ke-{attempt}"
        words = "FR.AK.02 dan hasilnya tetap terbaca"
        papers.append(Paper(key, name, PaperState.PRESENT, needed=False, words=words))
    return Phase("sesudahnya", "Sesudahnya", tuple(papers))


def _bandings(case: Permohonan) -> Sequence[Any]:
    return db.session.execute(
        select(
            Banding.public_id,
            Banding.attempt,
            Banding.status,
            Banding.filed_at,
            Banding.letter_number,
        )
        .where(Banding.permohonan_id == case.id)
        .order_by(Banding.id)
    ).all()


def _banding(row: Any, suffix: str) -> tuple[Paper, Paper]:
    is_open = row.status in OPEN_BANDING
    return (
        Paper(
            f"FR.AK.04{suffix}",
            "FR.AK.04 Banding asesmen",
            PaperState.PRESENT,
            needed=False,
            words=f"diajukan {day_of(row.filed_at)}, atas asesmen ke-{row.attempt}",
            subject=row.public_id,
        ),
        Paper(
            f"banding{suffix}",
            "Catatan banding",
            PaperState.WAITING if is_open else PaperState.PRESENT,
            needed=False,
            words=joined(row.status.label, row.letter_number),
            subject=row.public_id if row.letter_number else "",
        ),
    )
