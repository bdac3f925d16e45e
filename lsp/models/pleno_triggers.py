"""What the database keeps of plenos by itself, whoever writes to it."""

from __future__ import annotations

from lsp.models.trigger import Trigger

_SIGNED = "EXISTS (SELECT 1 FROM pleno WHERE pleno.id {of} AND pleno.sk_signed_at IS NOT NULL)"
#: Table of the notulen -> SQL that names the pleno of a row.
_NOTULEN = {
    "pleno_notulen": "= {row}.pleno_id",
    "pleno_case_note": "= (SELECT pleno_id FROM pleno_case WHERE id = {row}.pleno_case_id)",
}


def plenos() -> list[Trigger]:
    """Who may not sign an SK; signed papers stay what they were; the notulen is closed with the SK."""
    signed = ("sk_number", "sk_date", "sk_signed_by_id", "sk_signed_at", "sk_words_version")
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in signed)
    return [
        # The SK decides on every case of its pleno; one that was taken off is not on it.
        Trigger(
            "pleno_sk_own_case", "pleno", "UPDATE",
            "NEW.sk_signed_by_id IN (SELECT permohonan.asesi_id FROM pleno_case"
            " JOIN permohonan ON permohonan.id = pleno_case.permohonan_id"
            " WHERE pleno_case.pleno_id = NEW.id AND pleno_case.outcome <> 'removed')",
            "duty: own_case",
        ),
        Trigger(
            "pleno_sk_frozen", "pleno", "UPDATE", f"OLD.sk_signed_at IS NOT NULL AND ({changed})",
            "frozen: pleno sk",
        ),
        Trigger(
            "pleno_surat_tugas_frozen", "pleno", "UPDATE",
            "OLD.surat_tugas_number <> '' AND (NEW.surat_tugas_number <> OLD.surat_tugas_number"
            " OR NEW.surat_tugas_date IS DISTINCT FROM OLD.surat_tugas_date)",
            "frozen: pleno surat tugas",
        ),
        *(
            Trigger(
                f"{table}_frozen_{event.lower()}", table, event,
                _SIGNED.format(of=of.format(row="OLD" if event == "DELETE" else "NEW")),
                f"frozen: {table}",
            )
            for table, of in _NOTULEN.items()
            for event in ("INSERT", "UPDATE", "DELETE")
        ),
    ]  # fmt: skip
