"""The order of a meeting as the asesor works through it: what is done, what is next, where it is done.

Reads the dossier only; whether a step may be taken is said by the workflow (actions.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from flask import g

from lsp.models import Booking, FrAk02, MeetingRecord, Permohonan
from lsp.services import corrections
from lsp.services.meetings import TICKS, tick_label
from lsp.views.asesor.instrument_step import instrument_row
from lsp.views.asesor.pre_steps import TODO, faces, held_row, opening, spoken, walk_rows
from lsp.views.asesor.shared import address, hour, own_seat
from lsp.views.asesor.step_row import Step, rework_step
from lsp.views.asesor.third_party_panel import third_party_row
from lsp.vocabulary import Answer, Form, MeetingKind, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import Dossier, dossier_of
from lsp.workflow.guards.meeting import evidence_rounds_left
from lsp.workflow.instruments import listed, unsigned
from lsp.workflow.remote_record import is_held_remotely, still_to_hand_in

S = PermohonanStatus
SCHEDULED = (S.PRE_SCHEDULED, S.SCHEDULED)
#: Name of a panel in its address -> heading.
PANELS = {
    "data": "Data asesi dan dokumen",
    "bukti": "Bukti per unit",
    "fr-apl-02": "FR.APL.02 Asesmen mandiri",
    "fr-mapa": "FR.MAPA.01 dan FR.MAPA.02 Rencana asesmen",
    "fr-ak-07": "FR.AK.07 Penyesuaian yang wajar dan beralasan",
    "pelaksanaan": "Waktu dan tempat asesmen",
    "fr-ak-01": "FR.AK.01 Persetujuan asesmen dan kerahasiaan",
    "instrumen": "Instrumen asesmen, FR.IA",
    "pihak-ketiga": "FR.IA.10 Verifikasi Pihak Ketiga",
    "tanda-tangan": "Tanda tangan hasil asesmen",
    "rekaman": "Rekaman dan tangkapan layar",
    "riwayat": "Riwayat",
}


def steps_of(permohonan: Permohonan, open_key: str = "") -> list[Step]:
    """All rows for this state and reader; the open one is marked."""
    own = own_seat(permohonan) is not None
    dossier = dossier_of(permohonan)
    if permohonan.status in SCHEDULED and dossier.booking is not None:
        made = _scheduled(permohonan, dossier, dossier.booking, own=own)
    elif permohonan.status is S.IN_ASSESSMENT:
        made = _assessing(permohonan, dossier)
    else:
        made = _reading(permohonan, dossier)
    return [replace(step, here=True) if step.key == open_key else step for step in made]


def next_step(steps: list[Step]) -> Step | None:
    return next((step for step in steps if step.done is False), None)


# --- A meeting that was booked -----------------------------------------------------------------------------------


def _scheduled(
    permohonan: Permohonan, dossier: Dossier, seat: Booking, *, own: bool
) -> Iterator[Step]:
    record, pre = seat.record, seat.slot.kind is MeetingKind.PRE_ASSESSMENT
    words = spoken(permohonan, seat)
    for item in opening(permohonan, pre=pre):
        if item == "perekam":
            yield consent_step(permohonan, record)
        yield _tick(permohonan, record, item, own=own, lines=words.get(item, ()))
    if pre:
        yield from (_panel(permohonan, **row) for row in walk_rows(permohonan, dossier, seat))
        yield _review(permohonan, dossier, seat)
    else:
        yield _panel(permohonan, "data", "Data asesi dan dokumen", badge="baca")
        yield _panel(permohonan, "fr-apl-02", "FR.APL.02", badge="baca")
    yield from _plans(permohonan, dossier)
    yield _panel(permohonan, **held_row(dossier))
    yield _panel(permohonan, **third_party_row(permohonan))
    if pre:
        for item in ("banding", "hak"):
            yield _tick(permohonan, record, item, own=own, lines=words.get(item, ()))
    yield _agreement(permohonan, dossier, seat)
    if pre and _ends_here(permohonan, dossier, seat):
        yield from _result(permohonan, dossier)
    if seat in recorded_meetings(dossier):  # the faces are there now
        yield _panel(permohonan, "rekaman", PANELS["rekaman"], badge="boleh menyusul")
    yield _panel(permohonan, "riwayat", "Riwayat", badge="baca")


def _tick(
    permohonan: Permohonan,
    record: MeetingRecord | None,
    item: str,
    *,
    own: bool,
    lines: tuple[str, ...] = (),
) -> Step:
    column = TICKS[item][0]
    at: datetime | None = getattr(record, column) if record is not None else None
    refused = item == "perekam" and at is None and refused_recording(permohonan, record)
    may = own and at is None and not refused
    if refused:
        lines = ("Asesi tidak mau direkam. Jangan nyalakan perekam.",)
    return Step(
        key=item,
        label=tick_label(item, permohonan.mode),
        todo=TODO[item],
        lines=lines if at is None else (),
        files=faces(permohonan) if item == "identitas" and own and at is None else (),
        done=at is not None,
        badge=hour(at) or ("asesi menolak" if refused else "belum"),
        tone="ok" if at is not None else "bad" if refused else "",
        tick=address("tick", permohonan, item=item) if may else "",
        undo=_undo(permohonan, item) if own and at is not None else "",
    )


def _undo(permohonan: Permohonan, item: str) -> str:
    if corrections.refusal(g.actor, permohonan, item) is not None:
        return ""
    return address("ask_take_back", permohonan, item=item)


def refused_recording(permohonan: Permohonan, record: MeetingRecord | None) -> bool:
    """The asesi did not consent and said that he does not want to be recorded."""
    consented = record is not None and record.recording_consent_at is not None
    return not consented and permohonan.refuses_recording


def consent_step(permohonan: Permohonan, record: MeetingRecord | None) -> Step:
    """The asesi agrees on his own phone; here it is only waited for."""
    at = record.recording_consent_at if record is not None else None
    refused = refused_recording(permohonan, record)
    return Step(
        key="rekam",
        label="Asesi setuju rapat direkam",
        todo="Minta asesi menyetujui perekaman di HP-nya",
        done=at is not None,
        badge=hour(at) or ("asesi menolak" if refused else "menunggu asesi"),
        tone="ok" if at is not None else "bad" if refused else "wait",
        href=address("recording_consent", permohonan),
        poll=at is None and not refused,
    )


def _panel(
    permohonan: Permohonan,
    key: str,
    label: str,
    *,
    todo: str = "",
    done: bool | None = None,
    badge: str = "",
    tone: str = "",
) -> Step:
    return Step(
        key=key,
        label=label,
        todo=todo,
        done=done,
        badge=badge or ("selesai" if done else "belum"),
        tone=tone or ("ok" if done else ""),
        href=address("case_panel", permohonan, key=key),
    )


def _review(permohonan: Permohonan, dossier: Dossier, seat: Booking) -> Step:
    review = dossier.reviews[-1] if dossier.reviews else None
    here = review if review is not None and review.booking_id == seat.id else None
    badge = "" if here is None else "dapat lanjut" if here.can_continue else "bukti kurang"
    return _panel(
        permohonan,
        "fr-apl-02",
        "Tinjau FR.APL.02",
        todo="Tinjau FR.APL.02 bersama asesi",
        done=here is not None,
        badge=badge,
        tone="wait" if here is not None and not here.can_continue else "",
    )


def _plans(permohonan: Permohonan, dossier: Dossier) -> Iterator[Step]:
    plan = dossier.plan
    yield _panel(
        permohonan,
        "fr-mapa",
        "Rencana asesmen, FR.MAPA",
        todo="Pilih rencana asesmen, FR.MAPA",
        done=plan is not None and plan.mapa_chosen_at is not None,
    )
    yield _panel(
        permohonan,
        "fr-ak-07",
        "FR.AK.07 penyesuaian yang wajar",
        todo="Isi FR.AK.07 bersama asesi",
        done=plan is not None and plan.fr_ak_07_at is not None,
    )


def _agreement(permohonan: Permohonan, dossier: Dossier, seat: Booking) -> Step:
    plan = dossier.plan
    by_asesi = dossier.signature(Form.FR_AK_01, Role.ASESI, attempt=permohonan.attempt)
    by_asesor = dossier.signature(Form.FR_AK_01, Role.ASESOR, attempt=permohonan.attempt)
    mine = by_asesor is not None and by_asesor.signer_id == seat.slot.asesor_id
    todo, badge = "Siapkan FR.AK.01, lalu tanda tangan", "belum"
    if plan is not None and plan.fr_ak_01_at is not None:
        todo = (
            "Tanda tangani FR.AK.01"
            if not mine
            else "Minta asesi menandatangani FR.AK.01 di HP-nya"
        )
        badge = "menunggu asesi" if mine else "menunggu Anda"
    return _panel(
        permohonan,
        "fr-ak-01",
        "FR.AK.01 ditandatangani keduanya",
        todo=todo,
        done=mine and by_asesi is not None,
        badge="" if mine and by_asesi is not None else badge,
        tone="" if mine and by_asesi is not None else ("wait" if badge != "belum" else ""),
    )


def _ends_here(permohonan: Permohonan, dossier: Dossier, seat: Booking) -> bool:
    """Evidence was asked for as often as it may be, and it is still not enough: the case goes to the pleno."""
    review = dossier.reviews[-1] if dossier.reviews else None
    stuck = review is not None and review.booking_id == seat.id and not review.can_continue
    return stuck and not evidence_may_be_asked(permohonan)


def evidence_may_be_asked(permohonan: Permohonan) -> bool:
    """Whether a round of further evidence is left; asked of the settings once a request."""
    if "rounds_left" not in g:
        g.rounds_left = evidence_rounds_left(permohonan, g.actor, "") is None
    return bool(g.rounds_left)


# --- An assessment under way -------------------------------------------------------------------------------------


def _assessing(permohonan: Permohonan, dossier: Dossier) -> Iterator[Step]:
    papers = instrument_row(permohonan)
    if papers is not None:
        yield _panel(permohonan, **papers)
    yield _panel(permohonan, **third_party_row(permohonan, due=True))
    yield from _result(permohonan, dossier)
    seat = dossier.booking
    record = seat.record if seat is not None else None
    ended = record.ended_at if record is not None else None
    yield Step(
        key="selesai",
        label="Rapat selesai",
        todo="Catat jam selesai rapat",
        done=ended is not None,
        badge=hour(ended) or "belum",
        tone="ok" if ended is not None else "",
        tick="" if ended or own_seat(permohonan) is None else address("end_meeting", permohonan),
        undo=_undo(permohonan, corrections.END) if ended else "",
    )
    for key, label in (("data", "Data asesi dan dokumen"), ("fr-apl-02", "FR.APL.02")):
        yield _panel(permohonan, key, label, badge="baca")
    yield from (replace(step, done=None) for step in _plans(permohonan, dossier))
    yield _panel(permohonan, "fr-ak-01", "FR.AK.01", badge="baca")
    if permohonan.mode is Mode.DARING or recorded_meetings(dossier):
        yield _panel(permohonan, "rekaman", "Rekaman dan tangkapan layar", badge="boleh menyusul")
    yield _panel(permohonan, "riwayat", "Riwayat", badge="baca")


def _result(permohonan: Permohonan, dossier: Dossier) -> Iterator[Step]:
    paper = dossier.fr_ak_02
    filled = sum(1 for unit in paper.units if unit.evidence) if paper is not None else 0
    recommended = paper.recommendation if paper is not None else None
    if dossier.returned_record is not None:
        yield rework_step(permohonan, dossier)
    yield Step(
        key="fr-ak-02",
        label="FR.AK.02 rekaman asesmen",
        todo="Isi FR.AK.02: bukti setiap unit dan rekomendasi",
        done=recommended is not None and bool(paper and paper.written_feedback),
        badge=recommended.label if recommended else f"{filled} unit terisi",
        tone="ok" if recommended is Answer.K else "wait" if recommended else "",
        href=address("fr_ak_02", permohonan),
    )
    yield _signing(permohonan, dossier, paper)


def _signing(permohonan: Permohonan, dossier: Dossier, paper: FrAk02 | None) -> Step:
    by_asesi = not unsigned(dossier, Role.ASESI)
    declined = paper is not None and paper.asesi_signature in ("refused", "unsigned")
    mine, seat = not unsigned(dossier, Role.ASESOR), dossier.booking
    second = seat is not None and seat.slot.jadwal.asesor_2_id is not None
    spoke = not second or dossier.countersignature is not None
    waits = [
        name
        for name, done in (("Anda", mine), ("asesi", by_asesi or declined), ("asesor 2", spoke))
        if not done
    ]
    badge = f"menunggu {listed(waits)}" if waits else ""
    if dossier.awaits_rework:
        badge = "sesudah perbaikan"
    return _panel(
        permohonan,
        "tanda-tangan",
        PANELS["tanda-tangan"],
        todo=f"Hasil asesmen menunggu tanda tangan {listed(waits)}"
        if mine and waits
        else "Tanda tangani hasil asesmen",
        done=paper is not None and not waits,
        badge=badge,
        tone="wait" if waits and paper is not None else "",
    )


# --- Before and after --------------------------------------------------------------------------------------------


def _reading(permohonan: Permohonan, dossier: Dossier) -> Iterator[Step]:
    for key, label in (
        ("data", "Data asesi dan dokumen"),
        ("fr-apl-02", "FR.APL.02"),
        ("fr-mapa", "Rencana asesmen, FR.MAPA"),
        ("fr-ak-07", "FR.AK.07"),
        ("fr-ak-01", "FR.AK.01"),
    ):
        yield _panel(permohonan, key, label, badge="baca")
    yield _panel(permohonan, **third_party_row(permohonan))
    if dossier.fr_ak_02 is not None:
        if instrument_row(permohonan) is not None:
            yield _panel(permohonan, "instrumen", "Instrumen asesmen, FR.IA", badge="baca")
        yield Step(
            key="fr-ak-02",
            label="FR.AK.02 rekaman asesmen",
            todo="",
            done=None,
            badge="terkirim" if dossier.fr_ak_02.frozen_at else "baca",
            href=address("fr_ak_02", permohonan),
        )
        yield _panel(permohonan, "tanda-tangan", PANELS["tanda-tangan"], badge="baca")
    yield from _recordings(permohonan, dossier)
    yield _panel(permohonan, "riwayat", "Riwayat", badge="baca")


def recorded_meetings(dossier: Dossier) -> list[Booking]:
    """Remote meetings of this attempt that really took place, so that they have a recording; oldest first."""
    return [
        seat
        for seat in dossier.bookings
        if seat.attempt == dossier.permohonan.attempt
        and seat.cancelled_at is None
        and is_held_remotely(seat)
    ]


def _recordings(permohonan: Permohonan, dossier: Dossier) -> Iterator[Step]:
    held = recorded_meetings(dossier)
    if not held:
        return
    mine = [seat for seat in held if seat.slot.asesor_id == g.actor.id]
    missing = sum(bool(still_to_hand_in(seat)) for seat in mine)
    yield _panel(
        permohonan,
        "rekaman",
        "Rekaman dan tangkapan layar",
        todo="Lengkapi rekaman dan tangkapan layar",
        done=not missing,
        badge=f"{missing} rapat belum lengkap" if missing else "lengkap",
        tone="wait" if missing else "ok",
    )
