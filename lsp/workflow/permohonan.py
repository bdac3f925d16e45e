"""The workflow of a permohonan, one per ID Izin: the whole procedure in one table.

Printed into docs/workflow.md by `flask lsp docs`. Sources: SE.007/BNSP/V/2023 and the procedures described in the
glossary; windows, quorum and rounds are settings, never numbers here.
"""

from __future__ import annotations

from datetime import datetime

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Permohonan, PermohonanEvent
from lsp.vocabulary import Answer, Labelled, MeetingKind, PermohonanStatus, Role
from lsp.workflow import duty
from lsp.workflow.effects import (
    assessment as and_assessment,
    certificate as and_certificate,
    common as and_tell,
    decision as and_decision,
    meeting as and_meeting,
    payment as and_payment,
    registration as and_registration,
)
from lsp.workflow.guards import (
    after_decision,
    another_pleno,
    assessment,
    certificate,
    decision,
    meeting,
    payment,
    pleno_day,
    reassessment,
    registration,
)
from lsp.workflow.machine import LEAST_GROUNDS, LEAST_REASON, Machine, NoteGiven, Transition

S = PermohonanStatus
ASESI, ADMIN, ASESOR = Role.ASESI, Role.ADMIN, Role.ASESOR
TIM_TEKNIS, KETUA, SYSTEM = Role.TIM_TEKNIS, Role.KETUA, Role.SYSTEM
BEFORE_RECOMMENDED = (
    S.DRAFT, S.SUBMITTED, S.RETURNED, S.VERIFIED, S.INVOICED, S.PAID, S.PRE_SCHEDULED, S.EVIDENCE_NEEDED,
    S.READY, S.SCHEDULED, S.IN_ASSESSMENT,
)  # fmt: skip
_BOOKING_GUARDS = (
    payment.difference_paid,
    meeting.no_change_of_mode_waits,
    meeting.slot_not_over,
    meeting.remote_permission_in_force,
    meeting.meeting_link_set,
    meeting.asesor_is_not_asesi,
    after_decision.asesor_new_after_banding,
    after_decision.asesor_named_by_banding,
    reassessment.another_asesor_assesses,
    meeting.asesor_eligible,
    meeting.asesor_not_off,
    meeting.asesor_has_time_that_day,
    meeting.no_clash,
)
#: Also of a difference (PAID, READY) and a re-assessment (NOT_YET_COMPETENT). These never lapse: unpaid, they only
#: keep the case from booking or from being assessed again.
_PAYMENT_GUARDS = (payment.amount_covers_invoice, payment.proof_or_reason)
_PAYMENT_EFFECTS = (and_payment.mark_paid, and_tell.forget_reminders)
_CHANGE_MODE_GUARDS = (payment.change_agreed_by_asesi, payment.fee_of_other_mode_set)
_BOOKING_EFFECTS = (and_meeting.invite, and_meeting.report_peserta_to_bnsp)
_MEETING_RECORD = (meeting.both_attended, meeting.conflict_declared, meeting.remote_record_kept)
_RECOMMENDED_EFFECTS = (
    and_assessment.freeze_papers,
    and_meeting.close_seat,
    and_assessment.report_result_to_bnsp,
    and_assessment.tell_recommended,
)
_CHAIR = (
    duty.chair_of_the_pleno,
    duty.not_asesor_of_case,
    duty.not_verifier_in_pleno,
    duty.not_panel_of_banding,
)
_SENT_BACK_EFFECTS = (
    and_decision.close_pleno_case("sent_back"),
    and_assessment.take_back_result("sent_back"),
    and_assessment.open_new_edition,
    and_assessment.reopen_seat,
    and_assessment.tell_asesor_sent_back,
)

T = Transition[Permohonan]

TRANSITIONS: tuple[T, ...] = (
    # --- 1 Pendaftaran ---------------------------------------------------------------------------------------
    T(name="submit", label="Kirim permohonan",
      source=(S.DRAFT, S.RETURNED), target=S.SUBMITTED, roles=(ASESI,),
      guards=(registration.skema_open, registration.id_izin_well_formed, registration.id_izin_held_by_no_other,
              registration.fr_apl_01_complete, registration.old_enough, registration.education_rule_claimed,
              registration.fr_apl_02_answered, registration.required_documents_present,
              registration.failed_documents_replaced, registration.failed_sections_changed,
              registration.consents_given, registration.fr_apl_01_signed, registration.fr_apl_02_signed),
      fills=(and_registration.mark_submitted,),
      effects=(and_registration.open_checklist, and_tell.siki(20),
               and_registration.tell_admin, and_registration.tell_received)),
    T(name="return_for_repair", label="Minta perbaikan",
      source=(S.SUBMITTED,), target=S.RETURNED, roles=(ADMIN,),
      guards=(registration.every_required_item_judged, registration.failing_items_named),
      effects=(and_registration.seal_what_was_judged, and_registration.ask_for_repair_at_siki,
               and_registration.set_repair_date, and_registration.tell_what_to_repair)),
    T(name="verify", label="Nyatakan lengkap",
      source=(S.SUBMITTED,), target=S.VERIFIED, roles=(ADMIN,),
      guards=(registration.every_required_item_judged, registration.all_required_items_meet,
              registration.repairs_seen_at_siki, registration.photo_is_a_picture, registration.met_alternative_recorded,
              registration.apl_01_accepted_by_admin),
      fills=(and_registration.mark_verified,),
      effects=(and_tell.siki(10), and_tell.notify("permohonan_verified"))),
    T(name="reject", label="Tolak",
      source=(S.SUBMITTED,), target=S.REJECTED, roles=(ADMIN,),
      guards=(NoteGiven(LEAST_GROUNDS),),
      effects=(and_tell.siki(90), and_tell.notify("permohonan_rejected"))),
    T(name="invoice", label="Kirim tagihan",
      source=(S.VERIFIED,), target=S.INVOICED, roles=(ADMIN, SYSTEM),
      guards=(payment.fee_in_force,),
      effects=(and_payment.make_invoice, and_tell.siki(30))),
    T(name="confirm_payment", label="Konfirmasi lunas",
      source=(S.INVOICED,), target=S.PAID, roles=(ADMIN, SYSTEM),
      guards=_PAYMENT_GUARDS, effects=(*_PAYMENT_EFFECTS, and_tell.siki(31))),
    T(name="confirm_payment", label="Konfirmasi lunas",
      source=(S.PAID,), target=S.PAID, roles=(ADMIN, SYSTEM),
      guards=_PAYMENT_GUARDS, effects=_PAYMENT_EFFECTS),
    T(name="confirm_payment", label="Konfirmasi lunas",
      source=(S.READY,), target=S.READY, roles=(ADMIN, SYSTEM),
      guards=_PAYMENT_GUARDS, effects=_PAYMENT_EFFECTS),
    T(name="confirm_payment", label="Konfirmasi lunas",
      source=(S.NOT_YET_COMPETENT,), target=S.NOT_YET_COMPETENT, roles=(ADMIN, SYSTEM),
      guards=_PAYMENT_GUARDS, effects=_PAYMENT_EFFECTS),
    T(name="note_part_payment", label="Catat pembayaran kurang",
      source=(S.INVOICED,), target=S.INVOICED, roles=(ADMIN,),
      guards=(payment.part_of_invoice_received,), effects=(and_payment.ask_for_rest,)),
    T(name="note_part_payment", label="Catat pembayaran kurang",
      source=(S.PAID,), target=S.PAID, roles=(ADMIN,),
      guards=(payment.part_of_invoice_received,), effects=(and_payment.ask_for_rest,)),
    T(name="note_part_payment", label="Catat pembayaran kurang",
      source=(S.READY,), target=S.READY, roles=(ADMIN,),
      guards=(payment.part_of_invoice_received,), effects=(and_payment.ask_for_rest,)),
    T(name="note_part_payment", label="Catat pembayaran kurang",
      source=(S.NOT_YET_COMPETENT,), target=S.NOT_YET_COMPETENT, roles=(ADMIN,),
      guards=(payment.part_of_invoice_received,), effects=(and_payment.ask_for_rest,)),
    T(name="lapse", label="Hangus",
      source=(S.INVOICED,), target=S.LAPSED, roles=(SYSTEM,),
      guards=(payment.due_date_passed, payment.no_proof_waits, payment.nothing_received),
      effects=(and_payment.mark_lapsed, and_tell.forget_reminders, and_tell.siki_end_if_begun)),
    T(name="extend", label="Perpanjang tagihan",
      source=(S.INVOICED, S.LAPSED), target=S.INVOICED, roles=(ADMIN,),
      guards=(payment.extended_never_before, payment.lapsed_not_too_long_ago),
      effects=(and_tell.forget_reminders, and_payment.extend_invoice)),
    T(name="change_mode", label="Ganti ke luring / daring",
      source=(S.PAID,), target=S.PAID, roles=(ADMIN,),
      guards=_CHANGE_MODE_GUARDS, effects=(and_payment.change_mode,)),
    T(name="change_mode", label="Ganti ke luring / daring",
      source=(S.READY,), target=S.READY, roles=(ADMIN,),
      guards=_CHANGE_MODE_GUARDS, effects=(and_payment.change_mode,)),
    # --- 2 Pra-asesmen ---------------------------------------------------------------------------------------
    T(name="book_pre", label="Pesan pra-asesmen",
      source=(S.PAID,), target=S.PRE_SCHEDULED, roles=(ASESI, ADMIN, ASESOR),
      duties=(duty.asesor_moves_only_his_own,),
      guards=(meeting.seat_held(MeetingKind.PRE_ASSESSMENT), *_BOOKING_GUARDS),
      effects=_BOOKING_EFFECTS),
    T(name="cancel_pre", label="Lepas jadwal",
      source=(S.PRE_SCHEDULED,), target=S.PAID, roles=(ASESI, ADMIN, ASESOR),
      duties=(duty.holder_of_the_meeting,), guards=(meeting.may_still_move, NoteGiven(LEAST_REASON)),
      effects=(and_meeting.count_move, and_meeting.free_seat)),
    T(name="absent_pre", label="Tidak hadir",
      source=(S.PRE_SCHEDULED,), target=S.PAID, roles=(ASESOR, ADMIN),
      duties=(duty.asesor_of_the_slot_or_admin,),
      guards=(meeting.waited_long_enough, meeting.absent_party_recorded),
      effects=(and_meeting.count_absence, and_meeting.tell_missed, and_meeting.close_seat)),
    T(name="drop_pre", label="Gugur",
      source=(S.PRE_SCHEDULED,), target=S.DROPPED, roles=(ASESOR, ADMIN),
      duties=(duty.asesor_of_the_slot_or_admin,),
      guards=(meeting.waited_long_enough, meeting.absent_party_recorded, meeting.asesi_absent_again),
      effects=(and_meeting.count_absence, and_meeting.close_seat, and_payment.void_open_invoice,
               and_tell.siki(90), and_meeting.tell_dropped_for_absence)),
    T(name="ask_evidence", label="Minta bukti tambahan",
      source=(S.PRE_SCHEDULED,), target=S.EVIDENCE_NEEDED, roles=(ASESOR,),
      duties=(duty.asesor_of_the_slot,),
      guards=(meeting.apl_02_reviewed(can_continue=False), meeting.evidence_rounds_left),
      effects=(and_meeting.ask_for_evidence, and_meeting.close_seat)),
    T(name="add_evidence", label="Kirim bukti tambahan",
      source=(S.EVIDENCE_NEEDED,), target=S.PAID, roles=(ASESI,),
      guards=(meeting.new_evidence_added,), effects=(and_registration.tell_admin_evidence,)),
    T(name="recommend_not_continue", label="Usulkan belum kompeten",
      source=(S.PRE_SCHEDULED,), target=S.RECOMMENDED, roles=(ASESOR,),
      duties=(duty.asesor_of_the_slot,),
      guards=(meeting.evidence_rounds_used_up, meeting.apl_02_reviewed(can_continue=False),
              assessment.asesor_one, assessment.reworked_since_sent_back, assessment.recommendation_is_bk,
              assessment.recommendation_reasoned,
              assessment.written_feedback_given, assessment.asesi_signed_or_declined, assessment.asesor_signed),
      effects=_RECOMMENDED_EFFECTS),
    T(name="make_ready", label="Lanjut ke asesmen",
      source=(S.PRE_SCHEDULED,), target=S.READY, roles=(ASESOR,),
      duties=(duty.asesor_of_the_slot,),
      guards=(*_MEETING_RECORD, meeting.apl_02_reviewed(can_continue=True), meeting.mapa_chosen,
              meeting.planned_methods_permitted, meeting.fr_ak_07_filled, meeting.appeal_right_explained,
              meeting.fr_ak_01_signed),
      effects=(and_meeting.note_start, and_meeting.close_seat, and_meeting.tell_ready)),
    # --- 3 Asesmen -------------------------------------------------------------------------------------------
    T(name="book_assessment", label="Pesan asesmen",
      source=(S.READY,), target=S.SCHEDULED, roles=(ASESI, ADMIN, ASESOR),
      duties=(duty.asesor_moves_only_his_own,),
      guards=(meeting.seat_held(MeetingKind.ASSESSMENT), *_BOOKING_GUARDS, meeting.same_asesor_as_before,
              meeting.same_jadwal_as_before, meeting.planned_methods_permitted),
      effects=_BOOKING_EFFECTS),
    T(name="cancel_assessment", label="Lepas jadwal",
      source=(S.SCHEDULED,), target=S.READY, roles=(ASESI, ADMIN, ASESOR),
      duties=(duty.holder_of_the_meeting,), guards=(meeting.may_still_move, NoteGiven(LEAST_REASON)),
      effects=(and_meeting.count_move, and_meeting.free_seat)),
    T(name="absent_assessment", label="Tidak hadir",
      source=(S.SCHEDULED,), target=S.READY, roles=(ASESOR, ADMIN),
      duties=(duty.asesor_of_the_slot_or_admin,),
      guards=(meeting.waited_long_enough, meeting.absent_party_recorded),
      effects=(and_meeting.count_absence, and_meeting.tell_missed, and_meeting.close_seat)),
    T(name="drop_assessment", label="Gugur",
      source=(S.SCHEDULED,), target=S.DROPPED, roles=(ASESOR, ADMIN),
      duties=(duty.asesor_of_the_slot_or_admin,),
      guards=(meeting.waited_long_enough, meeting.absent_party_recorded, meeting.asesi_absent_again),
      effects=(and_meeting.count_absence, and_meeting.close_seat, and_payment.void_open_invoice,
               and_tell.siki(90), and_meeting.tell_dropped_for_absence)),
    T(name="start", label="Mulai asesmen",
      source=(S.SCHEDULED,), target=S.IN_ASSESSMENT, roles=(ASESOR,),
      duties=(duty.asesor_of_the_slot,),
      guards=(meeting.fr_ak_01_signed, meeting.planned_methods_permitted, *_MEETING_RECORD),
      effects=(and_meeting.note_start,)),
    T(name="halt", label="Hentikan sementara",
      source=(S.IN_ASSESSMENT,), target=S.READY, roles=(ASESOR, ADMIN),
      duties=(duty.asesor_of_the_slot_or_admin,), guards=(assessment.incident_recorded,),
      effects=(and_meeting.close_seat,)),
    T(name="recommend", label="Kirim rekomendasi",
      source=(S.IN_ASSESSMENT,), target=S.RECOMMENDED, roles=(ASESOR,),
      duties=(duty.asesor_of_the_slot,),
      guards=(assessment.asesor_one, assessment.reworked_since_sent_back,
              assessment.each_instrument_complete, assessment.every_unit_has_evidence,
              assessment.evidence_as_found, assessment.recommendation_reasoned, assessment.written_feedback_given,
              assessment.asesi_signed_or_declined, assessment.asesor_signed, assessment.second_asesor_spoke,
              assessment.meeting_ended),
      effects=_RECOMMENDED_EFFECTS),
    T(name="send_back", label="Kembalikan ke asesor",
      source=(S.RECOMMENDED,), target=S.IN_ASSESSMENT, roles=(TIM_TEKNIS,),
      duties=_CHAIR,
      guards=(decision.assessment_was_held, pleno_day.day_of_pleno_fits, decision.someone_disagrees,
              NoteGiven(LEAST_GROUNDS)),
      effects=_SENT_BACK_EFFECTS),
    # After `recommend_not_continue` nothing was planned: the asesor goes on where he stopped, in the pre-assessment.
    T(name="send_back_pre", label="Kembalikan ke pra-asesmen",
      source=(S.RECOMMENDED,), target=S.PRE_SCHEDULED, roles=(TIM_TEKNIS,),
      duties=_CHAIR,
      guards=(decision.only_pre_assessment_was_held, pleno_day.day_of_pleno_fits, decision.someone_disagrees,
              NoteGiven(LEAST_GROUNDS)),
      effects=_SENT_BACK_EFFECTS),
    # --- 4 Pasca-asesmen -------------------------------------------------------------------------------------
    T(name="decide_competent", label="Tetapkan kompeten",
      source=(S.RECOMMENDED,), target=S.COMPETENT, roles=(TIM_TEKNIS,),
      duties=_CHAIR,
      guards=(decision.assessment_was_held, pleno_day.day_of_pleno_fits, decision.quorum_and_rule_hold,
              decision.recommendation_is(Answer.K), decision.file_complete),
      fills=(and_decision.record_decision(Answer.K),),
      effects=(and_decision.close_pleno_case("K"), and_assessment.settle_result_at_bnsp,
               and_decision.take_both_numbers, and_decision.tell_result)),
    T(name="decide_not_yet", label="Tetapkan belum kompeten",
      source=(S.RECOMMENDED,), target=S.NOT_YET_COMPETENT, roles=(TIM_TEKNIS,),
      duties=_CHAIR,
      guards=(pleno_day.day_of_pleno_fits, decision.quorum_and_rule_hold, decision.recommendation_is(Answer.BK),
              decision.file_complete),
      fills=(and_decision.record_decision(Answer.BK),),
      effects=(and_decision.close_pleno_case("BK"), and_assessment.settle_result_at_bnsp,
               and_decision.tell_result)),
    T(name="change_pleno", label="Pindahkan ke rapat pleno lain",
      source=(S.RECOMMENDED,), target=S.RECOMMENDED, roles=(ADMIN,),
      guards=(another_pleno.pleno_cannot_settle, NoteGiven(LEAST_GROUNDS)),
      effects=(and_decision.close_pleno_case("removed"),)),
    T(name="appeal", label="Ajukan banding",
      source=(S.NOT_YET_COMPETENT,), target=S.APPEALED, roles=(ASESI,),
      guards=(after_decision.inside_appeal_window, after_decision.first_appeal_of_decision, NoteGiven(LEAST_GROUNDS)),
      effects=(and_decision.open_banding, and_decision.tell_appeal_filed)),
    T(name="uphold", label="Banding ditolak",
      source=(S.APPEALED,), target=S.NOT_YET_COMPETENT, roles=(SYSTEM,)),

    T(name="grant_reassessment", label="Banding: asesmen ulang",
      source=(S.APPEALED,), target=S.READY, roles=(SYSTEM,),
      effects=(and_assessment.take_back_result("banding"), and_decision.open_attempt, and_payment.void_open_invoice)),
    T(name="grant_redecision", label="Banding: penetapan ulang",
      source=(S.APPEALED,), target=S.RECOMMENDED, roles=(SYSTEM,),
      guards=(after_decision.enough_others_for_redecision,),
      effects=(and_decision.clear_decision, and_payment.void_unpaid_reassessment)),
    T(name="reassess", label="Asesmen ulang",
      source=(S.NOT_YET_COMPETENT,), target=S.READY, roles=(ADMIN,),
      guards=(after_decision.reassessment_left, after_decision.reassessment_paid),
      effects=(and_decision.open_attempt, and_decision.tell_reassessment)),
    T(name="close_not_yet", label="Tutup",
      source=(S.NOT_YET_COMPETENT,), target=S.CLOSED_NOT_YET, roles=(SYSTEM, ASESI),
      guards=(after_decision.windows_over_or_declined,),
      effects=(and_payment.void_open_invoice, and_decision.report_and_close)),
    T(name="request_blanko", label="Ajukan blangko",
      source=(S.COMPETENT,), target=S.BLANKO_REQUESTED, roles=(ADMIN,),
      guards=(certificate.no_annulment_waits, decision.sk_signed),
      effects=(and_certificate.ask_bnsp_for_blanko,)),
    T(name="refuse_blanko", label="Blangko ditolak",
      source=(S.BLANKO_REQUESTED,), target=S.COMPETENT, roles=(ADMIN, SYSTEM),
      guards=(NoteGiven(LEAST_REASON),), effects=(and_certificate.tell_admin_blanko_refused,)),
    T(name="receive_blanko", label="Terima nomor blangko",
      source=(S.BLANKO_REQUESTED,), target=S.BLANKO_RECEIVED, roles=(ADMIN, SYSTEM),
      guards=(certificate.no_annulment_waits, certificate.blanko_for_this_nik),
      effects=(and_decision.queue_lpjk_reports,)),
    T(name="correct_numbers", label="Betulkan nomor",
      source=(S.BLANKO_RECEIVED,), target=S.BLANKO_RECEIVED, roles=(ADMIN,), guards=(NoteGiven(LEAST_REASON),)),
    T(name="correct_numbers", label="Betulkan nomor",
      source=(S.RECORDED,), target=S.RECORDED, roles=(ADMIN,), guards=(NoteGiven(LEAST_REASON),)),
    T(name="record", label="Catat nomor registrasi LPJK",
      source=(S.BLANKO_RECEIVED,), target=S.RECORDED, roles=(ADMIN, SYSTEM),
      guards=(certificate.no_annulment_waits, certificate.lpjk_answer_recorded)),
    T(name="annul", label="Batalkan penetapan",
      source=(S.COMPETENT, S.BLANKO_REQUESTED, S.BLANKO_RECEIVED, S.RECORDED), target=S.RECOMMENDED,
      roles=(KETUA,), guards=(certificate.annulment_proposed, NoteGiven(LEAST_GROUNDS)),
      effects=(and_decision.void_numbers, and_decision.queue_annulment_letters)),
    T(name="issue", label="Terbitkan sertifikat",
      source=(S.RECORDED,), target=S.ISSUED, roles=(KETUA,),
      duties=(duty.not_involved_signer,),
      guards=(certificate.no_annulment_waits, certificate.blanko_still_reserved, certificate.can_be_printed),
      effects=(and_certificate.make_certificate, and_certificate.close_at_siki, and_certificate.tell_issued)),
    # --- leaving ---------------------------------------------------------------------------------------------
    T(name="withdraw", label="Mengundurkan diri",
      source=BEFORE_RECOMMENDED, target=S.WITHDRAWN, roles=(ASESI, ADMIN),
      guards=(payment.NoteUnlessAsesi(LEAST_REASON),),
      effects=(and_meeting.free_seat, and_payment.void_open_invoice, and_tell.forget_reminders,
               and_tell.siki_end_if_begun, and_tell.notify("permohonan_withdrawn"))),
    T(name="drop_idle", label="Gugur karena diam",
      source=(S.DRAFT, S.RETURNED, S.EVIDENCE_NEEDED, S.PAID, S.READY), target=S.DROPPED, roles=(SYSTEM,),
      guards=(payment.idle_long_enough, payment.idle_reminders_sent, payment.no_proof_waits),
      effects=(and_payment.void_open_invoice, and_tell.siki_end_if_begun,
               and_tell.notify("permohonan_dropped"))),
)  # fmt: skip


def acting_role(row: T, case: Permohonan, actor: Actor) -> Role | None:
    """The asesi of a case acts as its asesi and in no other role; everybody else in a staff role he holds."""
    if actor.id is not None and actor.id == case.asesi_id:
        return Role.ASESI if Role.ASESI in row.roles and Role.ASESI in actor.roles else None
    return next(
        (role for role in row.roles if role is not Role.ASESI and role in actor.roles), None
    )


def record(
    case: Permohonan,
    row: T,
    source: Labelled,
    actor: Actor,
    role: Role,
    note: str,
    moment: datetime,
) -> None:
    """The line of the history that people read; a case that moved is not silent, so its reminders begin anew."""
    case.idle_reminders = 0
    db.session.add(
        PermohonanEvent(
            permohonan_id=case.id,
            at=moment,
            transition=row.name,
            source=PermohonanStatus(source.value),
            target=PermohonanStatus(row.target.value),
            actor_id=actor.id,
            actor_role=role,
            attempt=case.attempt,
            note=note.strip(),
        )
    )


PERMOHONAN: Machine[Permohonan] = Machine(
    name="permohonan",
    statuses=PermohonanStatus,
    transitions=TRANSITIONS,
    acting_role=acting_role,
    duties=(),
    record=record,
)
