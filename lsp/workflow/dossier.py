"""What is known about a permohonan, read once and shared by guards and pages.

Remembered until something is written or the transaction ends (lsp/database.py), so a guard never judges what was true
before the last write.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp import crypto
from lsp.database import db, remembered
from lsp.models import (
    Apl02Review,
    AssessmentPlan,
    Booking,
    ChecklistItem,
    Consent,
    ConsentText,
    Countersignature,
    Document,
    DocumentRequirement,
    FilledInstrument,
    FrAk02,
    FrApl01,
    Invoice,
    Jadwal,
    Permohonan,
    PermohonanEvent,
    PlenoCase,
    Registration,
    Signature,
    Slot,
)
from lsp.models.inforce import is_newest_text
from lsp.vocabulary import (
    ConsentKind,
    Form,
    FormSection,
    InstrumentPaper,
    InvoiceStatus,
    PermohonanStatus,
    Role,
    Verdict,
)
from lsp.workflow import evidence_found, fr_apl_01, sent_back, signed_content
from lsp.workflow.apl02_progress import Apl02Progress, progress_of
from lsp.workflow.bare_elements import bare_elements, has_bare
from lsp.workflow.evidence_found import Findings
from lsp.workflow.instruments import failed_before
from lsp.workflow.signed_content import WITH_ROWS


class Dossier:
    """One permohonan's papers, each read at most once."""

    def __init__(self, permohonan: Permohonan) -> None:
        self.permohonan = permohonan

    @cached_property
    def fr_apl_01(self) -> FrApl01 | None:
        form = db.session.scalar(
            select(FrApl01)
            .where(FrApl01.permohonan_id == self.permohonan.id)
            .options(joinedload(FrApl01.claimed_rule))
        )
        if form is not None:
            fr_apl_01.read_rows([form])
        return form

    @cached_property
    def apl_02(self) -> Apl02Progress:
        return progress_of(self.permohonan)

    @cached_property
    def bare_elements(self) -> frozenset[int]:
        """Of the units to assess: elemen answered K without evidence. Mostly none, which is read with the plan."""
        read = self.__dict__.get("_plan_row")
        if read is not None and not read[1]:
            return frozenset()
        return bare_elements(self.permohonan, failed_before(self.permohonan))

    @cached_property
    def requirements(self) -> list[DocumentRequirement]:
        """Document rows asked of this kind of request, in order."""
        return list(
            db.session.scalars(
                select(DocumentRequirement)
                .where(
                    DocumentRequirement.skema_version_id == self.permohonan.skema_version_id,
                    DocumentRequirement.kind == self.permohonan.kind,
                )
                .order_by(DocumentRequirement.position)
            )
        )

    @cached_property
    def documents(self) -> list[Document]:
        """Standing files (not replaced), oldest first."""
        return list(
            db.session.scalars(
                select(Document)
                .where(Document.permohonan_id == self.permohonan.id, Document.replaced_at.is_(None))
                .order_by(Document.id)
            )
        )

    @property
    def verdicts(self) -> list[ChecklistItem]:
        """Every row of the checklist: documents and sections."""
        return [item for item, _ in self._judged]

    @property
    def note_of_return(self) -> str:
        """What the admin wrote about the whole when he sent the case back last; empty in every other state."""
        if self.permohonan.status is not PermohonanStatus.RETURNED or not self._judged:
            return ""
        return (self._judged[0][1] or "").strip()

    @cached_property
    def _judged(self) -> list[tuple[ChecklistItem, str | None]]:
        """The checklist with the note of its last return: one query, for pages that count them."""
        note = (
            select(PermohonanEvent.note)
            .where(
                PermohonanEvent.permohonan_id == self.permohonan.id,
                PermohonanEvent.transition == "return_for_repair",
            )
            .order_by(PermohonanEvent.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = db.session.execute(
            select(ChecklistItem, note)
            .where(ChecklistItem.permohonan_id == self.permohonan.id)
            .order_by(ChecklistItem.id)
        )
        return [(item, said) for item, said in rows]

    @cached_property
    def checklist(self) -> dict[int, ChecklistItem]:
        """Verdict rows of documents, by requirement id."""
        return {row.requirement_id: row for row in self.verdicts if row.requirement_id is not None}

    @cached_property
    def sections(self) -> dict[FormSection, ChecklistItem]:
        """Verdict rows of sections of the forms; only those that were judged, or changed since."""
        return {row.section: row for row in self.verdicts if row.section is not None}

    @property
    def failing(self) -> list[tuple[str, ChecklistItem]]:
        """Items judged failing or absent, with their names: documents of this kind of request, then sections."""
        rows = [(row.label, self.checklist.get(row.id)) for row in self.requirements]
        parts = [(each.label, self.sections.get(each)) for each in FormSection]
        return [
            (name, item)
            for name, item in (*rows, *parts)
            if item is not None and item.verdict in (Verdict.FAILS, Verdict.ABSENT)
        ]

    @cached_property
    def consents(self) -> set[ConsentKind]:
        """Texts that stand agreed to. A case once sent keeps the versions it was sent with; before that only
        what is in force now counts, so that nobody sends under a wording that was replaced."""
        agreed = (
            select(ConsentText.kind)
            .join(Consent, Consent.text_id == ConsentText.id)
            .where(Consent.permohonan_id == self.permohonan.id, Consent.withdrawn_at.is_(None))
        )
        if self.permohonan.submitted_at is None:
            agreed = agreed.where(is_newest_text())
        return set(db.session.scalars(agreed))

    @cached_property
    def signatures(self) -> list[Signature]:
        return list(
            db.session.scalars(
                select(Signature)
                .where(Signature.permohonan_id == self.permohonan.id)
                .order_by(Signature.id)
                .options(joinedload(Signature.signer))
            )
        )

    def signature(self, form: Form, role: Role, *, attempt: int | None = None) -> Signature | None:
        """The newest signature on a form in a role that still fits what is written there now."""
        digest = self.content_digest(form)
        found = None
        for signature in self.signatures:
            fits = signature.form is form and signature.signer_role is role
            if fits and signature.content_digest == digest and attempt in (None, signature.attempt):
                found = signature
        return found

    def was_signed(self, form: Form, role: Role) -> bool:
        """Whether a form was ever signed in a role, also where its content has changed since."""
        return any(row.form is form and row.signer_role is role for row in self.signatures)

    def content_digest(self, form: Form) -> str:
        """Keyed digest of what a signature on `form` stands for; it changes when the content changes."""
        return _digest(form, signed_content.content_of(self, form))

    @cached_property
    def invoices(self) -> list[Invoice]:
        return list(
            db.session.scalars(
                select(Invoice)
                .where(Invoice.permohonan_id == self.permohonan.id)
                .order_by(Invoice.id)
                .options(joinedload(Invoice.receipt))
            )
        )

    @property
    def open_invoice(self) -> Invoice | None:
        return next(
            (row for row in reversed(self.invoices) if row.status is InvoiceStatus.OPEN), None
        )

    @cached_property
    def bookings(self) -> list[Booking]:
        """All seats ever held, oldest first, with slot, asesor, jadwal and record."""
        return list(
            db.session.scalars(
                select(Booking)
                .where(Booking.permohonan_id == self.permohonan.id)
                .order_by(Booking.id)
                .options(
                    joinedload(Booking.slot).joinedload(Slot.asesor),
                    joinedload(Booking.slot).joinedload(Slot.jadwal).joinedload(Jadwal.tuk),
                    joinedload(Booking.record),
                )
            )
        )

    @property
    def booking(self) -> Booking | None:
        """The seat held now."""
        return next(
            (
                row
                for row in reversed(self.bookings)
                if row.cancelled_at is None and row.closed_at is None
            ),
            None,
        )

    @cached_property
    def reviews(self) -> list[Apl02Review]:
        return list(
            db.session.scalars(
                select(Apl02Review)
                .where(Apl02Review.permohonan_id == self.permohonan.id)
                .order_by(Apl02Review.id)
            )
        )

    @cached_property
    def plan(self) -> AssessmentPlan | None:
        """MAPA, FR.AK.07 and FR.AK.01 of the present attempt."""
        return self._plan_row[0] if self._plan_row is not None else None

    @cached_property
    def _plan_row(self) -> tuple[AssessmentPlan, bool] | None:
        """The plan, and whether FR.APL.02 has elemen that its papers must ask about."""
        row = db.session.execute(
            select(AssessmentPlan, has_bare(self.permohonan))
            .where(
                AssessmentPlan.permohonan_id == self.permohonan.id,
                AssessmentPlan.attempt == self.permohonan.attempt,
            )
            .options(joinedload(AssessmentPlan.mapa))
        ).first()
        return (row[0], row[1]) if row is not None else None

    @cached_property
    def fr_ak_02(self) -> FrAk02 | None:
        """The newest edition of FR.AK.02 of the present attempt, with its units."""
        return db.session.scalar(
            select(FrAk02)
            .where(
                FrAk02.permohonan_id == self.permohonan.id,
                FrAk02.attempt == self.permohonan.attempt,
            )
            .order_by(FrAk02.edition.desc())
            .limit(1)
            .options(selectinload(FrAk02.units))
        )

    @cached_property
    def returned_record(self) -> FrAk02 | None:
        """The FR.AK.02 that the tim teknis sent back, while the edition after it is worked on."""
        return sent_back.returned_record(self)

    @cached_property
    def is_reworked(self) -> bool:
        """Whether the asesor changed something since."""
        return sent_back.is_reworked(self)

    @property
    def awaits_rework(self) -> bool:
        """It came back, and stands as it was sent."""
        return self.returned_record is not None and not self.is_reworked

    @cached_property
    def instruments(self) -> dict[InstrumentPaper, FilledInstrument]:
        """The newest edition of each FR.IA of the present attempt, with its rows: four queries at any size."""
        rows = db.session.scalars(
            select(FilledInstrument)
            .where(
                FilledInstrument.permohonan_id == self.permohonan.id,
                FilledInstrument.attempt == self.permohonan.attempt,
            )
            .order_by(FilledInstrument.edition)
            .options(*WITH_ROWS)
        )
        return {row.paper: row for row in rows}

    @cached_property
    def findings(self) -> Findings:
        """What the finished instruments of the present attempt say."""
        return evidence_found.read_findings(self)

    @cached_property
    def countersignature(self) -> Countersignature | None:
        if self.fr_ak_02 is None:
            return None
        return db.session.scalar(
            select(Countersignature).where(Countersignature.fr_ak_02_id == self.fr_ak_02.id)
        )

    @cached_property
    def pleno_case(self) -> PlenoCase | None:
        """The open place on a pleno's agenda, with votes."""
        return db.session.scalar(
            select(PlenoCase)
            .where(PlenoCase.permohonan_id == self.permohonan.id, PlenoCase.closed_at.is_(None))
            .options(joinedload(PlenoCase.pleno), selectinload(PlenoCase.votes))
        )

    @cached_property
    def registration(self) -> Registration | None:
        return db.session.scalar(
            select(Registration)
            .where(Registration.permohonan_id == self.permohonan.id)
            .options(
                joinedload(Registration.certificate_entry),
                joinedload(Registration.registration_entry),
                joinedload(Registration.blanko),
            )
        )


def _digest(form: Form, content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return crypto.keyring().blind_index(canonical, context=f"signature.{form.value}")


def digest_of_fr_ak_02(paper: FrAk02) -> str:
    """As `content_digest`, of any edition."""
    return _digest(Form.FR_AK_02, signed_content.ak_02_rows(paper))


def dossier_of(permohonan: Permohonan) -> Dossier:
    """The dossier of a case, read at most once until something is written."""
    known: dict[int, Dossier] = remembered("dossiers", while_writing=True)
    found = known.get(permohonan.id)
    if found is None or found.permohonan is not permohonan:
        found = known[permohonan.id] = Dossier(permohonan)
    return found
