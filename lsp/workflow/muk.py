"""What each instrument of the MUK is made of (forms 7): its rows, what stands above them, and who reads it.

FR.IA.08 is not here: it asks nothing of its own, its words are a FormTemplate.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp.models import Instrument
from lsp.vocabulary import InstrumentPaper, ItemKind

P, K = InstrumentPaper, ItemKind


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadField:
    """Something that stands above the rows. lines: of its field, one is a single line; minutes are a number."""

    key: str
    label: str
    hint: str = ""
    lines: int = 1
    needed: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an instrument is written. key, options: what these are called here; empty where it has none."""

    #: In a sentence for the admin: what is written here, and who uses it.
    about: str
    kinds: tuple[ItemKind, ...]
    text: str
    head: tuple[HeadField, ...] = ()
    key: str = ""
    key_needed: bool = False
    options: str = ""
    least_options: int = 0
    #: The key is the letter of one of the options.
    key_is_letter: bool = False
    names_kuk: bool = False
    rows_needed: bool = True
    #: The asesi reads it himself; other instruments are read to him or are about him.
    asesi_reads: bool = False
    #: A question about an elemen is asked only where FR.IA.08 ticks that elemen.
    by_elemen: bool = False


def _minutes(label: str = "Waktu (menit)", key: str = "minutes") -> HeadField:
    return HeadField(key=key, label=label, is_number=True, needed=True)


_SCENARIO = "Tulis seperti yang dibaca asesi."

SHAPES: dict[InstrumentPaper, Shape] = {
    P.CL: Shape(
        about="Standar industri atau tempat kerja untuk tiap KUK. Asesor mencentang ya atau tidak saat mengamati.",
        kinds=(K.STANDARD,), text="Standar", names_kuk=True,
    ),
    P.TPD: Shape(
        about="Tugas praktik yang dibaca dan dikerjakan asesi.",
        kinds=(K.INSTRUCTION,), text="Instruksi kerja", rows_needed=False, asesi_reads=True,
        head=(
            HeadField(key="scenario", label="Skenario", hint=_SCENARIO, lines=6, needed=True),
            HeadField(key="equipment", label="Perlengkapan dan peralatan", lines=3, needed=True),
            _minutes(),
        ),
    ),
    P.PMO: Shape(
        about="Pertanyaan yang diajukan asesor sebelum, saat, atau sesudah pengamatan.",
        kinds=(K.QUESTION,), text="Pertanyaan", key="Tanggapan yang diharapkan",
    ),
    P.DIT_A: Shape(
        about="Proyek singkat atau kegiatan terstruktur yang disiapkan dan dipresentasikan asesi.",
        kinds=(K.INSTRUCTION,), text="Instruksi", rows_needed=False, asesi_reads=True,
        head=(
            HeadField(
                key="scenario", label="Yang harus disiapkan, dilakukan, atau dihasilkan", hint=_SCENARIO, lines=6,
                needed=True,
            ),
            _minutes("Waktu menyiapkan (menit)"),
            HeadField(key="show", label="Yang perlu didemonstrasikan", hint=_SCENARIO, lines=4, needed=True),
            _minutes("Waktu demonstrasi (menit)", "show_minutes"),
        ),
    ),
    P.DIT_B: Shape(
        about="Lingkup penyajian dan daftar pertanyaannya. Asesor menilai presentasi asesi.",
        kinds=(K.ASPECT,), text="Lingkup penyajian", options="Pertanyaan",
        head=(HeadField(key="title", label="Judul kegiatan terstruktur", needed=True),),
    ),
    P.DPT_PG: Shape(
        about="Soal pilihan ganda. Kuncinya satu huruf dan tidak pernah ditampilkan kepada asesi.",
        kinds=(K.QUESTION,), text="Pertanyaan", key="Kunci", key_needed=True, options="Pilihan", least_options=2,
        key_is_letter=True, asesi_reads=True, head=(_minutes(),),
    ),
    P.DPT_ESAI: Shape(
        about="Soal esai. Kuncinya tidak pernah ditampilkan kepada asesi.",
        kinds=(K.QUESTION,), text="Pertanyaan", key="Kunci jawaban", key_needed=True, asesi_reads=True,
        head=(_minutes(),),
    ),
    P.DPL: Shape(
        about="Pertanyaan lisan dan kuncinya. Asesor membacakannya dan mencatat jawaban asesi.",
        kinds=(K.QUESTION,), text="Pertanyaan", key="Kunci jawaban", key_needed=True,
    ),
    P.PW: Shape(
        about="Pertanyaan wawancara. Asesor menambahnya dari daftar FR.IA.08 dan boleh mengubah kalimatnya.",
        kinds=(K.QUESTION,), text="Pertanyaan", key="Jawaban yang diharapkan", by_elemen=True,
    ),
    P.VPK: Shape(
        about="Tambahan pada pertanyaan baku FR.IA.10, sesuai pekerjaan. Dijawab pihak ketiga; asesi tidak membacanya.",
        kinds=(K.STATEMENT, K.OPEN), text="Pernyataan atau pertanyaan",
    ),
    P.CRP: Shape(
        about="Produk yang ditinjau dan aspek penilaiannya. Asesor mencentang ya atau tidak.",
        kinds=(K.ASPECT,), text="Spesifikasi atau performa", options="Rincian",
        head=(
            HeadField(key="product", label="Nama produk", needed=True),
            HeadField(key="standard", label="Standar industri atau tempat kerja", lines=2, needed=True),
            HeadField(key="general", label="Spesifikasi umum (dimensi, bahan, berat)", lines=3),
            HeadField(key="technical", label="Spesifikasi teknis", lines=3),
            HeadField(key="used_since", label="Tanggal pengoperasian atau penggunaan"),
        ),
    ),
}  # fmt: skip


def shape_of(instrument: Instrument) -> Shape:
    return SHAPES[instrument.paper]
