"""What a SIKI dossier becomes: a new draft that waits for its asesi, or more of a draft that stands."""

from __future__ import annotations

import hashlib

from lsp.actor import Actor
from lsp.data import read_csv
from lsp.errors import DomainError
from lsp.models import Permohonan, SkemaVersion
from lsp.services import audit, intake, prefill
from lsp.services.prefill import Fate, Filled
from lsp.services.siki_dossier import Dossier
from lsp.vocabulary import FieldOrigin, Mode, PermohonanStatus, RequestKind
from lsp.workflow.dossier import dossier_of


def skema_for(dossier: Dossier, versions: list[SkemaVersion]) -> SkemaVersion | None:
    """The open skema of the dossier's jabatan kerja, when exactly one fits its code, number or title."""
    code = dossier.jabatan_kerja.casefold()
    if not code:
        return None
    names = {code} | {
        row["jabatan_kerja"].casefold()
        for row in read_csv("reference/jabatan_kerja.csv")
        if row["kode"].casefold() == code
    }
    fitting = [
        version
        for version in versions
        if (version.title.casefold() in names or version.skema.number.casefold() == code)
        and dossier.jenjang in (None, version.jenjang)
    ]
    return fitting[0] if len(fitting) == 1 else None


def misfit(dossier: Dossier, versions: list[SkemaVersion]) -> str:
    """Why no open skema was chosen for a dossier that names its jabatan kerja; else empty."""
    if not dossier.jabatan_kerja or skema_for(dossier, versions) is not None:
        return ""
    jenjang = f", jenjang {dossier.jenjang}" if dossier.jenjang else ""
    return (
        f"Data SIKI menyebut jabatan kerja {dossier.jabatan_kerja}{jenjang}. Tidak ada skema yang dibuka dan cocok "
        "dengan itu. Pilih skemanya sendiri, atau periksa dulu apakah permohonan ini untuk LSP ini."
    )


def refusal(actor: Actor, holder: Permohonan) -> str | None:
    """Why a dossier cannot fill this permohonan, or None."""
    if holder.asesi_id == actor.id:
        return intake.OWN_CASE
    if holder.status is not PermohonanStatus.DRAFT:
        return (
            f"Permohonan {holder.asesi_name} dengan ID Izin ini sudah dikirim ({holder.status.label}). Data SIKI hanya "
            "mengisi draf, supaya yang sudah ditandatangani asesi tidak berubah. Bila berkasnya perlu diperbaiki, "
            "kembalikan permohonan itu kepada asesi."
        )
    return None


def doubts(holder: Permohonan, dossier: Dossier) -> list[str]:
    """What makes one ask whether draft and dossier are of the same person."""
    form, values, found = dossier_of(holder).fr_apl_01, dossier.known.values, []
    if form is not None and form.nik and values.get("nik") not in (None, form.nik):
        found.append("NIK di data SIKI bukan NIK di draf ini. Pastikan orangnya sama.")
    if dossier.email and dossier.email != holder.asesi.email:
        found.append(
            f"E-mail di data SIKI ({dossier.email}) bukan e-mail akun asesi ({holder.asesi.email})."
        )
    if dossier.kind is not None and dossier.kind is not holder.kind:
        found.append(
            f"Jenis permohonan di data SIKI {dossier.kind.label}, di draf ini {holder.kind.label}."
        )
    return found


def fates(holder: Permohonan | None, dossier: Dossier) -> dict[str, Fate]:
    """What becomes of each field; in a new draft all of them are filled."""
    if holder is None:
        return dict.fromkeys(dossier.known.values, Fate.NEW)
    return prefill.foresee(holder, dossier.known)


def open_draft(
    actor: Actor,
    dossier: Dossier,
    content: str,
    *,
    id_izin: str,
    name: str,
    email: str,
    version: SkemaVersion,
    kind: RequestKind,
    mode: Mode,
) -> Permohonan:
    """A new draft with all that is known; its asesi is invited to claim it. Raises DomainError."""
    permohonan = intake.take_in(
        actor, email=email, name=name, id_izin=id_izin, version=version, kind=kind, mode=mode,
        known=dossier.known, origin=FieldOrigin.SIKI,
    )  # fmt: skip
    _seal(actor, permohonan, content)
    return permohonan


def fill_draft(actor: Actor, holder: Permohonan, dossier: Dossier, content: str) -> Filled:
    """Fill what is not the asesi's own; the same dossier again fills nothing. Raises DomainError."""
    sentence = refusal(actor, holder)
    if sentence is not None:
        raise DomainError(sentence)
    done = prefill.fill(holder, dossier.known, FieldOrigin.SIKI)
    _seal(actor, holder, content)
    return done


def _seal(actor: Actor, permohonan: Permohonan, content: str) -> None:
    """The digest of what was pasted, so that a copy kept elsewhere can be compared; the dossier is not kept."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    audit.note(actor, "siki.dossier", "permohonan", permohonan.public_id, sha256=digest)
