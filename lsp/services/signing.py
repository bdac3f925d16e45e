"""Signing a form: typed name, time, the statement shown, and the digest of what is signed."""

from __future__ import annotations

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Consent, Permohonan, Signature
from lsp.models.inforce import consent_text
from lsp.services import audit
from lsp.vocabulary import ConsentKind, Form, Role
from lsp.workflow.dossier import dossier_of

#: What a person declares by signing; shown above the button and stored with the signature.
STATEMENTS: dict[tuple[Form, Role], str] = {
    (
        Form.FR_APL_01,
        Role.ASESI,
    ): "Data dan dokumen yang saya berikan adalah benar dan milik saya sendiri.",
    (Form.FR_APL_01, Role.ADMIN): (
        "Berdasarkan ketentuan persyaratan dasar, pemohon diterima sebagai peserta sertifikasi."
    ),
    (Form.FR_APL_02, Role.ASESI): "Jawaban asesmen mandiri ini saya isi sendiri dengan sebenarnya.",
    (Form.FR_AK_01, Role.ASESI): (
        "Bahwa saya telah mendapatkan penjelasan terkait hak dan prosedur banding asesmen dari asesor. Saya setuju "
        "mengikuti asesmen dengan pemahaman bahwa informasi yang dikumpulkan hanya digunakan untuk pengembangan "
        "profesional dan hanya dapat diakses oleh orang tertentu saja."
    ),
    (Form.FR_AK_01, Role.ASESOR): (
        "Menyatakan tidak akan membuka hasil pekerjaan yang saya peroleh karena penugasan saya sebagai Asesor dalam "
        "pekerjaan Asesmen kepada siapapun atau organisasi apapun selain kepada pihak yang berwenang sehubungan "
        "dengan kewajiban saya sebagai Asesor yang ditugaskan oleh LSP."
    ),
    (
        Form.FR_AK_02,
        Role.ASESI,
    ): "Saya sudah membaca rekaman asesmen ini dan menerima umpan balik dari asesor.",
    (Form.FR_AK_02, Role.ASESOR): "Rekaman asesmen ini sesuai dengan bukti yang saya periksa.",
}


def sign(
    actor: Actor, permohonan: Permohonan, form: Form, role: Role, *, typed_name: str
) -> Signature:
    """Sign a form as it stands now. Raises DomainError when the typed name is not the signer's."""
    if role is Role.ASESI and actor.id != permohonan.asesi_id:
        raise DomainError("Hanya asesi permohonan ini yang dapat menandatangani.")
    expected = permohonan.asesi_name if role is Role.ASESI else actor.name
    if _plain(typed_name) != _plain(expected):
        raise DomainError(f"Ketik nama lengkap Anda persis seperti ini: {expected}.")
    signature = Signature(
        permohonan_id=permohonan.id,
        form=form,
        attempt=permohonan.attempt,
        signer_id=actor.id,
        signer_role=role,
        typed_name=typed_name.strip(),
        statement=STATEMENTS[form, role],
        content_digest=dossier_of(permohonan).content_digest(form),
        signed_at=clock.now(),
    )
    db.session.add(signature)
    audit.note(
        actor, "form.sign", "permohonan", permohonan.public_id, role=role, form=form.value,
        digest=signature.content_digest,
    )  # fmt: skip
    db.session.flush()
    return signature


def agree(actor: Actor, permohonan: Permohonan, kind: ConsentKind) -> None:
    """Store the asesi's agreement to the text in force; agreeing twice changes nothing."""
    if actor.id != permohonan.asesi_id:
        raise DomainError("Hanya asesi permohonan ini yang dapat memberi persetujuan.")
    text = consent_text(kind)
    if text is None:
        raise DomainError("Teks persetujuan belum tersedia. Hubungi admin LSP.")
    if kind in dossier_of(permohonan).consents:
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


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
