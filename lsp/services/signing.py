"""Signing a form: typed name, time, the statement shown, and the digest of what is signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Consent, FormTemplate, Permohonan, Signature
from lsp.models.inforce import consent_text, form_template
from lsp.services import audit
from lsp.vocabulary import ConsentKind, Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import assessment, meeting, registration
from lsp.workflow.instruments import forms_to_sign, listed, unsigned
from lsp.workflow.machine import Guard

_OWN_CASE = "Anda asesi permohonan ini, jadi orang lain yang menandatangani untuk LSP."

#: What a person declares by signing; shown above the button and stored with the signature. FR.AK.01: `statement`.
STATEMENTS: dict[tuple[Form, Role], str] = {
    (
        Form.FR_APL_01,
        Role.ASESI,
    ): "Data dan dokumen yang saya berikan adalah benar dan milik saya sendiri.",
    (Form.FR_APL_01, Role.ADMIN): (
        "Berdasarkan ketentuan persyaratan dasar, pemohon diterima sebagai peserta sertifikasi."
    ),
    (Form.FR_APL_02, Role.ASESI): "Jawaban asesmen mandiri ini saya isi sendiri dengan sebenarnya.",
    (
        Form.FR_AK_02,
        Role.ASESI,
    ): "Saya sudah membaca rekaman asesmen ini dan menerima umpan balik dari asesor.",
    (
        Form.FR_AK_04,
        Role.ASESI,
    ): "Banding ini saya ajukan sendiri, dan alasannya saya tulis dengan sebenarnya.",
    (Form.FR_AK_02, Role.ASESOR): "Rekaman asesmen ini sesuai dengan bukti yang saya periksa.",
    **{
        (form, role): words
        for form in (Form.FR_IA_07, Form.FR_IA_08, Form.FR_IA_09)
        for role, words in (
            (
                Role.ASESI,
                "Lembar ini sesuai dengan yang diperiksa dan ditanyakan dalam asesmen saya.",
            ),
            (Role.ASESOR, "Lembar ini saya isi sesuai dengan bukti dan jawaban asesi."),
        )
    },
    (
        Form.FR_IA_10,
        Role.ASESOR,
    ): "Penilaian ini sesuai dengan keterangan pihak ketiga yang saya terima.",
}


def words_of_fr_ak_01(permohonan: Permohonan) -> FormTemplate:
    """The words this case's FR.AK.01 was laid out with; before that those in force."""
    plan = dossier_of(permohonan).plan
    version = plan.fr_ak_01_version if plan is not None else None
    return form_template(Form.FR_AK_01.value, version=version)


def statement(permohonan: Permohonan, form: Form, role: Role) -> str:
    """What this person declares by signing this form of this case."""
    if form is not Form.FR_AK_01:
        return STATEMENTS[form, role]
    words = words_of_fr_ak_01(permohonan).body
    if role is Role.ASESOR:
        return str(words["secrecy"])
    return f"{words['appeal']} {words['consent'][permohonan.mode.value]}"


@dataclass(frozen=True, slots=True)
class Before:
    """What must hold before a form is signed: the states in which it lies before the signer, and further rules."""

    states: tuple[PermohonanStatus, ...]
    otherwise: str
    rules: tuple[Guard[Permohonan], ...] = ()


NOT_NOW = "Formulir ini tidak dapat ditandatangani sekarang. Muat ulang halaman."


def _fr_ak_01_prepared(case: Permohonan, actor: Actor, note: str) -> str | None:
    plan = dossier_of(case).plan
    return None if plan is not None and plan.fr_ak_01_at is not None else NOT_NOW


#: Said on the asesi's page, beside the statement he is not asked to sign yet.
NOT_EXPLAINED = "Asesor belum mencatat bahwa hak dan prosedur banding sudah dijelaskan. Minta ia menjelaskannya dulu."


def _appeal_explained(case: Permohonan, actor: Actor, note: str) -> str | None:
    """He declares that it was explained; an assessment that follows rests on the pre-assessment before it."""
    if case.status is not PermohonanStatus.PRE_SCHEDULED:
        return None
    return NOT_EXPLAINED if meeting.appeal_right_explained(case, actor, note) else None


def _fr_ak_02_recommends(case: Permohonan, actor: Actor, note: str) -> str | None:
    paper = dossier_of(case).fr_ak_02
    return None if paper is not None and paper.recommendation is not None else NOT_NOW


#: What FR.AK.02 and the FR.IA beside it must hold before anybody signs them: as much as before they are sent.
_RESULT_RULES: dict[PermohonanStatus, tuple[Guard[Permohonan], ...]] = {
    PermohonanStatus.IN_ASSESSMENT: (
        assessment.reworked_since_sent_back,
        assessment.each_instrument_complete,
        assessment.every_unit_has_evidence,
        assessment.evidence_as_found,
        assessment.recommendation_reasoned,
        assessment.written_feedback_given,
    ),
    PermohonanStatus.PRE_SCHEDULED: (
        assessment.reworked_since_sent_back,
        assessment.recommendation_reasoned,
    ),
}


def result_missing(case: Permohonan, actor: Actor) -> str | None:
    """Why the papers of the result cannot be signed yet, in a sentence for the asesor."""
    reasons = (rule(case, actor, "") for rule in _RESULT_RULES.get(case.status, ()))
    return next((reason for reason in reasons if reason), None)


def _result_ready(case: Permohonan, actor: Actor, note: str) -> str | None:
    return NOT_NOW if result_missing(case, actor) else None


_REGISTERING = (PermohonanStatus.DRAFT, PermohonanStatus.RETURNED)
#: The asesor's own signatures have their rules where his papers are written (services/assessment.py).
BEFORE: dict[tuple[Form, Role], Before] = {
    (Form.FR_APL_01, Role.ASESI): Before(
        _REGISTERING, NOT_NOW, (registration.fr_apl_01_complete, registration.education_rule_claimed)
    ),
    (Form.FR_APL_02, Role.ASESI): Before(
        _REGISTERING, NOT_NOW, (registration.fr_apl_02_answered,)
    ),
    (Form.FR_APL_01, Role.ADMIN): Before(
        (PermohonanStatus.SUBMITTED,),
        "FR.APL.01 hanya diterima saat permohonan menunggu verifikasi.",
    ),
    (Form.FR_AK_01, Role.ASESI): Before(
        (PermohonanStatus.PRE_SCHEDULED, PermohonanStatus.SCHEDULED),
        NOT_NOW,
        (_fr_ak_01_prepared, _appeal_explained),
    ),
    (Form.FR_AK_02, Role.ASESI): Before(
        (PermohonanStatus.PRE_SCHEDULED, PermohonanStatus.IN_ASSESSMENT),
        NOT_NOW,
        (_fr_ak_02_recommends, _result_ready),
    ),
    **{
        (form, Role.ASESI): Before((PermohonanStatus.IN_ASSESSMENT,), NOT_NOW, (_result_ready,))
        for form in (Form.FR_IA_07, Form.FR_IA_08, Form.FR_IA_09)
    },
    # In the transaction in which it is filed (services/banding.py); there is no other page that asks for it.
    (Form.FR_AK_04, Role.ASESI): Before((PermohonanStatus.APPEALED,), NOT_NOW),
}  # fmt: skip


def refusal(actor: Actor, permohonan: Permohonan, form: Form, role: Role) -> str | None:
    """Why this form cannot be signed in this role now, in a sentence; None when it can."""
    before = BEFORE.get((form, role))
    if before is None:
        return None
    if permohonan.status not in before.states:
        return before.otherwise
    return missing(actor, permohonan, form, role)


def missing(actor: Actor, permohonan: Permohonan, form: Form, role: Role) -> str | None:
    """What the form itself still lacks before it can be signed, whatever the state."""
    before = BEFORE.get((form, role))
    reasons = (rule(permohonan, actor, "") for rule in (before.rules if before else ()))
    return next((reason for reason in reasons if reason), None)


def sign(
    actor: Actor,
    permohonan: Permohonan,
    form: Form,
    role: Role,
    *,
    typed_name: str,
    drawing_key: str | None = None,
    at: datetime | None = None,
) -> Signature:
    """Sign a form as it stands now. Raises DomainError when it is not to be signed, or the name is not the signer's.

    drawing_key: of the drawn signature in the file store (drawn_signature.py); the typed name alone is enough.
    at: the moment of the press, where it signs several forms.
    """
    if role is Role.ASESI and actor.id != permohonan.asesi_id:
        raise DomainError("Hanya asesi permohonan ini yang dapat menandatangani.")
    if role is not Role.ASESI and actor.id == permohonan.asesi_id:
        raise DomainError(_OWN_CASE)
    reason = refusal(actor, permohonan, form, role)
    if reason is not None:
        raise DomainError(reason)
    expected = permohonan.asesi_name if role is Role.ASESI else actor.name
    check_typed_name(typed_name, expected)
    signature = Signature(
        permohonan_id=permohonan.id,
        form=form,
        attempt=permohonan.attempt,
        signer_id=actor.id,
        signer_role=role,
        # As the papers write it: the typing proves the will, not the spelling.
        typed_name=expected,
        statement=statement(permohonan, form, role),
        content_digest=dossier_of(permohonan).content_digest(form),
        signed_at=at or clock.now(),
        drawing_key=drawing_key,
    )
    db.session.add(signature)
    audit.note(
        actor, "form.sign", "permohonan", permohonan.public_id, role=role, form=form.value,
        digest=signature.content_digest,
    )  # fmt: skip
    db.session.flush()
    return signature


def sign_result(
    actor: Actor, permohonan: Permohonan, role: Role, *, typed_name: str
) -> list[Signature]:
    """FR.AK.02 and every FR.IA it rests on, with one typed name; what this person signed as it stands is left alone."""
    at = clock.now()
    made = [
        sign(actor, permohonan, form, role, typed_name=typed_name, at=at)
        for form in unsigned(dossier_of(permohonan), role, actor.id)
    ]
    paper = dossier_of(permohonan).fr_ak_02
    if made and role is Role.ASESI and paper is not None:
        # He thought better of a refusal that was noted before: the report of the jadwal no longer tells of it.
        paper.asesi_signature = "signed"
        db.session.flush()
    return made


@dataclass(frozen=True, slots=True)
class ResultPack:
    """What one person signs with one press: FR.AK.02 and the FR.IA beside it.

    left: what still waits for him; anew: of that, what he signed before it changed; statements: what he declares;
    returned: the tim teknis asked for a mend, so that FR.AK.02 is another edition.
    """

    forms: list[Form]
    left: list[Form]
    anew: list[Form]
    statements: list[str]
    returned: bool = False

    @property
    def names(self) -> str:
        """Of what waits, or of all once nothing does."""
        return listed([form.label for form in self.left or self.forms])

    @property
    def why_anew(self) -> str:
        """Why some of it has to be signed once more, to whoever signs it; empty where nothing has."""
        if not self.anew:
            return ""
        names = listed([form.label for form in self.anew])
        if self.returned:
            return f"Tim teknis meminta perbaikan, jadi {names} ditandatangani sekali lagi."
        return f"{names} berubah sesudah Anda tanda tangani. Tanda tangani sekali lagi."


def result_pack(permohonan: Permohonan, role: Role, signer_id: int | None = None) -> ResultPack:
    """signer_id: the very asesor, where the meeting may have had another before him."""
    dossier, attempt = dossier_of(permohonan), permohonan.attempt
    left = unsigned(dossier, role, signer_id)
    before = {
        row.form
        for row in dossier.signatures
        if row.signer_role is role and row.attempt == attempt and signer_id in (None, row.signer_id)
    }
    return ResultPack(
        forms_to_sign(dossier, role),
        left,
        [form for form in left if form in before],
        list(dict.fromkeys(statement(permohonan, form, role) for form in left)),
        returned=dossier.returned_record is not None,
    )


def agree(actor: Actor, permohonan: Permohonan, kind: ConsentKind) -> None:
    """Store the asesi's agreement to the text in force; agreeing to the same text twice changes nothing."""
    if actor.id != permohonan.asesi_id:
        raise DomainError("Hanya asesi permohonan ini yang dapat memberi persetujuan.")
    text = consent_text(kind)
    if text is None:
        raise DomainError("Teks persetujuan belum tersedia. Hubungi admin LSP.")
    # An earlier wording that was agreed to is another text: what is in force now is agreed to anew.
    standing = select(Consent.id).where(
        Consent.permohonan_id == permohonan.id,
        Consent.text_id == text.id,
        Consent.withdrawn_at.is_(None),
    )
    if db.session.scalar(standing) is not None:
        return
    db.session.add(
        Consent(
            user_id=permohonan.asesi_id,
            permohonan_id=permohonan.id,
            text_id=text.id,
            given_at=clock.now(),
        )
    )
    audit.note(
        actor, "consent.give", "permohonan", permohonan.public_id, role=Role.ASESI, kind=kind.value,
        version=text.version_number,
    )  # fmt: skip
    db.session.flush()


def check_typed_name(typed: str, expected: str) -> None:
    """Raise DomainError unless the signer typed his name; capitals and spaces do not count."""
    if not same_name(typed, expected):
        raise DomainError(f"Ketik nama lengkap Anda persis seperti ini: {expected}.")


def same_name(typed: str, expected: str) -> bool:
    """Whether a name was typed as it stands; spaces and capitals do not matter."""
    return _plain(typed) == _plain(expected)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
