"""The case as a story: the four stages with their dates, and the history in words the asesi would use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lsp.database import db
from lsp.models import Permohonan, PermohonanEvent
from lsp.services import results
from lsp.services.seat_history import SeatStep, seats_by_event
from lsp.views.filters import tanggal_singkat
from lsp.vocabulary import PermohonanStatus, Role, Stage

STAGES = (Stage.REGISTRATION, Stage.PRE_ASSESSMENT, Stage.ASSESSMENT, Stage.AFTER)

#: transition -> what happened, said to the asesi. {who}: Anda, Admin LSP, Asesor …
WORDS = {
    "start": "{who} memulai permohonan",
    "submit": "{who} mengirim permohonan",
    "return_for_repair": "{who} meminta perbaikan",
    "verify": "{who} menyatakan berkas lengkap",
    "reject": "{who} menolak permohonan",
    "invoice": "Tagihan dikirim",
    "confirm_payment": "Pembayaran lunas",
    "note_part_payment": "Sebagian pembayaran diterima",
    "lapse": "Tagihan hangus",
    "extend": "{who} memperpanjang tagihan",
    "change_mode": "Cara asesmen diganti",
    "book_pre": "{who} memesan jadwal pra-asesmen",
    "cancel_pre": "{who} membatalkan jadwal pra-asesmen",
    "absent_pre": "Pra-asesmen tidak jadi: ada yang tidak hadir",
    "drop_pre": "Permohonan gugur karena tidak hadir",
    "ask_evidence": "{who} meminta bukti tambahan",
    "add_evidence": "{who} mengirim bukti tambahan",
    "recommend_not_continue": "{who} mengirim rekomendasi",
    "make_ready": "Pra-asesmen selesai, siap asesmen",
    "book_assessment": "{who} memesan jadwal asesmen",
    "cancel_assessment": "{who} membatalkan jadwal asesmen",
    "absent_assessment": "Asesmen tidak jadi: ada yang tidak hadir",
    "drop_assessment": "Permohonan gugur karena tidak hadir",
    "start_assessment": "Asesmen dimulai",
    "halt": "Asesmen dihentikan sementara",
    "recommend": "{who} mengirim rekomendasi",
    "send_back": "Tim teknis mengembalikan rekomendasi ke asesor",
    "send_back_pre": "Tim teknis mengembalikan rekomendasi ke asesor",
    "decide_competent": "Tim teknis menetapkan: kompeten",
    "decide_not_yet": "Tim teknis menetapkan: belum kompeten",
    "change_pleno": "Penetapan dipindahkan ke rapat tim teknis lain",
    "appeal": "{who} mengajukan banding",
    "uphold": "Banding selesai: keputusan tetap",
    "grant_reassessment": "Banding diterima: asesmen ulang",
    "grant_redecision": "Banding diterima: penetapan ulang",
    "ask_reassessment": "{who} meminta asesmen ulang",
    "take_back_reassessment": "{who} menarik permintaan asesmen ulang",
    "reassessment_other_fee": "Tagihan asesmen ulang disiapkan",
    "reassess": "Asesmen ulang dibuka",
    "close_not_yet": "Permohonan ditutup",
    "request_blanko": "Blangko sertifikat diajukan ke BNSP",
    "refuse_blanko": "Blangko belum diberikan BNSP",
    "receive_blanko": "Nomor blangko diterima",
    "correct_numbers": "Nomor sertifikat dibetulkan",
    "record": "Sertifikat tercatat di LPJK",
    "annul": "Penetapan dibatalkan",
    "issue": "Sertifikat terbit",
    "withdraw": "{who} mengundurkan diri",
    "drop_idle": "Permohonan gugur karena lama tanpa kegiatan",
}
#: Notes that were written to the asesi or by him; others stay within the LSP.
NOTE_FOR_ASESI = frozenset(
    {
        "return_for_repair",
        "reject",
        "ask_evidence",
        "cancel_pre",
        "cancel_assessment",
        "withdraw",
        "appeal",
        "uphold",
        "grant_reassessment",
        "grant_redecision",
    }
)
#: The two lines of a meeting that was moved: what was given up, and what was taken in its place.
MOVED = {
    "cancel_pre": "{who} melepas jadwal pra-asesmen",
    "book_pre": "{who} memindahkan jadwal pra-asesmen ke",
    "cancel_assessment": "{who} melepas jadwal asesmen",
    "book_assessment": "{who} memindahkan jadwal asesmen ke",
}
#: The same two lines where only the asesor is another.
HANDED_OVER = {
    "cancel_pre": "Asesor {asesor} diganti pada pra-asesmen",
    "book_pre": "{who} menunjuk asesor pengganti, {asesor}. Waktunya tetap:",
    "cancel_assessment": "Asesor {asesor} diganti pada asesmen",
    "book_assessment": "{who} menunjuk asesor pengganti, {asesor}. Waktunya tetap:",
}
#: The status in which nothing of the stage is left to do; the assessment ends with the decision, which leaves it.
_FINISHED = {
    Stage.REGISTRATION: PermohonanStatus.PAID,
    Stage.PRE_ASSESSMENT: PermohonanStatus.READY,
}
_VERDICTS = frozenset({"decide_competent", "decide_not_yet"})


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the history."""

    at: datetime
    text: str
    note: str = ""
    #: The hour of the meeting it is about.
    when: datetime | None = None


def events_of(permohonan: Permohonan) -> list[PermohonanEvent]:
    """All steps of the case, oldest first, in one query."""
    return list(
        db.session.scalars(
            select(PermohonanEvent)
            .where(PermohonanEvent.permohonan_id == permohonan.id)
            .order_by(PermohonanEvent.id)
        )
    )


def sent_at(events: Sequence[PermohonanEvent]) -> datetime | None:
    """When the permohonan was sent last; a repair is sent again."""
    return next((event.at for event in reversed(events) if event.transition == "submit"), None)


def history(permohonan: Permohonan, events: Sequence[PermohonanEvent]) -> list[Happening]:
    """Newest first. A verdict not yet opened is only said to be there."""
    hidden = results.is_unread(permohonan)
    seats = seats_by_event(permohonan, events)
    shown: list[Happening] = []
    for event in events:
        if hidden and event.source is not None and event.source.stage is Stage.AFTER:
            continue
        shown.append(_line(event, seats.get(event.id), hidden=hidden))
    return shown[::-1]


def _line(event: PermohonanEvent, seat: SeatStep | None, *, hidden: bool) -> Happening:
    if hidden and event.transition in _VERDICTS:
        return Happening(event.at, "Tim teknis menetapkan hasil")
    # `start` is the first line of a case and also the beginning of an assessment.
    name = "start_assessment" if event.transition == "start" and event.source else event.transition
    who = "Anda" if event.actor_role is Role.ASESI else event.actor_role.label
    asesor = seat.booking.slot.asesor.name if seat is not None else ""
    text = _words_for(seat).get(name, event.target.label).format(who=who, asesor=asesor)
    note = event.note if name in NOTE_FOR_ASESI else ""
    return Happening(event.at, text, note, seat.booking.slot.starts_at if seat else None)


def _words_for(seat: SeatStep | None) -> dict[str, str]:
    if seat is None or not seat.moved:
        return WORDS
    return HANDED_OVER if seat.handed_over else MOVED


def stages(permohonan: Permohonan, events: Sequence[PermohonanEvent]) -> list[dict[str, str]]:
    """The stepper. A stage left behind carries the day it was finished; an ended case stops where it ended."""
    here = permohonan.status.stage
    if here is Stage.END:
        here = _last_stage(events)
    place = STAGES.index(here)
    label = "Hasil sudah ada" if results.is_unread(permohonan) else permohonan.status.label
    drawn = []
    for number, stage in enumerate(STAGES):
        state = "done" if number < place else "here" if number == place else "next"
        if state == "here":
            note = f"{label}, {_day(_reached(permohonan, events))}"
        else:
            note = _finished_on(stage, events) if state == "done" else ""
        drawn.append({"label": stage.label, "state": state, "note": note})
    return drawn


def _last_stage(events: Sequence[PermohonanEvent]) -> Stage:
    for event in reversed(events):
        if event.source is not None and event.source.stage in STAGES:
            return event.source.stage
    return Stage.REGISTRATION


def _reached(permohonan: Permohonan, events: Sequence[PermohonanEvent]) -> datetime:
    """When it came to its present status; lines that change no status, as a request, are no news of the stage."""
    for event in reversed(events):
        if event.target is permohonan.status and event.source is not event.target:
            return event.at
    return permohonan.status_at


def _finished_on(stage: Stage, events: Sequence[PermohonanEvent]) -> str:
    """Not when the next stage was begun: who pays today and books next week has finished today."""
    done = [
        event.at
        for event in events
        if event.source is not None
        and event.source.stage is stage
        and event.source is not event.target
        and event.target is _FINISHED.get(stage)
    ] or _left(stage, events)
    return f"Selesai {_day(done[-1])}" if done else ""


def _left(stage: Stage, events: Sequence[PermohonanEvent]) -> list[datetime]:
    return [
        event.at
        for event in events
        if event.source is not None
        and event.source.stage is stage
        and event.target.stage in STAGES
        and STAGES.index(event.target.stage) > STAGES.index(stage)
    ]


def _day(moment: datetime) -> str:
    return tanggal_singkat(moment).split(",")[0]
