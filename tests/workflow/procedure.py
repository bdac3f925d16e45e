"""What each step of the procedure asks and does, as people wrote it down; `test_table.py` holds our table to it.

`barred`: who of this very case may not; `only if`: what must hold; `then`: what else is written, in this order. A
step that stands in the table twice names its state. Ask the certification manager before changing a line here.
"""

from __future__ import annotations

from dataclasses import dataclass

RULES = """
submit
    only if: skema_open id_izin_well_formed id_izin_held_by_no_other fr_apl_01_complete old_enough
             education_rule_claimed fr_apl_02_answered required_documents_present failed_documents_replaced
             failed_sections_changed consents_given fr_apl_01_signed fr_apl_02_signed previous_certificate_named
    then:    mark_submitted open_checklist siki_20 tell_admin tell_received
return_for_repair
    only if: every_required_item_judged failing_items_named
    then:    seal_what_was_judged ask_for_repair_at_siki set_repair_date tell_what_to_repair
verify
    only if: every_required_item_judged all_required_items_meet repairs_seen_at_siki photo_is_a_picture
             met_alternative_recorded apl_01_accepted_by_admin
    then:    mark_verified siki_10 notify_permohonan_verified
reject
    only if: note_20
    then:    siki_90 notify_permohonan_rejected
invoice
    only if: fee_in_force
    then:    make_invoice siki_30
confirm_payment INVOICED
    only if: amount_covers_invoice proof_or_reason
    then:    mark_paid forget_reminders siki_31
confirm_payment PAID
    only if: amount_covers_invoice proof_or_reason
    then:    mark_paid forget_reminders
confirm_payment READY
    only if: amount_covers_invoice proof_or_reason
    then:    mark_paid forget_reminders
confirm_payment NOT_YET_COMPETENT
    only if: amount_covers_invoice proof_or_reason
    then:    mark_paid forget_reminders
note_part_payment INVOICED
    only if: part_of_invoice_received
    then:    ask_for_rest
note_part_payment PAID
    only if: part_of_invoice_received
    then:    ask_for_rest
note_part_payment READY
    only if: part_of_invoice_received
    then:    ask_for_rest
note_part_payment NOT_YET_COMPETENT
    only if: part_of_invoice_received
    then:    ask_for_rest
lapse
    only if: due_date_passed no_proof_waits nothing_received
    then:    mark_lapsed forget_reminders siki_end_if_begun
extend
    only if: extended_never_before lapsed_not_too_long_ago
    then:    forget_reminders extend_invoice
change_mode PAID
    only if: change_agreed_by_asesi fee_of_other_mode_set
    then:    change_mode
change_mode READY
    only if: change_agreed_by_asesi fee_of_other_mode_set
    then:    change_mode
book_pre
    barred:  asesor_moves_only_his_own
    only if: seat_held_pre_assessment difference_paid no_change_of_mode_waits slot_not_over
             remote_permission_in_force meeting_link_set asesor_is_not_asesi asesor_new_after_banding
             asesor_named_by_banding another_asesor_assesses asesor_eligible asesor_not_off
             asesor_has_time_that_day no_clash
    then:    invite report_peserta_to_bnsp
cancel_pre
    barred:  holder_of_the_meeting
    only if: may_still_move note_10
    then:    count_move free_seat
absent_pre
    barred:  asesor_of_the_slot_or_admin
    only if: waited_long_enough absent_party_recorded
    then:    count_absence tell_missed close_seat
drop_pre
    barred:  asesor_of_the_slot_or_admin
    only if: waited_long_enough absent_party_recorded asesi_absent_again
    then:    count_absence close_seat void_open_invoice siki_90 tell_dropped_for_absence
ask_evidence
    barred:  asesor_of_the_slot
    only if: apl_02_reviewed_cannot_continue evidence_rounds_left
    then:    ask_for_evidence close_seat
add_evidence
    only if: new_evidence_added
    then:    tell_admin_evidence
recommend_not_continue
    barred:  asesor_of_the_slot
    only if: evidence_rounds_used_up apl_02_reviewed_cannot_continue asesor_one
             reworked_since_sent_back recommendation_is_bk recommendation_reasoned written_feedback_given
             asesi_signed_or_declined asesor_signed
    then:    freeze_papers close_seat report_result_to_bnsp tell_recommended
make_ready
    barred:  asesor_of_the_slot
    only if: both_attended conflict_declared remote_record_kept apl_02_reviewed_can_continue mapa_chosen
             planned_methods_permitted fr_ak_07_filled appeal_right_explained fr_ak_01_signed
    then:    note_start close_seat tell_ready
book_assessment
    barred:  asesor_moves_only_his_own
    only if: seat_held_assessment difference_paid no_change_of_mode_waits slot_not_over
             remote_permission_in_force meeting_link_set
             asesor_is_not_asesi asesor_new_after_banding asesor_named_by_banding
             another_asesor_assesses asesor_eligible
             asesor_not_off asesor_has_time_that_day no_clash same_asesor_as_before same_jadwal_as_before
             planned_methods_permitted
    then:    invite report_peserta_to_bnsp
cancel_assessment
    barred:  holder_of_the_meeting
    only if: may_still_move note_10
    then:    count_move free_seat
absent_assessment
    barred:  asesor_of_the_slot_or_admin
    only if: waited_long_enough absent_party_recorded
    then:    count_absence tell_missed close_seat
drop_assessment
    barred:  asesor_of_the_slot_or_admin
    only if: waited_long_enough absent_party_recorded asesi_absent_again
    then:    count_absence close_seat void_open_invoice siki_90 tell_dropped_for_absence
start
    barred:  asesor_of_the_slot
    only if: fr_ak_01_signed planned_methods_permitted both_attended conflict_declared remote_record_kept
    then:    note_start
halt
    barred:  asesor_of_the_slot_or_admin
    only if: incident_recorded
    then:    close_seat
recommend
    barred:  asesor_of_the_slot
    only if: asesor_one reworked_since_sent_back each_instrument_complete every_unit_has_evidence evidence_as_found
             recommendation_reasoned written_feedback_given asesi_signed_or_declined asesor_signed
             second_asesor_spoke meeting_ended
    then:    freeze_papers close_seat report_result_to_bnsp tell_recommended
send_back
    barred:  chair_of_the_pleno not_asesor_of_case not_verifier_in_pleno not_panel_of_banding
    only if: assessment_was_held day_of_pleno_fits someone_disagrees note_20
    then:    close_pleno_case_sent_back take_back_result_sent_back open_new_edition reopen_seat tell_asesor_sent_back
send_back_pre
    barred:  chair_of_the_pleno not_asesor_of_case not_verifier_in_pleno not_panel_of_banding
    only if: only_pre_assessment_was_held day_of_pleno_fits someone_disagrees note_20
    then:    close_pleno_case_sent_back take_back_result_sent_back open_new_edition reopen_seat tell_asesor_sent_back
decide_competent
    barred:  chair_of_the_pleno not_asesor_of_case not_verifier_in_pleno not_panel_of_banding
    only if: assessment_was_held day_of_pleno_fits quorum_and_rule_hold recommendation_is_K file_complete
    then:    record_decision_K close_pleno_case_K settle_result_at_bnsp take_both_numbers tell_result
decide_not_yet
    barred:  chair_of_the_pleno not_asesor_of_case not_verifier_in_pleno not_panel_of_banding
    only if: day_of_pleno_fits quorum_and_rule_hold recommendation_is_BK file_complete
    then:    record_decision_BK close_pleno_case_BK settle_result_at_bnsp tell_result
change_pleno
    only if: pleno_cannot_settle note_20
    then:    close_pleno_case_removed
appeal
    only if: inside_appeal_window first_appeal_of_decision note_20
    then:    open_banding tell_appeal_filed
uphold
grant_reassessment
    then:    take_back_result_banding open_attempt void_open_invoice
grant_redecision
    only if: enough_others_for_redecision
    then:    clear_decision void_unpaid_reassessment
reassess
    only if: reassessment_left reassessment_paid
    then:    open_attempt tell_reassessment
close_not_yet
    only if: windows_over_or_declined
    then:    void_open_invoice report_and_close
request_blanko
    only if: no_annulment_waits sk_signed
    then:    ask_bnsp_for_blanko
refuse_blanko
    only if: note_10
    then:    blanko_request_refused tell_admin_blanko_refused
receive_blanko
    only if: no_annulment_waits blanko_for_this_nik
    then:    blanko_request_received queue_lpjk_reports queue_pencatatan
correct_numbers BLANKO_RECEIVED
    only if: note_10
correct_numbers RECORDED
    only if: note_10
record
    only if: no_annulment_waits lpjk_answer_recorded
    then:    settle_pencatatan
annul
    only if: annulment_proposed note_20
    then:    blanko_request_annulled void_numbers take_back_pencatatan queue_annulment_letters
issue
    barred:  not_involved_signer
    only if: no_annulment_waits blanko_still_reserved can_be_printed previous_certificate_can_be_followed
    then:    make_certificate move_previous_certificate close_at_siki tell_issued
withdraw
    only if: note_10_unless_asesi
    then:    free_seat void_open_invoice forget_reminders siki_end_if_begun notify_permohonan_withdrawn
drop_idle
    only if: idle_long_enough idle_reminders_sent no_proof_waits
    then:    void_open_invoice siki_end_if_begun notify_permohonan_dropped
"""

#: The steps of a banding, likewise; `permohonan_…` is the step of its permohonan in the same transaction.
BANDING_RULES = """
accept
    only if: filed_inside_the_window
    then:    number_banding tell_accepted
ask_completion
    only if: completion_asked_never_before completion_date_given note_20
    then:    keep_what_is_asked tell_what_to_complete
complete
    only if: completion_date_not_passed note_20
    then:    keep_completion tell_completed
expire
    only if: completion_date_passed
    then:    permohonan_uphold tell_dismissed
name_panel
    only if: panel_large_enough panel_not_involved
    then:    tell_panel_named
examine
    barred:  member_of_the_panel
    only if: every_member_found
uphold
    barred:  member_of_the_panel
    only if: outcome_proposed_is_uphold outcome_reasoned every_member_found every_member_signed
    then:    number_letter permohonan_uphold tell_answered
reassess
    barred:  member_of_the_panel
    only if: outcome_proposed_is_reassess asesor_outside_named outcome_reasoned every_member_found
             every_member_signed
    then:    number_letter permohonan_grant_reassessment tell_answered
redecide
    barred:  member_of_the_panel
    only if: outcome_proposed_is_redecide others_left_to_decide outcome_reasoned every_member_found
             every_member_signed
    then:    number_letter permohonan_grant_redecision tell_answered
withdraw_banding
    then:    permohonan_uphold tell_withdrawn
"""

#: The steps of a certificate after its issue (workflow 6).
CERTIFICATE_RULES = """
suspend
    barred:  holder_is_another
    only if: proposed_is_suspend holder_was_heard proposed_by_another note_20
    then:    approve_proposal
reinstate
    barred:  holder_is_another
    only if: proposed_is_reinstate proposed_by_another note_20
    then:    approve_proposal
revoke
    barred:  holder_is_another
    only if: proposed_is_revoke holder_was_heard proposed_by_another note_20
    then:    approve_proposal
expire
    only if: last_day_passed
    then:    close_open_proposal
replace
    only if: successor_issued no_proposal_waits
renew
    only if: successor_issued no_proposal_waits
"""


@dataclass(frozen=True)
class Rules:
    """The rules of one step. Guards and duties in any order: they must all hold."""

    barred: frozenset[str]
    only_if: frozenset[str]
    then: tuple[str, ...]


def read_rules(text: str = RULES) -> dict[str, Rules]:
    """Step -> its rules."""
    found: dict[str, dict[str, list[str]]] = {}
    words: list[str] = []
    for line in text.strip().splitlines():
        if not line.startswith(" "):
            step = found[line] = {"barred": [], "only if": [], "then": []}
            continue
        head, colon, rest = line.strip().partition(":")
        words = step[head] if colon else words
        words += (rest if colon else head).split()
    return {
        name: Rules(frozenset(step["barred"]), frozenset(step["only if"]), tuple(step["then"]))
        for name, step in found.items()
    }
