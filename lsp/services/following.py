"""A permohonan that renews or corrects a certificate: begun from it with what is known, and which one it is about.

Whether a certificate can be followed at all is said by the guards (workflow/guards/certificate_life.py).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import Certificate, FrApl01, Permohonan, PreviousCertificate, SkemaVersion, User
from lsp.models.certificate_triggers import RENEWS_NO_MORE
from lsp.permissions import is_claimed
from lsp.services import audit, intake
from lsp.services.certificates import one_line
from lsp.services.prefill import Known
from lsp.vocabulary import FieldOrigin, Mode, PermohonanStatus, RequestKind
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.certificate_life import FOLLOWS, previous_of, why_not_followed
from lsp.workflow.machine import LEAST_GROUNDS, check_reason

#: Of FR.APL.01 that is begun anew from the one before: not the keys, not what belongs to that permohonan alone.
_NOT_KNOWN = frozenset(
    {
        "permohonan_id", "nik_index", "nik_last4", "claimed_rule_id", "updated_at", "purpose", "purpose_other",
        "funding", "ministry",
    }
)  # fmt: skip
_EDUCATION = frozenset({"education", "school", "study_programme", "graduation_year"})
_NOT_OF_A_ROW = frozenset({"id", "public_id", "fr_apl_01_id", "origin", "reference_document_id"})
TAKEN = "Sertifikat ini sudah disebut di permohonan Anda yang lain, yang masih berjalan."


def known_of(permohonan: Permohonan) -> Known:
    """What the FR.APL.01 of an earlier permohonan says of the person and his work."""
    form = dossier_of(permohonan).fr_apl_01
    if form is None:
        return Known()
    left_out = _NOT_KNOWN | (_EDUCATION if form.educations else frozenset())
    names = (column.key for column in inspect(FrApl01).column_attrs)
    return Known(
        values={name: getattr(form, name) for name in names if name not in left_out},
        experiences=[_row(row) for row in form.experiences],
        educations=[_row(row) for row in form.educations],
        trainings=[_row(row) for row in form.trainings],
    )


def _row(row: Any) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in inspect(type(row)).column_attrs
        if column.key not in _NOT_OF_A_ROW and getattr(row, column.key) is not None
    }


def open_follower(certificate: Certificate) -> Permohonan | None:
    """The permohonan that renews or corrects it and has not ended."""
    return db.session.scalar(
        select(Permohonan)
        .join(PreviousCertificate, PreviousCertificate.permohonan_id == Permohonan.id)
        .where(
            PreviousCertificate.certificate_id == certificate.id,
            Permohonan.status.not_in(RENEWS_NO_MORE),
        )
        .limit(1)
    )


def why_not_begun(certificate: Certificate, kind: RequestKind) -> str:
    """Why no permohonan of this kind can be begun from it now; empty when one can."""
    refusal = why_not_followed(certificate, kind)
    if refusal is None and open_version(certificate) is None:
        refusal = "Skemanya sedang tidak dibuka. Tanyakan kepada LSP."
    return refusal or ""


def open_version(certificate: Certificate) -> SkemaVersion | None:
    """The version of its skema that is open for registration."""
    skema_id = certificate.permohonan.skema_version.skema_id
    return next((row for row in intake.open_skema_versions() if row.skema_id == skema_id), None)


def begin(
    actor: Actor,
    certificate: Certificate,
    kind: RequestKind,
    *,
    id_izin: str,
    mode: Mode,
    correction: str = "",
) -> Permohonan:
    """A draft about this certificate, its FR.APL.01 filled from the one before. Raises DomainError with a sentence."""
    refusal, version = why_not_begun(certificate, kind), open_version(certificate)
    if refusal or version is None:
        raise NotAllowed(refusal)
    if open_follower(certificate) is not None:
        raise NotAllowed(TAKEN)
    if kind is RequestKind.PERUBAHAN:
        check_reason(
            correction, LEAST_GROUNDS, what="data yang perlu dibetulkan", field="correction"
        )
    permohonan = intake.start(
        actor,
        asesi=db.session.get_one(User, actor.id),
        id_izin=id_izin,
        version=version,
        kind=kind,
        mode=mode,
        known=known_of(certificate.permohonan),
        origin=FieldOrigin.EARLIER,
    )
    name_previous(actor, permohonan, certificate=certificate, correction=correction)
    return permohonan


def own_certificates(permohonan: Permohonan) -> list[Certificate]:
    """Certificates of the same person and skema, newest first: those that this permohonan may be about."""
    return list(
        db.session.scalars(
            select(Certificate)
            .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
            .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
            .where(
                Permohonan.asesi_id == permohonan.asesi_id,
                is_claimed(),
                SkemaVersion.skema_id == permohonan.skema_version.skema_id,
            )
            .order_by(Certificate.id.desc())
            .options(joinedload(Certificate.permohonan))
        )
    )


def may_name(permohonan: Permohonan) -> bool:
    return permohonan.kind in FOLLOWS and permohonan.status in (
        PermohonanStatus.DRAFT,
        PermohonanStatus.RETURNED,
    )


def name_previous(
    actor: Actor,
    permohonan: Permohonan,
    *,
    certificate: Certificate | None = None,
    typed_number: str = "",
    correction: str = "",
) -> None:
    """Say which certificate it is about: one of ours, or the number of another LSP's. Raises DomainError."""
    if not may_name(permohonan):
        raise NotAllowed("Sertifikat lama hanya dapat disebut sebelum permohonan dikirim.")
    number = one_line(typed_number)
    if certificate is None and not number:
        raise DomainError("Tulis nomor sertifikat lama Anda.", field="typed_number")
    if certificate is not None:
        if certificate.id not in {row.id for row in own_certificates(permohonan)}:
            raise DomainError("Pilih sertifikat Anda dari daftar.", field="certificate")
        refusal = why_not_followed(certificate, permohonan.kind)
        if refusal is not None:
            raise DomainError(refusal, field="certificate")
        other = open_follower(certificate)
        if other is not None and other.id != permohonan.id:
            raise DomainError(TAKEN, field="certificate")
    if permohonan.kind is RequestKind.PERUBAHAN:
        correction = check_reason(
            correction, LEAST_GROUNDS, what="data yang perlu dibetulkan", field="correction"
        )
    else:
        correction = ""
    row = previous_of(permohonan) or PreviousCertificate(permohonan_id=permohonan.id)
    row.certificate_id = certificate.id if certificate is not None else None
    row.typed_number = "" if certificate is not None else number
    row.correction, row.named_at = correction, clock.now()
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:  # named in another tab at the same moment
        raise DomainError(TAKEN, field="certificate") from error
    audit.note(
        actor,
        "certificate.name_previous",
        "permohonan",
        permohonan.public_id,
        number=certificate.certificate_number if certificate is not None else number,
    )
    db.session.flush()
