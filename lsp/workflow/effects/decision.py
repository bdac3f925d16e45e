"""What else is written at the decision, at re-assessment and when a decision is annulled."""

from __future__ import annotations

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Banding, BandingEvent, Blanko, Permohonan, Registration, blanko_ledger
from lsp.models.inforce import current_lembaga, form_template
from lsp.models.numbers import take_number, void_number
from lsp.models.queue import RESULT_MAIL, add
from lsp.vocabulary import Answer, BandingStatus, BlankoState, Channel, Form, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import send_siki, tell_asesi, tell_role
from lsp.workflow.guards.after_decision import appeal_answer_until
from lsp.workflow.machine import Effect, named


def record_decision(answer: Answer) -> Effect[Permohonan]:
    @named(f"record_decision_{answer.value}")
    def write_decision(case: Permohonan, actor: Actor, note: str) -> None:
        case.decision, case.decided_at = answer, clock.now()
        case.result_opened_at = case.result_mailed_at = None

    return write_decision


def close_pleno_case(outcome: str) -> Effect[Permohonan]:
    """The place on the agenda is settled: K, BK, sent_back, or removed for another pleno to decide."""

    @named(f"close_pleno_case_{outcome}")
    def close_place_on_agenda(case: Permohonan, actor: Actor, note: str) -> None:
        place = dossier_of(case).pleno_case
        if place is not None:
            place.outcome, place.closed_at = outcome, clock.now()
            db.session.flush()

    return close_place_on_agenda


def take_both_numbers(case: Permohonan, actor: Actor, note: str) -> None:
    """Certificate number (life-long) and LSP registration number (yearly), into the ledger (process 5.1)."""
    version, lembaga = case.skema_version, current_lembaga()
    certificate = take_number(
        "certificate",
        permohonan_id=case.id,
        kbli=version.kbli,
        kbji=version.kbji,
        jenjang=version.jenjang,
    )
    registration = take_number(
        "lsp_registration", permohonan_id=case.id, licence=lembaga.licence_serial
    )
    standing = db.session.get(Registration, case.id)
    if standing is None:
        standing = Registration(permohonan_id=case.id)
        db.session.add(standing)
    standing.certificate_entry_id, standing.registration_entry_id = certificate.id, registration.id
    db.session.flush()


def tell_result(case: Permohonan, actor: Actor, note: str) -> None:
    """The mail says only that a decision is there; the result itself stands behind the sign-in.

    It counts from the moment the mail server takes it (services/outbox.py), not from now.
    """
    tell_asesi(case, RESULT_MAIL)


def clear_decision(case: Permohonan, actor: Actor, note: str) -> None:
    """A banding sends the case back: the old decision stays in the history, not on the case."""
    case.decision = case.decided_at = None


def open_attempt(case: Permohonan, actor: Actor, note: str) -> None:
    """A new attempt linked to the old, which stays as it was."""
    case.attempt += 1
    case.recommendation = case.decision = case.decided_at = None
    db.session.flush()


def open_banding(case: Permohonan, actor: Actor, note: str) -> None:
    """The second machine begins: a banding of this decision, with its first line of history.

    The answers of FR.AK.04 are written into it by whoever files it (services/banding.py), in the same transaction.
    """
    moment = clock.now()
    banding = Banding(
        permohonan_id=case.id,
        attempt=case.attempt,
        status_at=moment,
        filed_at=moment,
        reason=note.strip(),
        words_version=form_template(Form.FR_AK_04.value).version_number,
    )
    db.session.add(banding)
    db.session.flush()
    db.session.add(
        BandingEvent(
            banding_id=banding.id,
            at=moment,
            transition="appeal",
            target=BandingStatus.FILED,
            actor_id=actor.id,
            actor_role=Role.ASESI,
        )
    )
    db.session.flush()


def tell_appeal_filed(case: Permohonan, actor: Actor, note: str) -> None:
    """A receipt for the asesi; admin and ketua hear what waits for them. The reason stays behind the sign-in."""
    until = appeal_answer_until(case).isoformat()
    tell_asesi(case, "appeal_filed", until=until)
    tell_role(case, Role.ADMIN, "appeal_filed_admin", until=until)
    tell_role(case, Role.KETUA, "appeal_filed_ketua", until=until)


def tell_reassessment(case: Permohonan, actor: Actor, note: str) -> None:
    tell_asesi(
        case, "reassessment_opened", failed_only=case.skema_version.reassess_failed_units_only
    )


def report_and_close(case: Permohonan, actor: Actor, note: str) -> None:
    """LPJK's two reports, then status 90 (process 4.2, BK)."""
    queue_lpjk_reports(case, actor, note)
    send_siki(case, 90, "Belum Kompeten")


def queue_lpjk_reports(case: Permohonan, actor: Actor, note: str) -> None:
    for kind in ("asesor-lsp-penugasan", "komtek-lsp-penugasan"):
        add(
            Channel.SIKI,
            kind,
            dedupe=f"siki:{kind}:{case.public_id}:{case.attempt}",
            payload={"id_izin": case.id_izin, "permohonan": case.public_id},
            permohonan_id=case.id,
        )


def void_numbers(case: Permohonan, actor: Actor, note: str) -> None:
    """An annulled decision gives its numbers up; they stay in the ledger with the reason."""
    registration = dossier_of(case).registration
    if registration is None:
        return
    for entry in (registration.certificate_entry, registration.registration_entry):
        void_number(entry, note.strip() or "penetapan dibatalkan")
    if registration.blanko is not None:
        spoil(registration.blanko, actor, note)
    db.session.delete(registration)
    case.decision = case.decided_at = None
    # The next annulment needs a proposal of its own.
    case.annulment_proposed_by_id = None
    db.session.flush()


def spoil(blanko: Blanko, actor: Actor, note: str) -> None:
    """One that somebody spoiled before stays as it is."""
    if blanko.state is BlankoState.RESERVED:
        reason = note.strip() or "penetapan dibatalkan"
        blanko_ledger.move(blanko, BlankoState.SPOILED, actor_id=actor.id, note=reason)


def queue_annulment_letters(case: Permohonan, actor: Actor, note: str) -> None:
    for channel in (Channel.SIKI, Channel.BNSP):
        add(
            channel,
            "surat pembatalan penetapan",
            dedupe=f"annul:{channel.value}:{case.public_id}:{case.version}",
            payload={"id_izin": case.id_izin, "permohonan": case.public_id, "alasan": note.strip()},
            permohonan_id=case.id,
        )
