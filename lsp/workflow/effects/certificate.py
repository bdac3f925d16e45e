"""What else is written around blanko, registration and the certificate."""

from __future__ import annotations

from datetime import date, timedelta

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.models import Certificate, CertificateEvent, Permohonan, blanko_ledger
from lsp.models.inforce import setting
from lsp.models.outbox_answer import settle_open
from lsp.models.queue import PENCATATAN, REPLACED, add, cancel_waiting
from lsp.vocabulary import BlankoState, CertificateStatus, Channel, NumberState, RequestKind, Role
from lsp.workflow.certificate import CERTIFICATE
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_asesi, tell_role
from lsp.workflow.guards.certificate_life import FOLLOWS, previous_of


def queue_pencatatan(case: Permohonan, actor: Actor, note: str) -> None:
    """The LSP's own numbers and the blanko, for LPJK to record (process 4.2, step 13); its answer comes by `record`."""
    add(
        Channel.SIKI,
        PENCATATAN,
        dedupe=f"siki:{PENCATATAN}:{case.public_id}:{case.version}",
        payload={"id_izin": case.id_izin, "permohonan": case.public_id},
        permohonan_id=case.id,
    )


def settle_pencatatan(case: Permohonan, actor: Actor, note: str) -> None:
    """LPJK answered, wherever its number was typed."""
    registration = dossier_of(case).registration
    if registration is not None and registration.lpjk_number:
        number, qr = registration.lpjk_number, registration.lpjk_qr
        settle_open(case.id, Channel.SIKI, PENCATATAN, actor.id, nomor_registrasi=number, qr=qr)


def take_back_pencatatan(case: Permohonan, actor: Actor, note: str) -> None:
    """The numbers are void, so nobody sends them any more."""
    cancel_waiting(case.id, PENCATATAN, error=f"{REPLACED}: annulled")


def validity_end(start: date, years: int, minus_days: int) -> date:
    """`years` after `start`, less `minus_days` (29 February becomes 28 February before the days are taken)."""
    try:
        end = start.replace(year=start.year + years)
    except ValueError:
        end = start.replace(year=start.year + years, day=28)
    return end - timedelta(days=minus_days)


def validity_years(case: Permohonan) -> int:
    """How long a certificate issued now would hold: the skema's years, or those of fresh graduates."""
    if case.kind is RequestKind.FRESH_GRADUATE:
        return int(setting("fresh_graduate_validity_years"))
    return case.skema_version.validity_years


def followed_by(case: Permohonan) -> Certificate | None:
    """The certificate of ours that this case renews or corrects."""
    found = previous_of(case) if case.kind in FOLLOWS else None
    return found.certificate if found is not None else None


def validity_of(case: Permohonan, old: Certificate | None) -> tuple[date, date]:
    """First and last day. A correction changes what is written, not how long it holds: it keeps the old one's days."""
    if case.decided_at is None:
        raise LookupError("a recorded case was decided")
    if (
        old is not None
        and case.kind is RequestKind.PERUBAHAN
        and old.valid_until >= clock.today_wib()
    ):
        return old.valid_from, old.valid_until
    start = case.decided_at.astimezone(clock.WIB).date()
    end = validity_end(start, validity_years(case), int(setting("certificate_minus_days")))
    return start, end


def move_previous_certificate(case: Permohonan, actor: Actor, note: str) -> None:
    """`renew` or `replace` of the old one, in the same transaction; its history names the new number."""
    old = followed_by(case)
    if old is None:
        return
    old = db.session.get_one(Certificate, old.id, with_for_update=True, populate_existing=True)
    number = dossier_of(case).registration
    told = f"Sertifikat baru: {number.certificate_entry.text}." if number is not None else ""
    CERTIFICATE.perform(old, FOLLOWS[case.kind], SYSTEM, version=old.version, note=told)


def make_certificate(case: Permohonan, actor: Actor, note: str) -> None:
    """The certificate row with its printed facts; the worker makes the PDF ("sedang dibuat" until then)."""
    registration, version = dossier_of(case).registration, case.skema_version
    if (
        registration is None
        or registration.blanko is None
        or case.decided_at is None
        or actor.id is None
    ):
        raise LookupError("a recorded case has its registration")
    old = followed_by(case)
    start, end = validity_of(case, old)
    certificate = Certificate(
        permohonan_id=case.id,
        status=CertificateStatus.ACTIVE,
        status_at=clock.now(),
        certificate_number=registration.certificate_entry.text,
        lsp_registration_number=registration.registration_entry.text,
        lpjk_number=registration.lpjk_number,
        lpjk_qr=registration.lpjk_qr,
        blanko_number=registration.blanko.number,
        holder_name=case.asesi_name,
        jabatan_kerja=version.title,
        jabatan_kerja_en=version.title_en,
        kualifikasi=version.kualifikasi,
        jenjang=version.jenjang,
        valid_from=start,
        valid_until=end,
        signed_by_id=actor.id,
        print_unit_list=setting("certificate_unit_list") == "printed",
        replaces_id=old.id if old is not None else None,
    )
    certificate.events = [
        CertificateEvent(
            at=clock.now(),
            transition="issue",
            source=None,
            target=CertificateStatus.ACTIVE,
            actor_id=actor.id,
            actor_role=Role.KETUA,
        )
    ]
    db.session.add(certificate)
    registration.certificate_entry.state = registration.registration_entry.state = NumberState.USED
    blanko_ledger.move(registration.blanko, BlankoState.ISSUED, actor_id=actor.id)
    db.session.flush()
    add(
        Channel.JOB,
        "certificate_pdf",
        dedupe=f"certificate_pdf:{certificate.public_id}",
        payload={"certificate": certificate.public_id},
        permohonan_id=case.id,
    )


def close_at_siki(case: Permohonan, actor: Actor, note: str) -> None:
    """SIKI's final call with the link of the certificate; BNSP's receipt and record (process 4.2, 15 and 16)."""
    payload = {"id_izin": case.id_izin, "permohonan": case.public_id}
    add(
        Channel.SIKI,
        "izin-final-skk",
        dedupe=f"siki:final:{case.public_id}",
        payload=payload,
        permohonan_id=case.id,
    )
    for kind in ("jadwal/cetak", "jadwal/peserta/sertifikat"):
        add(
            Channel.BNSP,
            kind,
            dedupe=f"bnsp:{kind}:{case.public_id}",
            payload=payload,
            permohonan_id=case.id,
        )


def tell_issued(case: Permohonan, actor: Actor, note: str) -> None:
    tell_asesi(case, "certificate_issued")


def tell_admin_blanko_refused(case: Permohonan, actor: Actor, note: str) -> None:
    """Only the LSP's own people act on it, so the asesi is not alarmed."""
    tell_role(case, Role.ADMIN, "blanko_refused", reason=note.strip())
