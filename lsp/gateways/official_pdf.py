"""A PDF somebody else has signed: looked at in a child, never rebuilt, kept as it came."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lsp.gateways.child import ChildError, ChildRefused, HeavyWorkBusy, run_child

MAX_BYTES = 10_000_000  # exactly this is accepted
SECONDS, MEMORY_MB = 10.0, 768
_SCRIPT = Path(__file__).with_name("_official_child.py")
_KEPT = "Tidak ada yang tersimpan. Unduh lagi berkas aslinya dari portal kementerian, lalu unggah tanpa diubah."
SENTENCES = {
    "empty": f"Berkas ini kosong. {_KEPT}",
    "too_large": "Berkas ini lebih besar dari 10 MB. Tidak ada yang tersimpan.",
    "unreadable": f"Berkas ini bukan PDF yang utuh. {_KEPT}",
    "trailing": f"PDF ini tercampur dengan data lain. {_KEPT}",
    "encrypted": "PDF ini dikunci dengan kata sandi. Tidak ada yang tersimpan. Mintalah berkas yang tidak dikunci.",
    "pages": "PDF ini lebih dari 20 halaman, jadi bukan satu sertifikat. Tidak ada yang tersimpan.",
    "too_heavy": "PDF ini terlalu besar untuk diperiksa. Tidak ada yang tersimpan.",
    "javascript": "PDF ini berisi program (JavaScript). Tidak ada yang tersimpan. Sertifikat resmi tidak memuatnya.",
    "attached": "PDF ini membawa berkas lain di dalamnya. Tidak ada yang tersimpan. Sertifikat resmi tidak memuatnya.",
    "launch": "PDF ini membuka program atau berkas lain. Tidak ada yang tersimpan. Sertifikat resmi tidak memuatnya.",
    "acts": "PDF ini menjalankan sesuatu saat dibuka. Tidak ada yang tersimpan. Sertifikat resmi tidak memuatnya.",
    "form": "PDF ini berupa formulir isian (XFA). Tidak ada yang tersimpan. Sertifikat resmi tidak memuatnya.",
    "busy": "Server sedang mengolah berkas lain. Tunggu satu menit lalu unggah lagi.",
}


class OfficialRefused(Exception):
    """The file is not kept. The text is a code; `sentence` is for the person."""

    @property
    def sentence(self) -> str:
        return SENTENCES.get(str(self), SENTENCES["unreadable"])


@dataclass(frozen=True, slots=True)
class Looked:
    pages: int
    is_signed: bool


def look_at(content: bytes, *, lock_path: Path) -> Looked:
    """Raises OfficialRefused, or ChildError for a fault of ours."""
    if not content:
        raise OfficialRefused("empty")
    if len(content) > MAX_BYTES:
        raise OfficialRefused("too_large")
    try:
        answer = run_child(
            _SCRIPT, content, seconds=SECONDS, memory_mb=MEMORY_MB, lock_path=lock_path
        )
    except ChildRefused as refusal:
        raise OfficialRefused(str(refusal).splitlines()[-1]) from refusal
    except HeavyWorkBusy as error:
        raise OfficialRefused("busy") from error
    except ChildError as error:
        if " ended with -" in str(error) or "took longer" in str(error):
            raise OfficialRefused("too_heavy") from error
        raise
    found = json.loads(answer)
    return Looked(pages=int(found["pages"]), is_signed=bool(found["signed"]))
