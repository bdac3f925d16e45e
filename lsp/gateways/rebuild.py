"""Rebuild an uploaded photo or PDF: decoding is the check, and what is stored was written by us.

The work happens in a short-lived child under limits; this side gives sentences a person can act on.
It stores nothing and knows nothing of permohonan: see gateways/files.py for storage.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from lsp.gateways.child import ChildError, ChildRefused, HeavyWorkBusy, run_child

MAX_UPLOAD_BYTES = 10_000_000  # exactly this is accepted
WALL_SECONDS = 8.0
CPU_SECONDS = 5
#: How long a file waits for the one place: behind others that each take a second or two, at worst CPU_SECONDS.
WAIT_SECONDS = 60.0
MEMORY_MB = (
    512  # address space; the child limits its private memory to less (see _rebuild_child.py)
)

ContentType = Literal["image/jpeg", "application/pdf"]

_SCRIPT = Path(__file__).with_name("_rebuild_child.py")
_MAGIC: dict[str, bytes] = {"image/jpeg": b"\xff\xd8\xff", "application/pdf": b"%PDF-"}
_KEPT = "Berkas Anda yang lain tetap tersimpan."
_SENTENCES = {
    "empty": f"Berkas ini kosong. {_KEPT} Pilih berkas lain lalu unggah lagi.",
    "too_large": f"Berkas ini lebih besar dari 10 MB. {_KEPT} Ambil foto baru atau pindai dengan mutu lebih "
    "rendah, lalu unggah lagi.",
    "unknown_type": f"Jenis berkas ini tidak diterima. {_KEPT} Unggah foto (JPG, PNG, HEIC) atau PDF.",
    "image_unreadable": f"Foto ini tidak bisa dibaca. {_KEPT} Ambil foto baru lalu unggah lagi.",
    "image_too_many_pixels": f"Ukuran foto ini terlalu besar untuk diolah. {_KEPT} Ambil foto baru dengan "
    "resolusi lebih rendah lalu unggah lagi.",
    "image_too_heavy": f"Foto ini disimpan dengan cara yang tidak bisa diolah. {_KEPT} Ambil foto baru lalu "
    "unggah lagi.",
    "image_animated": f"Gambar bergerak tidak diterima. {_KEPT} Unggah satu foto diam.",
    "pdf_unreadable": f"PDF ini rusak atau terpotong. {_KEPT} Buat ulang PDF-nya atau unggah fotonya.",
    "pdf_trailing": f"PDF ini tercampur dengan data lain. {_KEPT} Buka PDF-nya, simpan ulang dengan "
    '"Cetak ke PDF", lalu unggah lagi.',
    "pdf_encrypted": f"PDF ini dikunci dengan kata sandi. {_KEPT} Simpan ulang tanpa kata sandi lalu unggah lagi.",
    "pdf_too_many_pages": f"PDF ini lebih dari 200 halaman. {_KEPT} Pilih halaman yang diperlukan saja lalu "
    "unggah lagi.",
    "pdf_too_heavy": f"Isi PDF ini terlalu besar untuk diolah. {_KEPT} Pindai ulang dengan mutu lebih rendah "
    "(misalnya 300 dpi) lalu unggah lagi.",
    "pdf_image_too_large": f"Gambar di dalam PDF ini terlalu besar. {_KEPT} Pindai ulang dengan mutu lebih "
    "rendah (misalnya 300 dpi) lalu unggah lagi.",
    "pdf_xfa": f"PDF ini berupa formulir isian yang tidak bisa dibaca di sini. {_KEPT} Buka PDF-nya, simpan "
    'ulang dengan "Cetak ke PDF", lalu unggah lagi.',
    "pdf_portfolio": f"PDF ini hanya pembungkus berkas lain. {_KEPT} Unggah setiap berkas di dalamnya satu per satu.",
    "too_heavy": f"Berkas ini terlalu berat untuk diolah. {_KEPT} Ambil foto baru atau pindai ulang dengan mutu "
    "lebih rendah, lalu unggah lagi.",
    "busy": f"Server sedang mengolah berkas lain. {_KEPT} Tunggu satu menit lalu unggah lagi.",
}


def sentence(code: str) -> str:
    """What a person is told for a code: for who refuses before the bytes are here."""
    return _SENTENCES[code]


class UploadRefused(Exception):
    """The upload is not kept. `sentence` is for the person; `code` is for tests, logs and the view's status.

    The code `busy` says nothing against the file: the one place for heavy work was taken.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Rebuilt:
    content: bytes
    content_type: ContentType
    pages: int
    width: int | None  # of an image; None for a PDF
    height: int | None
    preview: bytes | None  # small JPEG of the image or of the first page
    sha256: str  # of content, in hexadecimal


def rebuild(content: bytes | IO[bytes], *, lock_path: Path) -> Rebuilt:
    """Return a new file drawn from `content`; nothing of the old bytes but the picture survives.

    content: bytes, or a file; what lies in a file of this machine is never read into this process.
    lock_path: the file that processes of this dyno share, so that heavy work runs one at a time.
    Raises UploadRefused, or ChildError when our own machinery is broken (never the file's fault).
    """
    size = len(content) if isinstance(content, bytes) else content.seek(0, os.SEEK_END)
    if not size:
        raise _refused("empty")
    if size > MAX_UPLOAD_BYTES:
        raise _refused("too_large")
    try:
        block = run_child(
            _SCRIPT, _readable(content), seconds=WALL_SECONDS, cpu_seconds=CPU_SECONDS, memory_mb=MEMORY_MB,
            lock_path=lock_path, wait_seconds=WAIT_SECONDS,
        )  # fmt: skip
    except ChildRefused as refusal:
        raise _refused(str(refusal).splitlines()[-1]) from refusal
    except HeavyWorkBusy as error:
        raise _refused("busy") from error
    except ChildError as error:
        if _hit_a_limit(error):
            raise _refused("too_heavy") from error
        raise
    return read_block(block)


def _readable(content: bytes | IO[bytes]) -> bytes | IO[bytes]:
    """The file itself where the child can read it, else its bytes."""
    if isinstance(content, bytes):
        return content
    try:
        content.fileno()  # a file kept in memory until now goes to disk here
    except OSError:
        content.seek(0)
        return content.read()
    content.flush()
    return content


def read_block(block: bytes) -> Rebuilt:
    """Read the child's answer. The child met a stranger's file, so its answer is checked like one."""
    try:
        (length,) = struct.unpack_from(">I", block)
        header = json.loads(block[4 : 4 + length])
        start = 4 + length
        middle = start + int(header["content"])
        content, preview = block[start:middle], block[middle:]
        content_type = str(header["type"])
        sound = (
            content.startswith(_MAGIC[content_type])
            and preview.startswith(_MAGIC["image/jpeg"])
            and len(preview) == int(header["preview"])
        )
        pages, width, height = int(header["pages"]), header["width"], header["height"]
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise ChildError("rebuild answered with something else") from error
    if not sound:
        raise ChildError("rebuild answered with something else")
    return Rebuilt(
        content=content,
        content_type=cast(ContentType, content_type),
        pages=pages,
        width=None if width is None else int(width),
        height=None if height is None else int(height),
        preview=preview,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _refused(code: str) -> UploadRefused:
    known = code if code in _SENTENCES else "too_heavy"
    return UploadRefused(known, _SENTENCES[known])


def _hit_a_limit(error: ChildError) -> bool:
    # Wall clock, or a signal (CPU limit, a crash of the decoder). Another exit code is a fault of ours,
    # such as a missing library, and must not be blamed on the person's file.
    return isinstance(error.__cause__, subprocess.TimeoutExpired) or " ended with -" in str(error)
